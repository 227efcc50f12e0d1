import { findSupplies, type PullSupply, supplyFor } from '../engine/supplies';
import type { Copy } from '../lib/model/copy';
import type { PullPrice } from '../lib/model/price';
import { backAt } from '../lib/model/pulls';
import { expectedPulls, spreadCopies } from '../lib/model/spread';
import type { ImageSize } from './image-size';
import type { World } from './world';

/** Pulls that the copies take, beside what remains. Registries that count have said so when they were asked for digests. */
export async function pricePulls(
  copies: readonly Copy[],
  sizes: ReadonlyMap<Copy, ImageSize | undefined>,
  { pulls, clock }: Pick<World, 'pulls' | 'clock'>,
): Promise<readonly PullPrice[]> {
  const supplies = await findSupplies(copies, pulls, clock);
  const counted = new Map<PullSupply, Copy[]>();
  for (const copy of copies) {
    const supply = supplyFor(copy, supplies);
    if (supply === undefined) continue;
    const those = counted.get(supply) ?? [];
    counted.set(supply, those);
    those.push(copy);
  }
  return [...counted].map(([supply, those]) => priceOf(supply, those, sizes));
}

function priceOf(
  supply: PullSupply,
  copies: readonly Copy[],
  sizes: ReadonlyMap<Copy, ImageSize | undefined>,
): PullPrice {
  const { registry, source, free, budget } = supply;
  const pullsOf = (copy: Copy) => sizes.get(copy)?.pulls ?? expectedPulls(copy);
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
