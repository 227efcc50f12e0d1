/** Bytes that may wait until the connection is asked to bring no more; it goes on when half of them are taken. */
const FULL = 256 * 1024;
/** Bytes that are handed on at once, at most: as much as is written at once. */
const PIECE = 256 * 1024;
/** Less than this is worth to wait for what else has come: of TLS, each record comes alone. */
const WORTHWHILE = 64 * 1024;

interface Waiting {
  resolve(result: IteratorResult<Uint8Array, undefined>): void;
  reject(cause: unknown): void;
}

/** What is done about a reader's doings. */
export interface Supplier {
  /** There is room again. */
  wanted(): void;
  /** Nobody reads to the end. */
  unwanted(): void;
}

/**
 * The body of an answer between the connection that brings it and who reads it. Parts that lie beside one another in memory
 * are handed on as one: who is behind gets few large pieces.
 */
export class Inbox implements AsyncIterableIterator<Uint8Array> {
  private readonly parts: Buffer[] = [];
  private size = 0;
  private ending: { readonly failed: boolean; readonly cause?: unknown } | undefined;
  private waiting: Waiting | undefined;
  private due = false;
  private paused = false;

  constructor(private readonly supplier: Supplier) {}

  [Symbol.asyncIterator](): this {
    return this;
  }

  push(part: Buffer): void {
    if (this.ending !== undefined) return;
    this.parts.push(part);
    this.size += part.length;
    this.wake();
  }

  /** Asked when something was pushed: whether to bring more. If not, the supplier is told when it is wanted. */
  get open(): boolean {
    this.paused = this.size >= FULL;
    return !this.paused;
  }

  end(): void {
    this.ending ??= { failed: false };
    this.settle();
  }

  /** What has come is read before the error is seen. */
  fail(cause: unknown): void {
    this.ending ??= { failed: true, cause };
    this.settle();
  }

  /** What has come is forgotten; nothing else is seen but the error. */
  abort(cause: unknown): void {
    this.parts.length = 0;
    this.size = 0;
    this.ending = { failed: true, cause };
    this.settle();
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      if (this.size > 0 || this.ending !== undefined) this.settle();
    });
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.supplier.unwanted();
    return { done: true, value: undefined };
  }

  /** A little is handed on after whatever else the poll of this turn brings. */
  private wake(): void {
    if (this.waiting === undefined || this.due) return;
    if (this.size >= WORTHWHILE) this.settle();
    else {
      this.due = true;
      setImmediate(() => {
        this.due = false;
        this.settle();
      });
    }
  }

  private settle(): void {
    const { waiting, ending } = this;
    if (waiting === undefined || (this.size === 0 && ending === undefined)) return;
    this.waiting = undefined;
    if (this.size > 0) waiting.resolve({ done: false, value: this.take() });
    else if (ending?.failed === true) waiting.reject(ending.cause);
    else waiting.resolve({ done: true, value: undefined });
  }

  private take(): Buffer {
    const first = this.parts.shift() as Buffer;
    let { length } = first;
    for (let next = this.parts[0]; next !== undefined; next = this.parts[0]) {
      const beside = next.buffer === first.buffer && next.byteOffset === first.byteOffset + length;
      if (!beside || length + next.length > PIECE) break;
      length += next.length;
      this.parts.shift();
    }
    this.size -= length;
    if (this.paused && this.size <= FULL / 2) {
      this.paused = false;
      this.supplier.wanted();
    }
    return length === first.length ? first : Buffer.from(first.buffer, first.byteOffset, length);
  }
}
