import { type EngineError, RegistryError, reason } from '../engine/errors';
import type { ErrorCode } from '../lib/model/error-code';
import type { FailureCause } from '../lib/model/outcome';

/** What an AWS service's error asks for, as one of ours: `what: Name: message`. */
export function awsFailure(what: string, cause: unknown, remedy?: string): EngineError {
  const name = cause instanceof Error && cause.name !== 'Error' ? `${cause.name}: ` : '';
  const status = statusOf(cause);
  const message = `${what}: ${name}${reason(cause)}${remedy === undefined ? '' : `; ${remedy}`}`;
  const isWithoutRegion = cause instanceof Error && cause.message === 'Region is missing';
  const code = isWithoutRegion ? 'AWS_REFUSED' : codeOfAws(cause instanceof Error ? cause.name : '', status);
  return new RegistryError(code, message, { status }, FAILURES[code], { cause });
}

const FAILURES = {
  AWS_CREDENTIALS: 'denied',
  AWS_DENIED: 'denied',
  AWS_THROTTLED: 'unavailable',
  AWS_UNAVAILABLE: 'unavailable',
  AWS_REFUSED: 'usage',
} satisfies Partial<Record<ErrorCode, FailureCause>>;

const NOT_TAKEN =
  /UnrecognizedClient|ExpiredToken|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch|RequestExpired|CredentialsProviderError|TokenProviderError/;

function codeOfAws(name: string, status: number): keyof typeof FAILURES {
  if (NOT_TAKEN.test(name)) return 'AWS_CREDENTIALS';
  if (/AccessDenied/.test(name)) return 'AWS_DENIED';
  if (/Throttl|TooManyRequests/.test(name)) return 'AWS_THROTTLED';
  if (status === 0 || status >= 500) return 'AWS_UNAVAILABLE';
  return status === 403 ? 'AWS_DENIED' : 'AWS_REFUSED';
}

function statusOf(cause: unknown): number {
  const metadata = (cause as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata;
  return metadata?.httpStatusCode ?? 0;
}
