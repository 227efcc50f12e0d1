import type { Outgoing } from './outgoing';
import { Watch } from './watch';

/** The peer was silent for too long. */
export class Stalled extends Error {
  readonly code = 'ETIMEDOUT';
  constructor(milliseconds: number, what = 'nothing moved') {
    super(`${what} for ${milliseconds / 1000} s`);
  }
}

/** A request under way, and why it was cut short if it was. */
export class Line {
  readonly watch: Watch;
  private outgoing: Outgoing | undefined;
  private reason: { readonly cause: unknown } | undefined;
  private limit: NodeJS.Timeout | undefined;
  private ended = false;
  private readonly abort = () => this.cut(this.signal?.reason);

  constructor(
    readonly idleTimeout: number,
    private readonly signal?: AbortSignal,
  ) {
    this.watch = new Watch(idleTimeout, () => this.cut(new Stalled(idleTimeout)));
  }

  begin(outgoing: Outgoing): void {
    this.outgoing = outgoing;
    if (this.ended) return;
    this.signal?.addEventListener('abort', this.abort, { once: true });
    this.watch.start();
  }

  /** The cause is kept here: handed to Node, it might be raised on a socket to which nobody listens any more. */
  cut(cause: unknown): void {
    this.reason ??= { cause };
    this.outgoing?.destroy();
  }

  /** However much moves. */
  cutAfter(milliseconds: number): void {
    if (this.ended) return;
    clearTimeout(this.limit);
    const cut = () => this.cut(new Stalled(milliseconds, 'the answer did not end'));
    this.limit = setTimeout(cut, milliseconds).unref();
  }

  /** Nothing is left behind: not a timer, which would keep the process alive, nor a listener. */
  end(): void {
    this.ended = true;
    this.watch.end();
    clearTimeout(this.limit);
    this.signal?.removeEventListener('abort', this.abort);
  }

  /** The body has come to its end, or nobody wants the rest. */
  endBody(whole: boolean): void {
    this.end();
    if (!whole || this.outgoing?.finished !== true) this.outgoing?.destroy();
  }

  causeOf(error: unknown): unknown {
    return this.reason === undefined ? error : this.reason.cause;
  }
}
