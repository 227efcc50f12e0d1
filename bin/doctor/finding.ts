import { EngineError, reason } from '../../engine/errors';
import type { ErrorCode } from '../../lib/model/error-code';
import { DOCTOR_CODES, type DoctorCode } from './codes';

/** One thing that was looked at. */
export interface Finding {
  readonly code: DoctorCode;
  /** `unknown`: it could not be looked at, for the reason that is said. */
  readonly verdict: 'ok' | 'warning' | 'error' | 'unknown';
  /** A registry, a repository, a role, a row. */
  readonly place: string;
  /** One line. */
  readonly saw: string;
  /** What would do about it; of an error or a warning always. */
  readonly remedy?: string;
  /** What the error that was met is called in the catalogue. */
  readonly errorCode?: ErrorCode;
}

export function ok(code: DoctorCode, place: string, saw: string): Finding {
  return { code, verdict: 'ok', place, saw };
}

export function warning(code: DoctorCode, place: string, saw: string, remedy = remedyOf(code)): Finding {
  return { code, verdict: 'warning', place, saw, remedy };
}

export function wrong(code: DoctorCode, place: string, saw: string, remedy = remedyOf(code)): Finding {
  return { code, verdict: 'error', place, saw, remedy };
}

export function unknown(code: DoctorCode, place: string, why: string): Finding {
  return { code, verdict: 'unknown', place, saw: `not checked: ${why}` };
}

/** An error as a finding: its message says what was got, and behind a semicolon what would do. */
export function wrongBy(code: DoctorCode, place: string, cause: unknown): Finding {
  const [saw, remedy] = partsOf(cause, place);
  return { ...wrong(code, place, saw, remedy), ...codeOf(cause) };
}

/** An error as the reason why something could not be looked at. */
export function unknownBy(code: DoctorCode, place: string, cause: unknown): Finding {
  return { ...unknown(code, place, whyOf(cause, place)), ...codeOf(cause) };
}

/** The line of an error, without the place if that begins it. */
export function whyOf(cause: unknown, place = ''): string {
  return partsOf(cause, place)
    .filter((part) => part !== undefined)
    .join('; ');
}

export function codeOf(cause: unknown): Pick<Finding, 'errorCode'> {
  return cause instanceof EngineError ? { errorCode: cause.code } : {};
}

/** A place that begins the message is not said twice. */
function partsOf(cause: unknown, place: string): readonly [saw: string, remedy?: string] {
  const message = lineOf(cause);
  const bare = message.startsWith(`${place}: `) ? message.slice(place.length + 2) : message;
  const semicolon = bare.indexOf('; ');
  return semicolon < 0 ? [bare] : [bare.slice(0, semicolon), bare.slice(semicolon + 2)];
}

/** What the SDK throws has its name said too. */
function lineOf(cause: unknown): string {
  const ofSdk = cause instanceof Error && '$metadata' in cause;
  return ofSdk ? `${cause.name}: ${cause.message}` : reason(cause);
}

function remedyOf(code: DoctorCode): string {
  return DOCTOR_CODES[code].remedy;
}
