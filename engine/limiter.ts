import { type CountedRequest, quotaOf } from '../lib/model/quota';
import type { AccountWorld } from './account';
import { Allowance } from './allowance';
import type { Admission, Limiter } from './ports';
import { Pulls, type PullsWorld } from './pulls';

/** Many quotas, each with its allowance. */
export interface BudgetLimiter extends Limiter {
  /** What sources let be pulled. */
  readonly pulls: Pulls;
  /** Lets nobody in any more, and gives back what was taken from the budgets and not used. Never rejects. */
  close(): Promise<void>;
}

/** Keeps to the published quotas by budgets in a ledger, shared with whoever else uses that. */
export function budgetLimiter(world: Omit<AccountWorld, 'signal'> & PullsWorld): BudgetLimiter {
  const allowances = new Map<string, Allowance>();
  const pulls = new Pulls(world);
  return {
    pulls,
    heard: (request, repository, answer) => pulls.heard(request, repository, answer),
    countsPulls: (registry) => pulls.counts(registry),
    asksFirst: (registry) => pulls.asksFirst(registry),
    async admit(request: CountedRequest, signal?: AbortSignal): Promise<Admission | undefined> {
      if (isPull(request)) return pulls.admit(request);
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

function isPull({ method, kind }: CountedRequest): boolean {
  return method === 'GET' && kind === 'manifest';
}
