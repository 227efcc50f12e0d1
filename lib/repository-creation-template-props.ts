import type { CreatedRepositorySettings } from './mirror-repository';

/** What Amazon ECR creates repositories for. */
export enum TemplateAppliedFor {
  /** Something is pushed where there is no repository yet. */
  CREATE_ON_PUSH = 'CREATE_ON_PUSH',
  /** Something is pulled for the first time by a pull-through cache rule. */
  PULL_THROUGH_CACHE = 'PULL_THROUGH_CACHE',
  /** Something is replicated from another region or account. */
  REPLICATION = 'REPLICATION',
}

/** Which repositories Amazon ECR creates by a template, what for, and how they are kept. */
export interface RepositoryCreationTemplateProps extends CreatedRepositorySettings {
  /**
   * What the names of the repositories begin with; a slash after it is understood. `ROOT` is for every repository that no other
   * template is for; the longest prefix decides. A registry has one template for each prefix.
   */
  readonly prefix: string;

  /** What the repositories are created for: at least one. */
  readonly appliedFor: TemplateAppliedFor[];

  /**
   * For people who look at the template.
   *
   * @default 'Repositories of mirrored images'
   */
  readonly description?: string;
}
