import { type EngineError, RegistryError, reason } from '../engine/errors';
import type { FailureCause } from '../lib/model/outcome';

/** What an AWS service's error asks for, as one of ours: `what: Name: message`. */
export function awsFailure(what: string, cause: unknown, remedy?: string): EngineError {
  const name = cause instanceof Error && cause.name !== 'Error' ? `${cause.name}: ` : '';
  const status = statusOf(cause);
  const message = `${what}: ${name}${reason(cause)}${remedy === undefined ? '' : `; ${remedy}`}`;
  return new RegistryError(message, { status }, failureOfAws(cause, status), { cause });
}

function failureOfAws(cause: unknown, status: number): FailureCause {
  const name = cause instanceof Error ? cause.name : '';
  if (/AccessDenied|UnrecognizedClient|ExpiredToken|InvalidClientTokenId|CredentialsProviderError/.test(name))
    return 'denied';
  if (/Throttl|TooManyRequests/.test(name) || status === 0 || status >= 500) return 'unavailable';
  return status === 403 ? 'denied' : 'usage';
}

function statusOf(cause: unknown): number {
  const metadata = (cause as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata;
  return metadata?.httpStatusCode ?? 0;
}
