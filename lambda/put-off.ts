import { copyKey } from '../aws/copy-key';
import type { Item } from '../aws/items';
import { keyText, readMany } from '../aws/outcomes';
import { isPutOff, recordPutOff } from '../aws/put-off';
import { mapWithin } from '../engine/gate';
import { type PullSupply, spreadBySupplies, supplyFor } from '../engine/supplies';
import type { Copy, Skipped } from '../lib/model/copy';
import { CopyAttribute } from '../lib/model/names';
import type { Oldest } from './oldest';
import { pullSupplies } from './pull-supplies';
import type { World } from './world';

/** Copies of which some wait for a later run. */
export interface Spreading {
  readonly now: readonly Copy[];
  readonly later: readonly Skipped[];
}

const WRITES_AT_ONCE = 16;

/**
 * Leaves for later what sources would refuse to let be pulled now, the newest of it; says so on the items of those copies, with
 * since when they wait: the next run begins with what waits longest.
 */
export async function putOffCopies(copies: readonly Copy[], world: World, waiting: Oldest): Promise<Spreading> {
  const supplies = await pullSupplies(copies, world);
  if (supplies.size === 0) return { now: copies, later: [] };
  const counted = copies.filter((copy) => supplyFor(copy, supplies) !== undefined);
  const items = await readItems(counted, world);
  const now = world.clock.now();
  const spread = spreadBySupplies(copies, supplies, (copy) => sinceOf(copy, items, now));
  const later = spread.later.flatMap(({ copy }) => skippedOf(copy, supplyFor(copy, supplies)));
  for (const { since } of spread.later) waiting.see(new Date(since).toISOString());
  // What several rows want is one copy.
  const pairs = new Map(later.map((one) => [keyText(copyKey(one)), one]));
  await mapWithin(WRITES_AT_ONCE, [...pairs.values()], async ({ source, destination, detail }) => {
    const pair = { source, destination };
    if (isPutOff(items.get(keyText(copyKey(pair))), detail)) return;
    await recordPutOff(world.copies, pair, detail, now);
  });
  if (pairs.size > 0) {
    world.log('put-off', { copies: pairs.size, because: [...new Set(later.map(({ detail }) => detail))] });
  }
  return { now: spread.now, later };
}

function readItems(copies: readonly Copy[], world: World): Promise<ReadonlyMap<string, Item>> {
  const keys = copies.flatMap(({ source, destinations }) =>
    destinations.map(({ reference }) => copyKey({ source, destination: reference })),
  );
  const distinct = new Map(keys.map((key) => [keyText(key), key]));
  return readMany(world.copies, [...distinct.values()]);
}

/** Since when the first of its destinations waits; now for what was found just now. */
function sinceOf({ source, destinations }: Copy, items: ReadonlyMap<string, Item>, now: number): number {
  const times = destinations.map(({ reference }) => {
    const item = items.get(keyText(copyKey({ source, destination: reference })));
    const since = Date.parse(String(item?.[CopyAttribute.STALE_SINCE]));
    return Number.isNaN(since) ? now : since;
  });
  return Math.min(...times);
}

function skippedOf({ mirrors, source, destinations }: Copy, supply: PullSupply | undefined) {
  return destinations.flatMap(({ reference }) =>
    mirrors.map((mirror) => ({
      mirror,
      source,
      destination: reference,
      reason: 'put-off' as const,
      detail: supply?.line ?? '',
    })),
  );
}
