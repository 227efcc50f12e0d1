import type { IncomingHttpHeaders } from 'node:http';
import type { ByteStream } from '../content';
import { Line } from './line';
import type { AnswerHead, Open } from './outgoing';
import { type Body, bodySize, Sending } from './sending';

export type { Body };

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Body;
  readonly signal?: AbortSignal;
  /** Called with the length of each part of a body as it moves. */
  readonly sent?: (bytes: number) => void;
  readonly received?: (bytes: number) => void;
}

/** The body must be read to its end, broken off, or discarded: until then the connection is taken. */
export interface HttpAnswer {
  readonly url: URL;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: ByteStream;
  /** The whole body is short: if it has not come within ten idle times from now on, the connection is given up. */
  hurry(): void;
  /** Reads what little may be left, so that the connection can be used again, or ends the connection. */
  discard(): Promise<void>;
}

const DISCARDED_AT_MOST = 64 * 1024;
/** Milliseconds; to connect anew is cheaper than to wait longer. */
const DISCARDED_WITHIN = 2_000;
/** A peer that sends a byte now and then never stands still, and never ends. */
const HURRIED = 10;
/** A registry hashes and stores what it was sent before it answers: for each so many bytes it may take one idle time more. */
const ANSWERED_AFTER = 2 ** 30;

/**
 * Sends one request and resolves with the head of its answer. Time counts only while the peer is waited for, never while
 * our own stream has nothing to send or nobody reads the answer. An error answered while the body is still being sent ends
 * the sending; what the stream throws is thrown as it is.
 */
export function exchange(request: HttpRequest, idleTimeout: number, open: Open): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const { body } = request;
    const length = bodySize(body);
    const line = new Line(idleTimeout, request.signal);
    const sending = new Sending(line.watch, request.sent);
    const headers = { ...request.headers, ...(length === undefined ? {} : { 'content-length': length }) };
    const outgoing = open(headers, {
      connected: () => sending.connected(),
      drained: () => sending.drained(),
      answered: (head) => {
        const answer = () => resolve(answerOf(request, line, head));
        if (head.status >= 300) sending.stop();
        if (sending.running) sending.ended = answer;
        else answer();
      },
      closed: (cause) => {
        line.end();
        sending.stop();
        const lost = Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' });
        reject(line.causeOf(cause ?? lost));
      },
    });
    line.begin(outgoing);
    const awaitAnswer = () => line.watch.start(1 + Math.floor((length ?? 0) / ANSWERED_AFTER));
    sending.run(outgoing, body, awaitAnswer, (cause) => line.cut(cause));
  });
}

function answerOf(request: HttpRequest, line: Line, { status, headers, body: chunks }: AnswerHead): HttpAnswer {
  const body = new AnswerBody(line, chunks, request.received);
  // Should nobody ever read the body, the connection is given up like any other that stands still.
  line.watch.start();
  return {
    url: request.url,
    status,
    headers,
    body,
    hurry() {
      line.cutAfter(HURRIED * line.idleTimeout);
    },
    async discard() {
      let size = 0;
      line.cutAfter(Math.min(line.idleTimeout, DISCARDED_WITHIN));
      try {
        for await (const chunk of body) {
          size += chunk.length;
          if (size > DISCARDED_AT_MOST) return;
        }
      } catch {
        // What is thrown away may as well be incomplete.
      }
    },
  };
}

/** Written by hand: of a large blob it is asked for each of thousands of pieces. */
class AnswerBody implements AsyncIterableIterator<Uint8Array> {
  private ended = false;
  private readonly took = (next: IteratorResult<Uint8Array>) => this.take(next);
  private readonly broke = (cause: unknown) => this.break(cause);

  constructor(
    private readonly line: Line,
    private readonly chunks: AsyncIterator<Uint8Array>,
    private readonly received: ((bytes: number) => void) | undefined,
  ) {}

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    if (this.ended) return Promise.resolve({ done: true, value: undefined });
    this.line.watch.start();
    return this.chunks.next().then(this.took, this.broke);
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    if (!this.ended) {
      this.ended = true;
      this.line.endBody(false);
    }
    return { done: true, value: undefined };
  }

  private take(next: IteratorResult<Uint8Array>): IteratorResult<Uint8Array> {
    this.line.watch.stop();
    if (next.done === true) {
      this.ended = true;
      this.line.endBody(true);
    } else this.received?.(next.value.length);
    return next;
  }

  private break(cause: unknown): never {
    this.ended = true;
    this.line.endBody(false);
    throw this.line.causeOf(cause);
  }
}
