import { performance } from 'node:perf_hooks';

/** Something that has work to do at a time. */
export interface Sleeper {
  /** Milliseconds of the clock; undefined when nothing is waiting. */
  readonly next: number | undefined;
  /** Does what is due. */
  run(now: number): void;
}

/** Timers fire late, by more than half a millisecond: work due within this time is done at once, so that errors cancel out. */
const EARLY = 0.8;

/** One timer for all directions of all connections. */
export class Clock {
  readonly #sleepers = new Set<Sleeper>();
  #timer: NodeJS.Timeout | undefined;
  #at = Number.POSITIVE_INFINITY;

  now(): number {
    return performance.now();
  }

  /** Remembers a sleeper until it has nothing left to wait for. */
  wake(sleeper: Sleeper): void {
    this.#sleepers.add(sleeper);
    if (sleeper.next !== undefined) this.#set(sleeper.next);
  }

  forget(sleeper: Sleeper): void {
    this.#sleepers.delete(sleeper);
  }

  #set(at: number): void {
    if (at >= this.#at) return;
    clearTimeout(this.#timer);
    this.#at = at;
    this.#timer = setTimeout(() => this.#run(), Math.max(1, Math.floor(at - this.now())));
  }

  #run(): void {
    this.#at = Number.POSITIVE_INFINITY;
    const now = this.now() + EARLY;
    let soonest = Number.POSITIVE_INFINITY;
    for (const sleeper of this.#sleepers) {
      if (sleeper.next !== undefined && sleeper.next <= now) sleeper.run(now);
      const { next } = sleeper;
      if (next === undefined) this.#sleepers.delete(sleeper);
      else soonest = Math.min(soonest, next);
    }
    if (soonest !== Number.POSITIVE_INFINITY) this.#set(soonest);
  }
}
