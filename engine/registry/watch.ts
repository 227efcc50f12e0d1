/** Calls back, once, when something that is waited for takes too long. Started and stopped with every chunk, so one timer is kept. */
export class Watch {
  private timer: NodeJS.Timeout | undefined;
  /** When the waiting has lasted too long, by the process's own clock; undefined while nothing is waited for. */
  private due: number | undefined;

  constructor(
    private readonly milliseconds: number,
    private readonly expired: () => void,
  ) {}

  /** Waiting begins, or begins anew; it may last `times` the idle time. */
  start(times = 1): void {
    this.due = performance.now() + this.milliseconds * times;
    this.timer ??= setTimeout(() => this.check(), this.milliseconds);
  }

  stop(): void {
    this.due = undefined;
  }

  /** No timer is left behind. */
  end(): void {
    this.stop();
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private check(): void {
    this.timer = undefined;
    if (this.due === undefined) return;
    const left = this.due - performance.now();
    if (left <= 0) this.expired();
    else this.timer = setTimeout(() => this.check(), left);
  }
}
