import type { IncomingHttpHeaders } from 'node:http';

/** A request under way on a connection, be it ours or Node's. Its headers go with the first of what follows. */
export interface Outgoing {
  /** Sends a part of the body, once the connection stands; false when it waits in memory: `drained` tells when it has gone. */
  write(part: Uint8Array): boolean;
  /** All of the body was written. */
  end(): void;
  /** Ends the connection, if it is still the request's own. */
  destroy(): void;
  /** Everything has gone out. */
  readonly finished: boolean;
}

/** What is told of a request under way. */
export interface Listener {
  connected(): void;
  drained(): void;
  /** Once at most. */
  answered(head: AnswerHead): void;
  /** Nothing will come any more; `cause` when that is not in order. */
  closed(cause?: unknown): void;
}

export interface AnswerHead {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Must be read to its end, or the request destroyed. What has come before the connection broke is read before the error. */
  readonly body: AsyncIterator<Uint8Array>;
}

export type Headers = Readonly<Record<string, string | number>>;
/** Begins a request; the listener is told of it from then on, maybe at once. */
export type Open = (headers: Headers, listener: Listener) => Outgoing;
