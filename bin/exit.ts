import { EngineError, failureOf } from '../engine/errors';
import { InvalidValue, printable } from '../lib/model/invalid';
import { ExitCode, exitCodeOf } from '../lib/model/outcome';
import type { Io } from './io';
import { UsageError } from './usage';

/** Says why nothing was done, in one line, and gives the exit code. A stack trace only for a fault of ours, and when asked. */
export function fatal(error: unknown, debug: boolean, io: Pick<Io, 'stderr'>): ExitCode {
  const message = printable(error instanceof Error ? error.message : String(error));
  if (error instanceof UsageError || error instanceof InvalidValue) {
    io.stderr.write(`ecr-mirror: ${message}\n`);
    return ExitCode.USAGE;
  }
  const cause = failureOf(error);
  const ours = cause === 'internal' && !(error instanceof EngineError);
  const hint = ours && !debug ? ' (a fault of ecr-mirror; --debug shows where)' : '';
  io.stderr.write(`ecr-mirror: ${cause === 'stopped' ? 'stopped; run it again to go on' : message}${hint}\n`);
  if (debug && error instanceof Error) io.stderr.write(`${error.stack}\n`);
  return exitCodeOf(cause);
}
