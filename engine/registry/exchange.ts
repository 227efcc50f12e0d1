import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { ByteStream } from '../content';
import { Watch } from './watch';

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

/** A stream is read once, from when the connection stands; `size` is sent as Content-Length. */
export type Body = Uint8Array | { readonly bytes: ByteStream; readonly size: number };

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

/** The peer was silent for too long. */
export class Stalled extends Error {
  readonly code = 'ETIMEDOUT';
  constructor(milliseconds: number, what = 'nothing moved') {
    super(`${what} for ${milliseconds / 1000} s`);
  }
}

/** Between two such parts of a body it is seen whether an answer has come. */
const SLICE = 256 * 1024;
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
export function exchange(
  request: HttpRequest,
  idleTimeout: number,
  open: (headers: Record<string, string | number>) => ClientRequest,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const { signal } = request;
    const length = bodySize(request.body);
    const outgoing = open({ ...request.headers, ...(length === undefined ? {} : { 'content-length': length }) });
    const line = new Line(outgoing, idleTimeout);
    const upload = new Upload(line, request.sent);
    const abort = () => line.cut(signal?.reason);
    const fail = (cause: unknown) => reject(line.causeOf(cause));

    signal?.addEventListener('abort', abort, { once: true });
    outgoing.on('error', fail);
    outgoing.once('close', () => {
      line.watch.end();
      upload.stop();
      signal?.removeEventListener('abort', abort);
      fail(Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' }));
    });
    outgoing.once('response', (incoming) => {
      incoming.on('error', () => undefined);
      const answer = () => resolve(answerOf(request, line, incoming));
      if ((incoming.statusCode ?? 0) >= 300) upload.stop();
      if (upload.running) upload.ended = answer;
      else answer();
    });
    line.watch.start();
    upload.run(request.body, () => line.watch.start(1 + Math.floor((length ?? 0) / ANSWERED_AFTER)));
  });
}

/** A request under way, and why it was cut short if it was. */
class Line {
  readonly watch: Watch;
  private reason: { readonly cause: unknown } | undefined;
  private limit: NodeJS.Timeout | undefined;
  private ended = false;

  constructor(
    readonly outgoing: ClientRequest,
    readonly idleTimeout: number,
  ) {
    this.watch = new Watch(idleTimeout, () => this.cut(new Stalled(idleTimeout)));
  }

  /** The cause is kept here: handed to Node, it might be raised on a socket to which nobody listens any more. */
  cut(cause: unknown): void {
    this.reason ??= { cause };
    this.outgoing.destroy();
  }

  /** However much moves. */
  cutAfter(milliseconds: number): void {
    if (this.ended) return;
    clearTimeout(this.limit);
    const cut = () => this.cut(new Stalled(milliseconds, 'the answer did not end'));
    this.limit = setTimeout(cut, milliseconds).unref();
  }

  /** No timer is left behind. */
  end(): void {
    this.ended = true;
    this.watch.end();
    clearTimeout(this.limit);
  }

  causeOf(error: unknown): unknown {
    return this.reason === undefined ? error : this.reason.cause;
  }
}

function bodySize(body: Body | undefined): number | undefined {
  return body instanceof Uint8Array ? body.length : body?.size;
}

/** The sending half: runs on its own, and stops when the answer makes it pointless. */
class Upload {
  running = false;
  /** Called when the body has been sent whole. */
  ended: (() => void) | undefined;
  private wake: () => void = () => undefined;

  constructor(
    private readonly line: Line,
    private readonly sent: ((bytes: number) => void) | undefined,
  ) {}

  stop(): void {
    this.running = false;
    this.wake();
  }

  run(body: Body | undefined, awaitAnswer: () => void): void {
    if (body === undefined) {
      this.line.outgoing.end();
      awaitAnswer();
      return;
    }
    this.running = true;
    this.send(body instanceof Uint8Array ? [body] : body.bytes).then(
      () => {
        if (!this.running) return;
        this.running = false;
        this.line.outgoing.end();
        if (this.ended === undefined) awaitAnswer();
        else this.ended();
      },
      (cause) => {
        this.running = false;
        this.line.cut(cause);
      },
    );
  }

  /** Returns early when it was stopped. */
  private async send(bytes: ByteStream | Iterable<Uint8Array>): Promise<void> {
    await this.unlessStopped(this.connected());
    if (!this.running) return;
    this.line.watch.stop();
    const iterator = Symbol.asyncIterator in bytes ? bytes[Symbol.asyncIterator]() : bytes[Symbol.iterator]();
    for (;;) {
      const next = await this.unlessStopped(Promise.resolve(iterator.next()));
      if (next === undefined || !this.running) return letGo(iterator);
      if (next.done === true) return;
      for (let at = 0; at < next.value.length && this.running; at += SLICE) {
        await this.write(next.value.subarray(at, at + SLICE));
      }
    }
  }

  private connected(): Promise<void> {
    return new Promise((resolve) => {
      this.line.outgoing.once('socket', (socket: Socket) => {
        if (!socket.connecting) return resolve();
        socket.once('encrypted' in socket ? 'secureConnect' : 'connect', () => resolve());
      });
    });
  }

  private async write(slice: Uint8Array): Promise<void> {
    // An answer that has come meanwhile is read before more is written: its sender may have closed the connection, and a
    // failed write would lose it.
    await this.unlessStopped(new Promise((resolve) => setImmediate(resolve)));
    if (!this.running) return;
    const room = this.line.outgoing.write(slice);
    this.sent?.(slice.length);
    if (!room) {
      this.line.watch.start();
      await this.unlessStopped(new Promise((resolve) => this.line.outgoing.once('drain', resolve)));
      this.line.watch.stop();
    }
  }

  /** Undefined when stopped first. One waits at a time; `Promise.race` against a promise that outlives it would pile up. */
  private unlessStopped<T>(promise: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      this.wake = () => resolve(undefined);
      promise.then(resolve, reject);
    });
  }
}

/** Tells a stream that no more is wanted, without waiting: it may be waiting for something itself. */
function letGo(iterator: AsyncIterator<Uint8Array> | Iterator<Uint8Array>): void {
  Promise.resolve(iterator.return?.()).catch(() => undefined);
}

function answerOf(request: HttpRequest, line: Line, incoming: IncomingMessage): HttpAnswer {
  const body = bodyOf(request, line, incoming);
  // Should nobody ever read the body, the connection is given up like any other that stands still.
  line.watch.start();
  return {
    url: request.url,
    status: incoming.statusCode ?? 0,
    headers: incoming.headers,
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

async function* bodyOf(request: HttpRequest, line: Line, incoming: IncomingMessage): AsyncGenerator<Uint8Array> {
  const { outgoing, watch } = line;
  const chunks: AsyncIterator<Uint8Array> = incoming[Symbol.asyncIterator]();
  let ended = false;
  try {
    while (!ended) {
      watch.start();
      const next = await chunks.next();
      watch.stop();
      ended = next.done === true;
      if (next.done !== true) {
        request.received?.(next.value.length);
        yield next.value;
      }
    }
  } catch (cause) {
    throw line.causeOf(cause);
  } finally {
    // Not merely stopped: the request may have closed before its body was read, and a timer would keep the process alive.
    line.end();
    if (!ended || !outgoing.writableFinished) outgoing.destroy();
  }
}
