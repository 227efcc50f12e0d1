/**
 * Names of all that can go wrong. They are stable: scripts and people's notes go by them. What each means and what to do about it is
 * in `errors/`, which only those load who are asked.
 */
export type ErrorCode = RegistryCode | NetworkCode | ContentCode | RowCode | DeployedCode | JobCode | CommandCode;

/** What registries answer. */
export type RegistryCode =
  | 'AUTH_REQUIRED'
  | 'AUTH_DENIED'
  | 'CREDENTIAL_UNAVAILABLE'
  | 'IMAGE_MISSING'
  | 'REPOSITORY_MISSING'
  | 'TAG_IMMUTABLE'
  | 'RATE_LIMITED'
  | 'PULLS_EXHAUSTED'
  | 'REGISTRY_FAILED'
  | 'REQUEST_REFUSED'
  | 'TRANSFER_INTERRUPTED'
  | 'ANSWER_UNUSABLE';

/** On the way to them. */
export type NetworkCode =
  | 'HOST_UNKNOWN'
  | 'UNREACHABLE'
  | 'CERTIFICATE_UNTRUSTED'
  | 'TLS_MISSING'
  | 'ADDRESS_REFUSED'
  | 'PLAIN_HTTP_REFUSED'
  | 'REDIRECT_REFUSED';

/** About images. */
export type ContentCode =
  | 'CONTENT_MISMATCH'
  | 'CONTENT_MISSING'
  | 'CONTENT_LACKING'
  | 'MANIFEST_UNSUPPORTED'
  | 'DIGEST_UNSUPPORTED'
  | 'PLATFORM_MISSING'
  | 'TOO_LARGE'
  | 'UNSIGNED'
  | 'REFERRERS_CONTENDED'
  | 'LAYOUT_INVALID'
  | 'STORAGE_FAILED';

/** About rows, and copies as `status` sees them. */
export type RowCode =
  | 'ROW_INVALID'
  | 'NOT_ALLOWED'
  | 'DESTINATION_CONTESTED'
  | 'NOTHING_SELECTED'
  | 'SELECTION_TOO_LARGE'
  | 'TOO_YOUNG'
  | 'KEPT_TAG_TAKEN'
  | 'IMAGE_REMOVED'
  | 'NEVER_MIRRORED'
  | 'NOT_LOOKED_AT'
  | 'STALE';

/** What AWS answers, and what becomes of a deployed mirror. */
export type DeployedCode =
  | 'AWS_CREDENTIALS'
  | 'AWS_DENIED'
  | 'AWS_THROTTLED'
  | 'AWS_UNAVAILABLE'
  | 'AWS_REFUSED'
  | 'SECRET_INVALID'
  | 'CONTROLLER_FAILED'
  | 'CONTROLLER_SILENT'
  | 'WEBHOOK_REFUSED';

/** What becomes of jobs of AWS Batch. */
export type JobCode =
  | 'JOB_FAILED'
  | 'JOB_TIMED_OUT'
  | 'JOB_OUT_OF_MEMORY'
  | 'JOB_IMAGE_UNAVAILABLE'
  | 'JOB_NOT_STARTED'
  | 'JOB_INTERRUPTED'
  | 'JOB_CANCELLED'
  | 'QUEUE_BLOCKED';

/** What was asked for, and how it ended. */
export type CommandCode =
  | 'USAGE'
  | 'VALUE_INVALID'
  | 'FILE_FAILED'
  | 'PROPS_INVALID'
  | 'OVERTAKEN'
  | 'STOPPED'
  | 'INTERNAL';
