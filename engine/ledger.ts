import type { Budget, Tuning } from '../lib/model/budget';

/** Where budgets are kept: in the memory of a process, or in a table that many share. Each change is atomic. */
export interface Ledger {
  /** Hands out time where it stands between two points, under a rate that is still this one. */
  extend(key: string, change: Extension): Promise<LedgerAnswer>;
  /** Begins a budget anew where it is, from when on nobody has taken: `seen` must be as it is. */
  restart(key: string, seen: Budget | undefined, next: Budget): Promise<LedgerAnswer>;
  /** Changes the rate, unless it was changed since `seen`. */
  tune(key: string, seen: Budget, tuning: Tuning): Promise<LedgerAnswer>;
}

export interface Extension {
  /** Of the rate that it is counted by. */
  readonly since: number;
  readonly earliest: number;
  readonly latest: number;
  /** Milliseconds; negative to give back. */
  readonly by: number;
  readonly at: number;
}

export interface LedgerAnswer {
  readonly done: boolean;
  /** As it is now; when not done, what stood against it. */
  readonly budget?: Budget;
  /** When it was taken from the time before, by the clock of who did. */
  readonly before?: number;
}

/** For a process that shares its budgets with nobody. */
export function memoryLedger(): Ledger {
  const budgets = new Map<string, Budget>();
  const store = (key: string, budget: Budget, before?: number): LedgerAnswer => {
    budgets.set(key, budget);
    return { done: true, budget, ...(before === undefined ? {} : { before }) };
  };
  const refuse = (budget: Budget | undefined): LedgerAnswer => ({
    done: false,
    ...(budget === undefined ? {} : { budget }),
  });
  return {
    async extend(key, { since, earliest, latest, by, at }) {
      const found = budgets.get(key);
      const fits = found?.since === since && found.next >= earliest && found.next <= latest;
      return fits ? store(key, { ...found, next: found.next + by, at }, found.at) : refuse(found);
    },
    async restart(key, seen, next) {
      const found = budgets.get(key);
      const same = found?.next === seen?.next && found?.since === seen?.since;
      return same ? store(key, next, found?.at) : refuse(found);
    },
    async tune(key, seen, tuning) {
      const found = budgets.get(key);
      const { pause, ...tuned } = tuning;
      if (found?.since !== seen.since) return refuse(found);
      return store(key, { ...found, ...tuned, next: found.next + pause });
    },
  };
}
