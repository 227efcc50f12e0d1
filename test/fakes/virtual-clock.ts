import type { Clock } from '../../engine/ports';

/** Time that passes only when nothing else is to be done: minutes of waiting in an instant, in the order of real time. */
export class VirtualClock implements Clock {
  private time: number;
  private readonly sleepers: { readonly until: number; readonly wake: () => void }[] = [];

  constructor(start = Date.parse('2026-01-01T00:00:00Z')) {
    this.time = start;
  }

  now(): number {
    return this.time;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const wake = () => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      const sleeper = { until: this.time + Math.max(0, milliseconds), wake };
      this.sleepers.push(sleeper);
      const leave = () => {
        const place = this.sleepers.indexOf(sleeper);
        if (place >= 0) this.sleepers.splice(place, 1);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  /** The same time, on a clock that goes wrong by so many milliseconds. */
  wrongBy(milliseconds: number): Clock {
    return { now: () => this.time + milliseconds, sleep: (time, signal) => this.sleep(time, signal) };
  }

  /** Lets time pass until the work is done. @throws Error when nobody sleeps and it is not, or after so many steps */
  async passUntil<T>(work: Promise<T>, most = 1_000_000): Promise<T> {
    let ended = false;
    const end = () => {
      ended = true;
    };
    work.then(end, end);
    for (let step = 0; step < most; step++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (ended) return work;
      this.wakeNext();
    }
    throw new Error(`virtual clock: the work has not ended after ${most} steps`);
  }

  private wakeNext(): void {
    if (this.sleepers.length === 0) throw new Error('virtual clock: the work waits for something that is not time');
    let next = 0;
    for (let i = 1; i < this.sleepers.length; i++) {
      if ((this.sleepers[i]?.until ?? 0) < (this.sleepers[next]?.until ?? 0)) next = i;
    }
    const [sleeper] = this.sleepers.splice(next, 1);
    this.time = Math.max(this.time, sleeper?.until ?? 0);
    sleeper?.wake();
  }
}
