import { ExitCode, exitCodeOf, type FailureCause } from '../lib/model/outcome';

/** How copies ended: undefined for success. A conflict and a quarantine are not for a job to try again. */
export type Ending = FailureCause | 'conflict' | 'quarantined' | undefined;

/** Stopped: run it again. All failed, and for one cause: that cause's. Some failed: 1. */
export function exitCodeFor(endings: readonly Ending[]): ExitCode {
  const failures = endings.filter((ending) => ending !== undefined);
  if (failures.length === 0) return ExitCode.OK;
  if (failures.includes('stopped')) return ExitCode.TRY_AGAIN;
  // Trying again at once helps none of these, whatever became of the others.
  if (failures.every((failure) => failure === 'quarantined')) return ExitCode.DENIED;
  const [cause] = failures;
  const alike = failures.length === endings.length && failures.every((failure) => failure === cause);
  const isForPeople = cause === undefined || cause === 'conflict' || cause === 'quarantined';
  return alike && !isForPeople ? exitCodeOf(cause) : ExitCode.FAILED;
}
