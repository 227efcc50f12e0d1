import { pricePulls } from '../engine/price-pulls';
import { type Supplies, supplyFor } from '../engine/supplies';
import type { Copy } from '../lib/model/copy';
import type { OnConflict } from '../lib/model/mirror';
import type { PullPrice } from '../lib/model/price';
import { formatReference } from '../lib/model/reference';
import { readKnown } from './findings';
import { ROWS_AT_ONCE } from './mirror-rows';
import { makePlanner } from './plan-lot';
import { pullSupplies } from './pull-supplies';
import { type Note, noteOf } from './reply';
import { lots, type Place } from './rows';
import { surveyFor, surveyRows } from './survey';
import type { World } from './world';

/** What a run would do. */
export interface DryRun {
  readonly dryRun: true;
  readonly copies: readonly {
    readonly source: string;
    readonly digest: string;
    readonly destinations: readonly { readonly to: string; readonly why: string; readonly onConflict?: OnConflict }[];
  }[];
  readonly skipped: readonly Note[];
  /** Of sources that count pulls: how many these copies take, and how many there are. @default - no source counts */
  readonly pulls?: readonly PullPrice[];
  /** Copies and skipped ones beyond what a reply holds. */
  readonly left: number;
}

/** Of each kind: a reply must stay below Lambda's 6 MB. */
const MOST_SHOWN = 1_000;

/** Plans as a scheduled run would, or for some rows now, and writes nothing about rows and copies. */
export async function dryRun(sources: readonly string[] | undefined, world: World): Promise<DryRun> {
  const overview =
    sources === undefined ? await surveyRows(world, {}) : await surveyFor(sources, world, { consistent: true });
  const from: Place = sources === undefined ? {} : { sources };
  const copies: DryRun['copies'][number][] = [];
  const skipped: Note[] = [];
  const counted: Copy[] = [];
  let supplies: Supplies = new Map();
  let left = 0;
  const planner = makePlanner(overview, sources === undefined, world, true);
  for await (const lot of lots(world, from, world.rowsAtOnce ?? ROWS_AT_ONCE)) {
    const known = await readKnown(lot, undefined, world);
    const plan = await planner.plan(lot, known);
    planner.signal.throwIfAborted();
    supplies = new Map([...supplies, ...(await pullSupplies(plan.copies, world))]);
    counted.push(...plan.copies.filter((copy) => supplyFor(copy, supplies) !== undefined));
    for (const { source, destinations } of plan.copies) {
      const shown = {
        source: formatReference(source),
        digest: source.digest,
        destinations: destinations.map(({ reference, why, onConflict }) => ({
          to: formatReference(reference),
          why,
          ...(onConflict === undefined ? {} : { onConflict }),
        })),
      };
      if (copies.length < MOST_SHOWN) copies.push(shown);
      else left += 1;
    }
    for (const one of plan.skipped) {
      if (skipped.length < MOST_SHOWN) skipped.push(noteOf(one));
      else left += 1;
    }
  }
  const pulls = pricePulls(counted, supplies);
  return { dryRun: true, copies, skipped, ...(pulls.length === 0 ? {} : { pulls }), left };
}
