/** Names that the construct, the controller, the worker and the local stack share. Each has its one home here. */

/** Environment variables of the controller and the worker. */
export const Env = {
  MIRRORS_TABLE: 'MIRRORS_TABLE',
  COPIES_TABLE: 'COPIES_TABLE',
  /** ARN or name of the Batch job queue and job definition (controller only). */
  JOB_QUEUE: 'JOB_QUEUE',
  JOB_DEFINITION: 'JOB_DEFINITION',
  /** Name of the controller, for what starts it at deployment. */
  CONTROLLER_FUNCTION: 'CONTROLLER_FUNCTION',
  /** Name of the SSM parameter that holds `MirrorSettings` as JSON. */
  SETTINGS_PARAMETER: 'SETTINGS_PARAMETER',
  /**
   * JSON object from registry to base URL, for a registry that is reached at another address than its name says. Trusted:
   * the host and port named here may be plain http and private. Used by the local stack.
   */
  REGISTRY_ENDPOINTS: 'REGISTRY_ENDPOINTS',
} as const;

/** Outputs of the stack by which the command line finds a deployed mirror: ids in the construct's own scope. */
export const OutputName = {
  MIRRORS: 'MirrorsTable',
  COPIES: 'CopiesTable',
  CONTROLLER: 'ControllerFunction',
  SETTINGS: 'SettingsParameter',
} as const;

/** Parameters of the Batch job definition, and what stands for "not given". */
export const JobParameter = { PLAN: 'plan', SOURCE: 'source', DEST: 'dest' } as const;
export const NO_VALUE = '-';

/** What the job definition runs, in the image's working directory. */
export const WORKER_COMMAND: readonly string[] = [
  'node',
  'worker.js',
  '--plan',
  'Ref::plan',
  '--source',
  'Ref::source',
  '--dest',
  'Ref::dest',
];

/** Attributes of the table of copies. Its keys are `Source` (canonical) and `Destination` (canonical, or one of the below). */
export const CopyAttribute = {
  SOURCE: 'Source',
  DESTINATION: 'Destination',
  STATE: 'State',
  DIGEST: 'Digest',
  /** What the mirror itself put there last: `Digest` may have been put there by others. */
  PUSHED_DIGEST: 'PushedDigest',
  SOURCE_DIGEST: 'SourceDigest',
  /** Which part of the source `Digest` is: `linux/amd64,linux/arm64`. Absent: all of it. */
  PLATFORMS: 'Platforms',
  /** `config`: `Digest` counts as `SourceDigest`, or as a part of it, because their configs are the same. */
  COMPARE: 'Compare',
  LAST_MIRRORED: 'LastMirrored',
  LAST_CHECKED: 'LastChecked',
  /** When it was last proven to be whole at the destination (ISO 8601). */
  LAST_VERIFIED: 'LastVerified',
  /** What had to be sent again for that; absent when it was whole. */
  REPAIRED: 'Repaired',
  /** What verification found lacking and could not send again; absent once it is whole. */
  LACKS: 'Lacks',
  BYTES: 'Bytes',
  SECONDS: 'Seconds',
  JOB: 'Job',
  /** The job that is over with this failure: when it is `Job`, nothing tries again until a run does. */
  ENDED_JOB: 'EndedJob',
  LEASE: 'Lease',
  FAILURES: 'Failures',
  ERROR: 'Error',
  /** What the error is called, in the catalogue of errors. */
  CODE: 'Code',
  /** When the destination was first found not to be what its source is (ISO 8601); absent while it is. */
  STALE_SINCE: 'StaleSince',
  /** How often the image was found to be gone while its source was the same, when last, and what the count is about. */
  REMOVALS: 'Removals',
  LAST_REMOVED: 'LastRemoved',
  REMOVAL: 'Removal',
  /** What was asked of the signatures of which digest, how often in vain, and when it is asked again. */
  QUARANTINE: 'Quarantine',
  /** Keys of the rows that wanted the copy when it was last planned: only what a row has wanted is ever pruned. */
  ROWS: 'Rows',
  /** Epoch seconds; DynamoDB's TTL. */
  EXPIRES: 'Expires',
  /** JSON of a chunk of a work list. */
  WORK: 'Work',
  /** The tag that was written in place of the destination's, which is immutable and holds another image. */
  TAG: 'Tag',
  /** The tag under which the image is kept that the destination's tag held before. */
  KEPT: 'Kept',
  /** Digests that a reference of a source stood for, and since when each is known. */
  SEEN: 'Seen',
  /** How often that was written. */
  VERSION: 'Version',
} as const;

/** Sort key of the item that concerns a row itself, such as `Invalid`. Its `Source` is the row's key. */
export const ROW_ITEM = '-';

/** Sort key of what a reference of a source stood for. Its `Source` is the reference. */
export const SEEN_ITEM = 'seen';

/** Partition key of runs; the sort key begins with when the run started (ISO 8601). */
export const RUN_ITEM = 'run';

/** Partition key of a budget: what is left of a registry's quota. The sort key is {@link ROW_ITEM}. */
export function rateKey(quota: string): string {
  return `rate#${quota}`;
}

/** Partition key of repositories that a worker has begun to create; the sort key is their canonical name. */
export const REPOSITORIES_ITEM = 'repositories';

/** Partition key of a work list; the sort key is {@link workKey}. */
export function planKey(plan: string): string {
  return `plan#${plan}`;
}

/** Sort key of one chunk of the work of one array child (`group`). */
export function workKey(group: number, chunk: number): string {
  return `${workPrefix(group)}${String(chunk).padStart(5, '0')}`;
}

/** What the sort keys of a group's chunks begin with. */
export function workPrefix(group: number): string {
  return `${String(group).padStart(5, '0')}#`;
}
