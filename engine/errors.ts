import type { Descriptor } from '../lib/model/descriptor';
import type { ErrorCode } from '../lib/model/error-code';
import { InvalidValue, printable } from '../lib/model/invalid';
import type { FailureCause } from '../lib/model/outcome';

/** Every error that the engine raises on purpose. Each class says what whoever catches it should do. */
export abstract class EngineError extends Error {
  /** What it asks for: see {@link FailureCause}. */
  abstract readonly failure: FailureCause;
  /** Whether trying the same again later may succeed. */
  get temporary(): boolean {
    return this.failure === 'unavailable';
  }

  /** @param code what it is called, in the catalogue of errors */
  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(printable(message), options);
    this.name = new.target.name;
  }
}

/** A registry answered with an error (distribution-spec v1.1, "Error Codes"). */
export class RegistryError extends EngineError {
  readonly failure: FailureCause;
  constructor(
    code: ErrorCode,
    message: string,
    /** `status` 0: no answer. `code`: the first of the body's `errors[].code`, when it is one of the specification's. */
    readonly answer: RegistryAnswer,
    failure: FailureCause,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
    this.failure = failure;
  }
}

interface RegistryAnswer {
  readonly status: number;
  readonly code?: string;
  readonly retryAfter?: number;
}

/** The manifest, blob or repository is not there. */
export class NotFound extends RegistryError {
  constructor(message: string, answer: RegistryAnswer, failure: FailureCause = 'usage') {
    super(answer.code === 'NAME_UNKNOWN' ? 'REPOSITORY_MISSING' : 'IMAGE_MISSING', message, answer, failure);
  }
}

/** The tag is immutable and taken; whether by the same digest is the caller's to find out. */
export class TagImmutable extends RegistryError {
  constructor(message: string, answer: RegistryAnswer, failure: FailureCause) {
    super('TAG_IMMUTABLE', message, answer, failure);
  }
}

/** The destination does not hold something that a manifest names; `RegistryError.answer.code` is MANIFEST_BLOB_UNKNOWN or alike. */
export class MissingContent extends RegistryError {
  constructor(message: string, answer: RegistryAnswer, failure: FailureCause) {
    super('CONTENT_MISSING', message, answer, failure);
  }
}

/** Bytes that are not what their descriptor says. */
export class ContentMismatch extends EngineError {
  readonly failure = 'unavailable';
  constructor(
    readonly content: Descriptor,
    what: string,
  ) {
    super('CONTENT_MISMATCH', `${content.digest}: ${what}`);
  }
}

/** A manifest that cannot be copied faithfully: schema 1, malformed, or beyond a ceiling. */
export class Unsupported extends EngineError {
  readonly failure = 'usage';
}

/** An address that must not be connected to, or a host that must not see a credential. */
export class Refused extends EngineError {
  readonly failure = 'denied';
}

/** No signature that is asked for was found and verified. */
export class Unsigned extends EngineError {
  readonly failure = 'denied';
  constructor(message: string) {
    super('UNSIGNED', message);
  }
}

/** Told to stop, or overtaken by another run. What is at the destination is whole; running again moves the rest. */
export class Stopped extends EngineError {
  readonly failure = 'stopped';
}

/** The source lets nothing more be pulled for a while; its message says how long. Nothing went wrong: it is done later. */
export class PutOff extends EngineError {
  readonly failure = 'put-off';
  constructor(message: string) {
    super('PULLS_EXHAUSTED', message);
  }
}

export type Side = 'source' | 'destination';

/** What was being done on which side when a copy failed. Shells print its message and nothing else. */
export class CopyError extends EngineError {
  readonly failure: FailureCause;
  /**
   * @param operation a verb: `push`, `look up`, `list`
   * @param what `blob sha256:… of registry/name`; a registry's answer says that by itself
   */
  constructor(
    readonly side: Side,
    readonly operation: string,
    what: string,
    override readonly cause: unknown,
  ) {
    const line = cause instanceof RegistryError ? reason(cause) : `${what}: ${reason(cause)}`;
    super(codeOf(cause), `${side}: ${operation} ${line}`, { cause });
    this.failure = failureOf(cause);
  }
}

/** One line for people, whatever was thrown. */
export function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

export function failureOf(cause: unknown): FailureCause {
  if (cause instanceof EngineError) return cause.failure;
  return isAbort(cause) ? 'stopped' : 'internal';
}

/** What an error is called, whatever was thrown. */
export function codeOf(cause: unknown): ErrorCode {
  if (cause instanceof EngineError || cause instanceof InvalidValue) return cause.code;
  return isAbort(cause) ? 'STOPPED' : 'INTERNAL';
}

/** What an AbortSignal throws is a DOMException, which is not an Error everywhere. */
function isAbort(cause: unknown): boolean {
  return (cause as { name?: unknown } | null | undefined)?.name === 'AbortError';
}
