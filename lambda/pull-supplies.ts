import type { PullKey } from '../engine/pull-ledger';
import type { Copy } from '../lib/model/copy';
import { freePulls, isAddress, type PullBudget, reserveOf, shortLine, UNNAMED } from '../lib/model/pulls';
import { formatRepository } from '../lib/model/reference';
import type { World } from './world';

/** What workers may pull now, of one budget. */
export interface PullSupply {
  readonly registry: string;
  /** Who is counted; absent where each worker may have an address of its own. */
  readonly source?: string;
  readonly free: number;
  /** What is free when the window is whole. */
  readonly most: number;
  readonly budget: PullBudget;
  /** Why copies wait for it. */
  readonly line: string;
}

/** What the workers that copy these may pull, by the repositories that are read; those that nobody counts are absent. */
export async function pullSupplies(
  copies: readonly Copy[],
  { pulls, clock }: Pick<World, 'pulls' | 'clock'>,
): Promise<ReadonlyMap<string, PullSupply>> {
  const found = new Map<string, PullSupply>();
  const supplies = new Map<string, PullSupply>();
  for (const repository of new Set(copies.map(({ source }) => formatRepository(source.repository)))) {
    const own = pulls?.keyOf(repository);
    if (pulls === undefined || own === undefined) continue;
    const name = `${own.registry} ${own.source}`;
    const supply = supplies.get(name) ?? supplyOf(own, await pulls.read(own.registry), clock.now());
    if (supply === undefined) continue;
    supplies.set(name, supply);
    found.set(repository, supply);
  }
  return found;
}

/**
 * The budget that workers have, as the controller sees it: its own, if it is an account's or if workers have pulled by it, too.
 * By an address that only the controller has nothing can be told, but from what workers have said: when they all came from one
 * other address, that is theirs; when from several, or none yet, the next one has a whole limit, of which it is not known more.
 */
function supplyOf(own: PullKey, budgets: ReadonlyMap<string, PullBudget>, now: number): PullSupply | undefined {
  const heard = budgets.get(own.source);
  if (heard === undefined) return undefined;
  const isShared = heard.taken !== undefined || own.source === UNNAMED || !isAddress(own.source);
  if (isShared) return supply(own, heard, now);
  const others = [...budgets].filter(([source, { taken }]) => taken !== undefined && isAddress(source));
  const [only] = others;
  if (only !== undefined && others.length === 1) return supply({ ...own, source: only[0] }, only[1], now);
  return { ...supply(own, { ...heard, left: heard.limit }, now), source: undefined };
}

function supply({ registry, source }: PullKey, budget: PullBudget, now: number): PullSupply {
  return {
    registry,
    source,
    free: freePulls(budget, now),
    most: budget.limit - reserveOf(budget.limit),
    budget,
    line: `put off: ${shortLine(registry, source, budget, now)}`,
  };
}
