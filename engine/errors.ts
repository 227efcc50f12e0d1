import type { Descriptor } from '../lib/model/descriptor';
import { printable } from '../lib/model/invalid';
import type { FailureCause } from '../lib/model/outcome';

/** Every error that the engine raises on purpose. Each class says what whoever catches it should do. */
export abstract class EngineError extends Error {
  /** What it asks for: see {@link FailureCause}. */
  abstract readonly failure: FailureCause;
  /** Whether trying the same again later may succeed. */
  get temporary(): boolean {
    return this.failure === 'unavailable';
  }

  constructor(message: string, options?: ErrorOptions) {
    super(printable(message), options);
    this.name = new.target.name;
  }
}

/** A registry answered with an error (distribution-spec v1.1, "Error Codes"). */
export class RegistryError extends EngineError {
  readonly failure: FailureCause;
  constructor(
    message: string,
    /** `status` 0: no answer. `code`: the first of the body's `errors[].code`, when it is one of the specification's. */
    readonly answer: { readonly status: number; readonly code?: string; readonly retryAfter?: number },
    failure: FailureCause,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.failure = failure;
  }
}

/** The manifest, blob or repository is not there. */
export class NotFound extends RegistryError {}

/** The tag is immutable and taken; whether by the same digest is the caller's to find out. */
export class TagImmutable extends RegistryError {}

/** The destination does not hold something that a manifest names; `RegistryError.answer.code` is MANIFEST_BLOB_UNKNOWN or alike. */
export class MissingContent extends RegistryError {}

/** Bytes that are not what their descriptor says. */
export class ContentMismatch extends EngineError {
  readonly failure = 'unavailable';
  constructor(
    readonly content: Descriptor,
    what: string,
  ) {
    super(`${content.digest}: ${what}`);
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
}

/** Told to stop, or overtaken by another run. What is at the destination is whole; running again moves the rest. */
export class Stopped extends EngineError {
  readonly failure = 'stopped';
}

/** The source lets nothing more be pulled for a while; its message says how long. Nothing went wrong: it is done later. */
export class PutOff extends EngineError {
  readonly failure = 'put-off';
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
    super(`${side}: ${operation} ${line}`, { cause });
    this.failure = failureOf(cause);
  }
}

/** One line for people, whatever was thrown. */
export function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

export function failureOf(cause: unknown): FailureCause {
  if (cause instanceof EngineError) return cause.failure;
  // What an AbortSignal throws is a DOMException, which is not an Error everywhere.
  if ((cause as { name?: unknown } | null | undefined)?.name === 'AbortError') return 'stopped';
  return 'internal';
}
