import type { Platform } from './descriptor';
import type { Digest } from './digest';
import type { ErrorCode } from './error-code';
import type { Reference } from './reference';

/** State of a copy in the table of copies. */
export type CopyState =
  | 'Queued'
  | 'Copying'
  | 'Mirrored'
  | 'Failed'
  | 'Invalid'
  | 'Conflict'
  | 'Quarantined'
  | 'Retired';

/** How one destination of a copy ended. */
export interface Outcome {
  readonly source: Reference & { readonly digest: Digest };
  readonly destination: Reference;
  readonly state: Extract<CopyState, 'Mirrored' | 'Failed' | 'Conflict' | 'Quarantined'>;
  /** What the destination's tag holds now. @default - the source's digest */
  readonly digest?: Digest;
  /** Which part of the source's image that is. Present when `Mirrored`. @default - all of it */
  readonly platforms?: readonly Platform[];
  /** Whether images with the same configs count as the same. Present when `Mirrored`. @default - they do not */
  readonly compare?: 'config';
  /**
   * The tag that was written in place of the destination's, which is immutable and holds another digest. Of a conflict: that tag
   * is taken, too.
   *
   * @default - the destination's own
   */
  readonly tag?: string;
  /** The tag under which the digest is kept that the destination's tag had. @default - it had none, or it is not kept */
  readonly kept?: string;
  /**
   * What verification found lacking there, a line each, the first of many; all of it was sent again when `Mirrored`. Empty: the
   * image was found whole. @default - it was not verified
   */
  readonly lacks?: readonly string[];
  /** Bytes sent to this destination. */
  readonly bytes: number;
  readonly seconds: number;
  /** One line: side, operation, what was got, what would do. Present unless `Mirrored`. */
  readonly error?: string;
  /** What the error is called. Present unless `Mirrored`. */
  readonly code?: ErrorCode;
  /** What a shell does with a failure. Present when `Failed`. */
  readonly cause?: FailureCause;
}

/**
 * What a failure asks for. `usage` and `denied` do not go away by trying again; `unavailable` may.
 * `stopped`: told to stop, or its lease was taken over. `put-off`: no pulls of the source are left for now.
 */
export type FailureCause = 'usage' | 'denied' | 'unavailable' | 'stopped' | 'put-off' | 'internal';

/** Exit codes of the worker and the command line (sysexits where it has them). */
export const ExitCode = {
  OK: 0,
  /** Some copies failed. */
  FAILED: 1,
  /** `plan --detailed-exitcode`: there is something to copy. */
  CHANGES: 2,
  /** Usage or data: trying again will not help. */
  USAGE: 64,
  /** A registry or service is unavailable. */
  UNAVAILABLE: 69,
  /** A fault of our own. */
  INTERNAL: 70,
  /** Stopped before the end: run it again. */
  TRY_AGAIN: 75,
  /** Credentials or permissions. */
  DENIED: 77,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

const EXIT_CODES: Readonly<Record<FailureCause, ExitCode>> = {
  usage: ExitCode.USAGE,
  denied: ExitCode.DENIED,
  unavailable: ExitCode.UNAVAILABLE,
  stopped: ExitCode.TRY_AGAIN,
  'put-off': ExitCode.TRY_AGAIN,
  internal: ExitCode.INTERNAL,
};

/** With what a program exits that failed for this cause alone. */
export function exitCodeOf(cause: FailureCause): ExitCode {
  return EXIT_CODES[cause];
}
