import type { Copy } from '../lib/model/copy';
import { freePulls, type PullBudget, reserveOf, shortLine } from '../lib/model/pulls';
import { formatRepository } from '../lib/model/reference';
import { expectedPulls, type Spread, spreadCopies } from '../lib/model/spread';
import type { Clock } from './ports';
import type { PullKey } from './pull-ledger';
import type { Pulls } from './pulls';

/** What may be pulled now, of one budget. */
export interface PullSupply {
  readonly registry: string;
  /** Who is counted. @default - each worker by an address of its own */
  readonly source?: string;
  readonly free: number;
  /** What is free when the window is whole. */
  readonly most: number;
  readonly budget: PullBudget;
  /** Why copies wait for it. */
  readonly line: string;
}

/** Supplies by the canonical repositories that are read; those that nobody counts are absent. */
export type Supplies = ReadonlyMap<string, PullSupply>;

/** Which of a registry's budgets is that of who copies. @default - of who plans */
export type Choice = (own: PullKey, budgets: ReadonlyMap<string, PullBudget>) => Counted | undefined;

export interface Counted {
  readonly source?: string;
  readonly budget: PullBudget;
}

/** What may be pulled for copies whose sources were asked what they hold. */
export async function findSupplies(
  copies: readonly Copy[],
  pulls: Pulls,
  clock: Clock,
  choose: Choice = chooseOwn,
): Promise<Supplies> {
  const found = new Map<string, PullSupply>();
  const known = new Map<string, PullSupply | undefined>();
  for (const repository of new Set(copies.map(({ source }) => formatRepository(source.repository)))) {
    const own = pulls.keyOf(repository);
    if (own === undefined) continue;
    const name = `${own.registry} ${own.source}`;
    if (!known.has(name)) {
      const counted = choose(own, await pulls.read(own.registry));
      known.set(name, counted && supplyOf(own.registry, counted, pulls.reserve, clock.now()));
    }
    const supply = known.get(name);
    if (supply !== undefined) found.set(repository, supply);
  }
  return found;
}

function chooseOwn({ source }: PullKey, budgets: ReadonlyMap<string, PullBudget>): Counted | undefined {
  const budget = budgets.get(source);
  return budget && { source, budget };
}

function supplyOf(registry: string, { source, budget }: Counted, reserve: number, now: number): PullSupply {
  return {
    registry,
    ...(source === undefined ? {} : { source }),
    free: freePulls(budget, now, reserve),
    most: budget.limit - reserveOf(budget.limit, reserve),
    budget,
    line: `${shortLine(registry, source ?? 'each worker', budget, now, reserve)}; what waits longer comes first`,
  };
}

export function supplyFor({ source }: Copy, supplies: Supplies): PullSupply | undefined {
  return supplies.get(formatRepository(source.repository));
}

/** Parts copies into those that fit into what may be pulled now and those that wait. @param since when a copy began to wait */
export function spreadBySupplies(copies: readonly Copy[], supplies: Supplies, since: (copy: Copy) => number): Spread {
  const nameOf = ({ registry, source }: PullSupply) => `${registry} ${source ?? ''}`;
  const candidates = copies.map((copy) => {
    const supply = supplyFor(copy, supplies);
    const budget = supply === undefined ? {} : { budget: nameOf(supply) };
    return { copy, pulls: expectedPulls(copy), since: since(copy), ...budget };
  });
  return spreadCopies(candidates, new Map([...supplies.values()].map((supply) => [nameOf(supply), supply])));
}
