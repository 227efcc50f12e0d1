import type { RetrySettings } from './options';

const TEMPORARY_STATUS: ReadonlySet<number> = new Set([
  408, 425, 429, 499, 500, 502, 503, 504, 520, 521, 522, 523, 524, 527,
]);

const TEMPORARY_CODE: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENOTCONN',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_MALFORMED_ANSWER',
]);

/** Whether an answer of this status may be another one when asked again. */
export function isTemporaryStatus(status: number): boolean {
  return TEMPORARY_STATUS.has(status);
}

/** Whether a connection that failed so may work when it is tried again. */
export function isTemporaryFailure(cause: unknown): boolean {
  const { code, errors } = (cause ?? {}) as { code?: unknown; errors?: unknown };
  if (Array.isArray(errors) && errors.length > 0) return errors.some(isTemporaryFailure);
  // `HPE_INVALID_…`: what node:http, which speaks to proxies, could not parse.
  return typeof code === 'string' && (TEMPORARY_CODE.has(code) || code.startsWith('HPE_INVALID_'));
}

/**
 * Milliseconds until the next try: exponential with full jitter, or what the server asked for; never more than `maxDelay`.
 *
 * @param attempt the number of tries so far, from 1
 */
export function retryDelay(
  settings: Pick<RetrySettings, 'baseDelay' | 'maxDelay'>,
  attempt: number,
  retryAfter?: number,
  random: () => number = Math.random,
): number {
  if (retryAfter !== undefined) return Math.min(retryAfter, settings.maxDelay);
  return random() * Math.min(settings.maxDelay, settings.baseDelay * 2 ** Math.min(attempt - 1, 30));
}

/** `Retry-After` in milliseconds from now: seconds, or a date (RFC 9110, section 10.2.3). Undefined when it is neither. */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? '';
  if (/^[0-9]{1,9}$/.test(text)) return Number(text) * 1000;
  if (!/^[A-Z][a-z]{2,8},? /.test(text)) return undefined;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
