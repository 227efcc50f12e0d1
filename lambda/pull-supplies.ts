import type { PullKey } from '../engine/pull-ledger';
import { type Counted, findSupplies, type Supplies } from '../engine/supplies';
import type { Copy } from '../lib/model/copy';
import { isAddress, type PullBudget, UNNAMED } from '../lib/model/pulls';
import type { World } from './world';

/** What the workers that copy these may pull. */
export async function pullSupplies(
  copies: readonly Copy[],
  { pulls, clock }: Pick<World, 'pulls' | 'clock'>,
): Promise<Supplies> {
  return pulls === undefined ? new Map() : findSupplies(copies, pulls, clock, chooseWorkers);
}

/**
 * The budget that workers have, as the controller sees it: its own, if it is an account's or if workers have pulled by it, too.
 * By an address that only the controller has nothing can be told, but from what workers have said: when they all came from one
 * other address, that is theirs; when from several, or none yet, the next one has a whole limit, of which it is not known more.
 */
function chooseWorkers(own: PullKey, budgets: ReadonlyMap<string, PullBudget>): Counted | undefined {
  const heard = budgets.get(own.source);
  if (heard === undefined) return undefined;
  const isShared = heard.taken !== undefined || own.source === UNNAMED || !isAddress(own.source);
  if (isShared) return { source: own.source, budget: heard };
  const others = [...budgets].filter(([source, { taken }]) => taken !== undefined && isAddress(source));
  const [only] = others;
  if (only !== undefined && others.length === 1) return { source: only[0], budget: only[1] };
  return { budget: { ...heard, left: heard.limit } };
}
