import type { Clock } from '../../engine/ports';

/** The time of this machine, and all that was slept on top of it: nobody has to wait. */
export interface HastyClock extends Clock {
  /** Milliseconds of the longest single sleep. */
  readonly longest: () => number;
}

export function hastyClock(): HastyClock {
  let ahead = 0;
  let longest = 0;
  return {
    now: () => Date.now() + ahead,
    longest: () => longest,
    async sleep(milliseconds, signal) {
      signal?.throwIfAborted();
      longest = Math.max(longest, milliseconds);
      ahead += milliseconds;
      await new Promise((resolve) => setTimeout(resolve, 1));
      signal?.throwIfAborted();
    },
  };
}
