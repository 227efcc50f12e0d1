import { type CountedRequest, quotaOf } from '../lib/model/quota';
import type { AccountWorld } from './account';
import { Allowance } from './allowance';
import type { Admission, Limiter } from './ports';

/** Many quotas, each with its allowance. */
export interface BudgetLimiter extends Limiter {
  /** Lets nobody in any more, and gives back what was taken from the budgets and not used. Never rejects. */
  close(): Promise<void>;
}

/** Keeps to the published quotas by budgets in a ledger, shared with whoever else uses that. */
export function budgetLimiter(world: Omit<AccountWorld, 'signal'>): BudgetLimiter {
  const allowances = new Map<string, Allowance>();
  return {
    async admit(request: CountedRequest, signal?: AbortSignal): Promise<Admission | undefined> {
      const quota = quotaOf(request);
      if (quota === undefined) return undefined;
      const allowance = allowances.get(quota.key) ?? new Allowance(quota, world);
      allowances.set(quota.key, allowance);
      return allowance.admit(signal);
    },
    async close() {
      await Promise.all([...allowances.values()].map((allowance) => allowance.close()));
    },
  };
}
