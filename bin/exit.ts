import { codeOf, EngineError, failureOf } from '../engine/errors';
import type { ErrorCode } from '../lib/model/error-code';
import { InvalidValue, printable } from '../lib/model/invalid';
import { type ExitCode, exitCodeOf } from '../lib/model/outcome';
import type { Io } from './io';
import { tellJsonLine } from './json-line';
import { UsageError } from './usage';

/** What an error is called, whatever was thrown here. */
export function codeOfError(error: unknown): ErrorCode {
  return error instanceof UsageError ? error.code : codeOf(error);
}

/** How a failure is told. */
export interface Telling {
  /** With a stack trace, when it is a fault of ours. */
  readonly debug: boolean;
  /** As a JSON document on standard output, too. */
  readonly json: boolean;
}

/** Says why nothing was done, in one line, and gives the exit code. */
export function fatal(error: unknown, { debug, json }: Telling, io: Pick<Io, 'stdout' | 'stderr'>): ExitCode {
  const isUsage = error instanceof UsageError || error instanceof InvalidValue;
  const cause = isUsage ? 'usage' : failureOf(error);
  const code = codeOfError(error);
  const message = cause === 'stopped' ? 'stopped; run it again to go on' : messageOf(error);
  const ours = cause === 'internal' && !(error instanceof EngineError);
  const hint = ours && !debug ? ' (a fault of ecr-mirror; --debug shows where)' : '';
  if (json) tellJsonLine(io, 'error', { error: message, code, cause });
  io.stderr.write(`ecr-mirror: ${message}${hint} [${code}]\n`);
  if (debug && !isUsage && error instanceof Error) io.stderr.write(`${error.stack}\n`);
  return exitCodeOf(cause);
}

function messageOf(error: unknown): string {
  return printable(error instanceof Error ? error.message : String(error));
}
