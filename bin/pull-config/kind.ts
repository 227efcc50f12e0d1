import type { Place } from './place';

/** Files for whoever pulls, and what a person has to know about them. */
export interface PullConfig {
  readonly files: readonly File[];
  readonly notes: readonly string[];
}

export interface File {
  /** Relative: where it belongs on the machine, or what it is called. */
  readonly path: string;
  readonly text: string;
}

export interface PullOptions {
  /** Whether the source may be asked where a mirror does not answer. */
  readonly fallback: boolean;
  /** Registries to pull from, in the order in which they are asked. @default - the first of each row */
  readonly hosts?: readonly string[];
  /** Mirrors are asked for images by digest alone. */
  readonly digestsOnly: boolean;
  /** Of one's own, for what has metadata. */
  readonly labels: Readonly<Record<string, string>>;
  /** Annotated for Argo CD. */
  readonly argoCd: boolean;
}

export type Make = (places: readonly Place[], options: PullOptions) => PullConfig;

/** Who asks for an image by its source's name is given the credential of that name, if any: not that of the mirror. */
export const CREDENTIALS =
  'nodes look for a credential under the source’s name: one for the mirror’s registry has to be in the runtime’s own configuration';
