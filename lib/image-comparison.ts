/** When an image that a destination holds counts as the source's. */
export enum ImageComparison {
  /** When their manifests are the same, to the byte. */
  MANIFEST = 'manifest',

  /**
   * When their configs are the same, those of all platforms: what another tool has pushed there in Docker's types or OCI's, or
   * compressed otherwise, is left as it is.
   */
  CONFIG = 'config',
}
