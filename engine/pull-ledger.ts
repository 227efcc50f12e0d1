import { heardChange, openPulls, type PullBudget, type PullLimit } from '../lib/model/pulls';

/** Whose pulls: at which registry, and who it counts them for. */
export interface PullKey {
  readonly registry: string;
  readonly source: string;
}

/** Where pull budgets are kept: in the memory of a process, or in a table that many share. Each change is atomic. */
export interface PullLedger {
  /** The budgets of a registry, by who is counted. */
  read(registry: string): Promise<ReadonlyMap<string, PullBudget>>;
  /** Takes what the registry has said into account. @param seen the budget as it was when it was last seen, if it was */
  hear(key: PullKey, said: PullLimit, now: number, seen?: PullBudget): Promise<PullBudget>;
  /** Takes one pull if more than `floor` are left. The budget is as it is then; absent when nothing was ever heard. */
  take(key: PullKey, floor: number, now: number): Promise<PullsTaken>;
}

export interface PullsTaken {
  readonly done: boolean;
  readonly budget?: PullBudget;
}

/** For a process that shares its pulls with nobody. */
export function memoryPulls(): PullLedger {
  const budgets = new Map<string, Map<string, PullBudget>>();
  const of = (registry: string) => {
    const known = budgets.get(registry) ?? new Map<string, PullBudget>();
    budgets.set(registry, known);
    return known;
  };
  return {
    read: async (registry) => of(registry),
    async hear({ registry, source }, said, now) {
      const found = of(registry).get(source);
      const change = heardChange(found, said, now);
      if (found !== undefined && change === undefined) return found;
      const taken = found?.taken === undefined ? {} : { taken: found.taken };
      const next = { ...openPulls(said, now), ...taken };
      of(registry).set(source, next);
      return next;
    },
    async take({ registry, source }, floor, now) {
      const found = of(registry).get(source);
      if (found === undefined) return { done: false };
      if (found.left <= floor) return { done: false, budget: found };
      const budget = { ...found, left: found.left - 1, taken: now };
      of(registry).set(source, budget);
      return { done: true, budget };
    },
  };
}
