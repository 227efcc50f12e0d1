import { copyKey } from '../aws/copy-key';
import type { Item } from '../aws/items';
import { keyText, readMany } from '../aws/outcomes';
import { isPutOff, recordPutOff } from '../aws/put-off';
import { mapWithin } from '../engine/gate';
import type { Copy, Skipped } from '../lib/model/copy';
import { CopyAttribute } from '../lib/model/names';
import { formatRepository } from '../lib/model/reference';
import { type Candidate, expectedPulls, spreadCopies } from '../lib/model/spread';
import type { Oldest } from './oldest';
import { type PullSupply, pullSupplies } from './pull-supplies';
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
  const supplyOf = (copy: Copy) => supplies.get(formatRepository(copy.source.repository));
  const items = await readItems(
    copies.filter((copy) => supplyOf(copy) !== undefined),
    world,
  );
  const now = world.clock.now();
  const budgets = new Map([...supplies.values()].map((supply) => [nameOf(supply), supply]));
  const spread = spreadCopies(
    copies.map((copy): Candidate => {
      const supply = supplyOf(copy);
      const pulls = expectedPulls(copy);
      return {
        copy,
        pulls,
        since: sinceOf(copy, items, now),
        ...(supply === undefined ? {} : { budget: nameOf(supply) }),
      };
    }),
    budgets,
  );
  const later = spread.later.flatMap(({ copy }) => skippedOf(copy, supplyOf(copy)?.line ?? ''));
  const pairs = spread.later.flatMap(({ copy, since }) => {
    waiting.see(new Date(since).toISOString());
    return copy.destinations.map(({ reference }) => ({
      source: copy.source,
      destination: reference,
      why: supplyOf(copy)?.line ?? '',
    }));
  });
  await mapWithin(WRITES_AT_ONCE, pairs, async ({ why, ...pair }) => {
    if (!isPutOff(items.get(keyText(copyKey(pair))), why)) await recordPutOff(world.copies, pair, why, now);
  });
  if (later.length > 0)
    world.log('put-off', { copies: later.length, because: [...new Set(later.map(({ detail }) => detail))] });
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

function skippedOf({ mirrors, source, destinations }: Copy, detail: string): Skipped[] {
  return mirrors.flatMap((mirror) =>
    destinations.map(({ reference }) => ({ mirror, source, destination: reference, reason: 'put-off', detail })),
  );
}

function nameOf({ registry, source }: PullSupply): string {
  return `${registry} ${source ?? ''}`;
}
