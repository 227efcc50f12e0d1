import { parseEcrHost } from '../../lib/model/ecr-host';
import type { ErrorCode } from '../../lib/model/error-code';
import { printable, show } from '../../lib/model/invalid';
import type { FailureCause } from '../../lib/model/outcome';
import { EngineError, MissingContent, NotFound, RegistryError, reason, TagImmutable } from '../errors';
import type { Answer } from './answer';
import { isTemporaryFailure, isTemporaryStatus, parseRetryAfter } from './retry';

const SHOWN = 300;

/** What a request was about, for the one line that a person reads. */
export interface Subject {
  /** `manifest docker.io/library/nginx:1.27`. */
  readonly operation: string;
  readonly registry: string;
}

/** The error for an answer that is not the one hoped for. @param now milliseconds since the epoch, to read `Retry-After` */
export function failure(subject: Subject, answer: Answer, now = Date.now()): RegistryError {
  const { status } = answer;
  const [code, message] = errorOf(answer);
  const text = `${subject.operation}: ${[status, code, message].filter((part) => part !== undefined).join(' ')}`;
  const retryAfter = parseRetryAfter(answer.headers['retry-after'], now);
  const details = {
    status,
    ...(code === undefined ? {} : { code }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
  const line = `${text}${remedy(subject, answer, code)}`;
  if (status === 404) return new NotFound(line, details);
  return new RegistryError(codeOfAnswer(answer), line, details, causeOf(status));
}

/** The same for a manifest that was not taken: a tag that may not move and content that is missing have their own classes. */
export function pushFailure(subject: Subject, answer: Answer, tagged: boolean): RegistryError {
  const plain = failure(subject, answer);
  const [code, message = ''] = errorOf(answer);
  const { status } = answer;
  if (status < 400 || status >= 500) return plain;
  const immutable = code === 'TAG_INVALID' || status === 409 || /immutab|already exists/i.test(message);
  if (tagged && immutable && status !== 401 && status !== 404) {
    return new TagImmutable(`${plain.message}; the tag is immutable there`, plain.answer, 'usage');
  }
  if (isMissingContent(code, message)) return new MissingContent(plain.message, plain.answer, 'unavailable');
  return plain;
}

function isMissingContent(code: string | undefined, message: string): boolean {
  if (code === 'MANIFEST_BLOB_UNKNOWN' || code === 'BLOB_UNKNOWN') return true;
  if (code === 'NAME_UNKNOWN') return false;
  return (
    code === 'MANIFEST_UNKNOWN' || /layers?[\W_]*not[\W_]*found|blob unknown|do not exist/i.test(`${code} ${message}`)
  );
}

/** The error for a request that got no answer. Errors of our own pass as they are. */
export function connectionFailure(subject: Subject, host: string, cause: unknown): unknown {
  if (cause instanceof EngineError) return cause;
  const code = nodeCode(cause);
  // A fault in our own code, or what a stream to be sent has thrown, is not the connection's.
  if (code === undefined) return cause;
  const text = `${subject.operation}: no answer from ${host}: ${describe(code, reason(cause))}`;
  return new RegistryError(codeOfConnection(code), text, { status: 0 }, unreachable(code, cause), { cause });
}

function nodeCode(cause: unknown): string | undefined {
  const { code, errors } = (cause ?? {}) as { code?: unknown; errors?: unknown[] };
  return typeof code === 'string' ? code : Array.isArray(errors) ? nodeCode(errors[0] ?? {}) : undefined;
}

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_|TLS_CERT/;
const NO_TLS: ReadonlySet<string> = new Set([
  'EPROTO',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
]);

function codeOfConnection(code: string): ErrorCode {
  if (code === 'ENOTFOUND') return 'HOST_UNKNOWN';
  if (CERTIFICATE.test(code)) return 'CERTIFICATE_UNTRUSTED';
  if (NO_TLS.has(code)) return 'TLS_MISSING';
  return code.startsWith('HPE_') || code === 'ERR_MALFORMED_ANSWER' ? 'ANSWER_UNUSABLE' : 'UNREACHABLE';
}

function unreachable(code: string, cause: unknown): FailureCause {
  return CERTIFICATE.test(code)
    ? 'denied'
    : code === 'ENOTFOUND' || isTemporaryFailure(cause)
      ? 'unavailable'
      : 'usage';
}

function describe(code: string, said: string): string {
  if (code === 'ENOTFOUND') return 'no such host; check its spelling';
  if (CERTIFICATE.test(code)) {
    return `its certificate is not trusted (${code}); name the authority that issued it (--ca or NODE_EXTRA_CA_CERTS)`;
  }
  if (NO_TLS.has(code)) {
    return 'it does not speak TLS; name it as a plain http host if it is meant (--plain-http)';
  }
  if (code === 'ECONNREFUSED') return 'ECONNREFUSED (connection refused); check the address and the port';
  if (code === 'HPE_HEADER_OVERFLOW') return 'its headers are too long';
  const message = printable(said === '' ? code : said);
  return message.length > SHOWN ? `${message.slice(0, SHOWN)}…` : message;
}

function codeOfAnswer({ status, anonymous }: Answer): ErrorCode {
  if (status === 401 || status === 403) return anonymous ? 'AUTH_REQUIRED' : 'AUTH_DENIED';
  if (status === 429) return 'RATE_LIMITED';
  return status >= 500 || isTemporaryStatus(status) ? 'REGISTRY_FAILED' : 'REQUEST_REFUSED';
}

function causeOf(status: number): FailureCause {
  if (status === 401 || status === 403) return 'denied';
  return isTemporaryStatus(status) || status >= 500 ? 'unavailable' : 'usage';
}

function remedy({ registry }: Subject, answer: Answer, code: string | undefined): string {
  if (answer.status === 401 || answer.status === 403) {
    return answer.anonymous
      ? `; no credential for ${registry} was used: give one if it needs one, or check the name`
      : `; check the credential for ${registry}, what it may do, and the name`;
  }
  if (answer.status === 404) {
    if (code !== 'NAME_UNKNOWN') return '; nothing of that name is there: check the repository and the tag';
    return parseEcrHost(registry) === undefined ? '; the repository does not exist there' : `; ${REPOSITORY_FIRST}`;
  }
  // Amazon ECR answers so to some manifests with a subject.
  if (answer.status === 405)
    return '; the registry does not do that: if it is a referrer, go without (Referrers: false)';
  if (answer.status === 429) return '; the registry limits how much is asked of it: try later, or with a credential';
  if (answer.status >= 500) return '; that is the registry’s own trouble: try later';
  return '';
}

/** Other registries make a repository when something is pushed to it. */
const REPOSITORY_FIRST =
  'the repository does not exist there: declare its image in the construct (or create it), cover its name by a repository ' +
  'creation template (create on push), or let the worker create it (repositoryCreation)';

const CODE = /^[A-Z][A-Z0-9_]{2,63}$/;

/** Code and message of the first of the body's errors (distribution-spec v1.1, "Error Codes"); else what the body says. */
export function errorOf(answer: Pick<Answer, 'bytes'>): [code: string | undefined, message: string | undefined] {
  const text = Buffer.from(answer.bytes).toString('utf8').trim();
  if (text === '') return [undefined, undefined];
  const first = firstError(text);
  if (first === undefined) return [undefined, show(text.replace(/\s+/g, ' '))];
  const code = typeof first.code === 'string' && CODE.test(first.code) ? first.code : undefined;
  const message = typeof first.message === 'string' && first.message !== '' ? printable(first.message) : undefined;
  return [code, message !== undefined && message.length > SHOWN ? `${message.slice(0, SHOWN)}…` : message];
}

function firstError(text: string): { code?: unknown; message?: unknown } | undefined {
  try {
    const first = JSON.parse(text)?.errors?.[0];
    return typeof first === 'object' && first !== null ? first : undefined;
  } catch {
    return undefined;
  }
}
