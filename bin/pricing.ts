import { pricePulls } from '../engine/price-pulls';
import { findSupplies } from '../engine/supplies';
import type { Copy } from '../lib/model/copy';
import { parseEcrHost } from '../lib/model/ecr-host';
import { type Price, storagePrice } from '../lib/model/price';
import type { Measured } from './image-size';
import prices from './prices.json';
import { priceBytes } from './pricing-bytes';
import type { World } from './world';

export type Sizes = ReadonlyMap<Copy, Measured | undefined>;

/**
 * What carrying copies out would cost. Whatever cannot be found out is said and keeps nothing else from being.
 *
 * @param sizes of the copies, where they were asked for
 */
export async function pricePlan(
  copies: readonly Copy[],
  sizes: Sizes | undefined,
  world: World,
  signal?: AbortSignal,
): Promise<Price> {
  const bytes = sizes === undefined ? [] : await priceBytes(sizes, world, signal);
  const supplies = await findSupplies(copies, world.pulls, world.clock);
  const pulls = pricePulls(copies, supplies, (copy) => sizes?.get(copy)?.pulls);
  const unread = [...(sizes?.entries() ?? [])].filter(([, size]) => size === undefined).length;
  const ecr = await priceEcrIfAny(copies, sizes ?? new Map(), world);
  const stored = bytes.filter(({ registry }) => parseEcrHost(registry) !== undefined);
  const sum = stored.reduce((all, { new: one }) => all + one, 0);
  const { ecrGigabyteMonth, region } = prices;
  return {
    bytes,
    pulls,
    create: ecr.create,
    quotas: ecr.quotas,
    ...(stored.length === 0 ? {} : { storage: storagePrice(sum, ecrGigabyteMonth.usd, region) }),
    unknown: [
      ...(unread === 0 ? [] : [`sizes of ${unread} images: their manifests could not be read`]),
      ...ecr.unknown,
    ],
  };
}

/** AWS's SDK is loaded only where it is needed. */
async function priceEcrIfAny(copies: readonly Copy[], sizes: Sizes, world: World) {
  const isEcr = copies.some(({ destinations }) =>
    destinations.some(({ reference }) => parseEcrHost(reference.repository.registry) !== undefined),
  );
  if (!isEcr) return { create: [], quotas: [], unknown: [] };
  const { priceEcr } = await import('./pricing-ecr');
  return priceEcr(copies, sizes, world.aws);
}
