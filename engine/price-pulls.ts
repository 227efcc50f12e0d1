import type { Copy } from '../lib/model/copy';
import type { PullPrice } from '../lib/model/price';
import { backAt } from '../lib/model/pulls';
import { expectedPulls, spreadCopies } from '../lib/model/spread';
import { type PullSupply, type Supplies, supplyFor } from './supplies';

/**
 * Pulls that copies take, beside what remains; of sources that do not count nothing is said.
 *
 * @param known pulls of a copy whose manifests were read
 */
export function pricePulls(
  copies: readonly Copy[],
  supplies: Supplies,
  known: (copy: Copy) => number | undefined = () => undefined,
): readonly PullPrice[] {
  const counted = new Map<string, { readonly supply: PullSupply; readonly those: Copy[] }>();
  for (const copy of copies) {
    const supply = supplyFor(copy, supplies);
    if (supply === undefined) continue;
    const name = `${supply.registry} ${supply.source ?? ''}`;
    const those = counted.get(name)?.those ?? [];
    counted.set(name, { supply, those });
    those.push(copy);
  }
  return [...counted.values()].map(({ supply, those }) =>
    priceOf(supply, those, (copy) => known(copy) ?? expectedPulls(copy)),
  );
}

function priceOf(supply: PullSupply, copies: readonly Copy[], pullsOf: (copy: Copy) => number): PullPrice {
  const { registry, source, free, budget } = supply;
  const candidates = copies.map((copy) => ({ copy, budget: 'this', pulls: pullsOf(copy), since: 0 }));
  const { later } = spreadCopies(candidates, new Map([['this', supply]]));
  return {
    registry,
    ...(source === undefined ? {} : { source }),
    expected: copies.reduce((sum, copy) => sum + pullsOf(copy), 0),
    images: copies.length,
    putOff: later.length,
    free,
    left: budget.left,
    limit: budget.limit,
    window: budget.window,
    ...(later.length === 0 ? {} : { until: new Date(backAt(budget)).toISOString() }),
  };
}
