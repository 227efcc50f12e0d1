/** Which tags of a repository: attribute `Tags` of a row. Applied in the order semver, include, exclude, latest; then `min`. */
export interface TagSelection {
  /** Globs, of which a tag must match one. @default - all tags */
  readonly include?: readonly string[];
  /** Globs, of which a tag must match none. @default - none */
  readonly exclude?: readonly string[];
  /** A semver range; tags that are no version are dropped. @default - no condition */
  readonly semver?: string;
  /** Only the newest so many by version. @default - all */
  readonly latest?: number;
  /** Fewer selected tags than this is an error. @default - no such guard */
  readonly min?: number;
}
