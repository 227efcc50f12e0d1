/** Who creates the repositories that rows are mirrored into, beside those of images declared in the construct. */
export enum RepositoryCreation {
  /** Nobody: a row whose repository is missing fails, saying so. */
  DECLARED = 'declared',

  /**
   * Amazon ECR, by a creation template for each prefix, when something is first pushed. Whether images are scanned is then the
   * registry's setting. In the stack's account and region alone.
   */
  ON_PUSH = 'on-push',

  /**
   * The worker, with all of `repositoryDefaults`, under the prefixes: in the stack's account and in those of `accountRoles`, in
   * every region that rows may copy to. The worker may create repositories and set their policies there; what it created stays
   * when the stack is removed, and as it is when the settings change.
   */
  BY_WORKER = 'by-worker',
}
