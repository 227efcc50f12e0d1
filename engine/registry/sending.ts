import type { ByteStream } from '../content';
import type { Outgoing } from './outgoing';
import type { Watch } from './watch';

/** A stream is read once, from when the connection stands; `size` is sent as Content-Length. */
export type Body = Uint8Array | { readonly bytes: ByteStream; readonly size: number };

/** Between two such parts of a body it is seen whether an answer has come. */
const SLICE = 256 * 1024;

export function bodySize(body: Body | undefined): number | undefined {
  return body instanceof Uint8Array ? body.length : body?.size;
}

/** The sending half of a request: runs on its own, and stops when the answer makes it pointless. */
export class Sending {
  running = false;
  /** Called when the body has been sent whole. */
  ended: (() => void) | undefined;
  /** Settled, `true` when the connection stands. */
  private readonly standing: Promise<void>;
  private stood: () => void = () => undefined;
  private wake: () => void = () => undefined;
  private drain: () => void = () => undefined;

  constructor(
    private readonly watch: Watch,
    private readonly sent: ((bytes: number) => void) | undefined,
  ) {
    this.standing = new Promise((resolve) => {
      this.stood = resolve;
    });
  }

  connected(): void {
    this.stood();
  }

  drained(): void {
    this.drain();
  }

  stop(): void {
    this.running = false;
    this.wake();
  }

  /**
   * @param awaitAnswer called when all was sent and no answer has come
   * @param failed called with what the stream throws
   */
  run(outgoing: Outgoing, body: Body | undefined, awaitAnswer: () => void, failed: (cause: unknown) => void): void {
    if (body === undefined) {
      outgoing.end();
      awaitAnswer();
      return;
    }
    this.running = true;
    this.send(outgoing, body).then(
      () => {
        if (!this.running) return;
        this.running = false;
        outgoing.end();
        if (this.ended === undefined) awaitAnswer();
        else this.ended();
      },
      (cause) => {
        this.running = false;
        failed(cause);
      },
    );
  }

  /** Returns early when it was stopped. */
  private async send(outgoing: Outgoing, body: Body): Promise<void> {
    await this.unlessStopped(this.standing);
    if (!this.running) return;
    this.watch.stop();
    if (body instanceof Uint8Array) return this.writeAll(outgoing, body);
    const iterator = body.bytes[Symbol.asyncIterator]();
    let left = body.size;
    for (;;) {
      const next = await this.unlessStopped(iterator.next());
      if (next === undefined || !this.running) return letGo(iterator);
      if (next.done === true) break;
      left -= next.value.length;
      // What follows would be taken for the next request.
      if (left < 0) break;
      await this.writeAll(outgoing, next.value);
    }
    if (left === 0) return;
    letGo(iterator);
    throw new Error(`a body of ${body.size} bytes was announced; the stream has ${left > 0 ? 'fewer' : 'more'}`);
  }

  private async writeAll(outgoing: Outgoing, bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length && this.running; at += SLICE) {
      await this.write(outgoing, bytes.length <= SLICE ? bytes : bytes.subarray(at, at + SLICE));
    }
  }

  private async write(outgoing: Outgoing, slice: Uint8Array): Promise<void> {
    // An answer that has come meanwhile is read before more is written: its sender may have closed the connection, and a
    // failed write would lose it.
    await this.unlessStopped(new Promise((resolve) => setImmediate(resolve)));
    if (!this.running) return;
    const room = outgoing.write(slice);
    this.sent?.(slice.length);
    if (room) return;
    this.watch.start();
    await this.unlessStopped(
      new Promise<void>((resolve) => {
        this.drain = resolve;
      }),
    );
    this.watch.stop();
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
function letGo(iterator: AsyncIterator<Uint8Array>): void {
  Promise.resolve(iterator.return?.()).catch(() => undefined);
}
