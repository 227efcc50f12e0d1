import { setTimeout as wait } from 'node:timers/promises';

/** Milliseconds. */
const LONGEST = 2 * 3_600_000;

/** Follows a run through its invocations by what the controller logs, and `heap.cjs`. */
export function watchRun() {
  const seen = { invocations: 0, copies: 0, heap: 0 };
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return {
    get invocations() {
      return seen.invocations;
    },
    get copies() {
      return seen.copies;
    },
    /** MiB. */
    get heap() {
      return seen.heap;
    },
    see: (text: string) => {
      if (text.startsWith('{"event":"heap"')) seen.heap = Math.max(seen.heap, JSON.parse(text).kibibytes / 1024);
      if (!text.includes('"event":"run"')) return;
      const { copies, continued } = JSON.parse(text) as { copies: number; continued: boolean };
      seen.invocations += 1;
      seen.copies += copies;
      if (!continued) end();
    },
    ended: async () => {
      const late = new AbortController();
      const limit = wait(LONGEST, undefined, { signal: late.signal, ref: false }).then(() => {
        throw new Error(`the run has not ended after ${LONGEST / 1000} s`);
      });
      await Promise.race([ended, limit]).finally(() => late.abort());
    },
  };
}
