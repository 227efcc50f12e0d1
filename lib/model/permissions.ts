/**
 * What rows may ask for. Patterns are globs over canonical `registry/name`: `*` within a path component, `**` across;
 * `docker.io/library/*`, `123456789012.dkr.ecr.eu-west-1.amazonaws.com/mirror/**`.
 */
export interface Permissions {
  /** @default ['**'] */
  readonly sources: readonly string[];
  /** Where anything that `sources` allows may go. */
  readonly destinations: readonly string[];
  /** Declared pairs for pushing outward: only what matches `from` may go to what matches `to`. */
  readonly outward: readonly OutwardPair[];
}

export interface OutwardPair {
  readonly from: string;
  readonly to: string;
}
