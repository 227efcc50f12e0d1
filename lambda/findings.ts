import { recordUnchanged, type Unchanged } from '../aws/outcomes';
import { type RowStatus, readRowStatus, writeRowStatus } from '../aws/row-items';
import type { Settled } from '../aws/settled';
import { recordWaiting, type Waiting } from '../aws/too-young';
import { mapWithin } from '../engine/gate';
import type { Plan, Skipped } from '../lib/model/copy';
import type { Oldest } from './oldest';
import { RESERVE } from './reserve';
import { writeRowStatuses } from './row-status';
import type { Lot } from './rows';
import type { World } from './world';

/** What is known of a lot's rows and copies before it is planned. */
export interface Known {
  readonly rows: ReadonlyMap<string, RowStatus>;
  /** @default - nothing: each copy is looked up */
  readonly settled?: Settled;
}

/** Copies that are looked up and written about in one go, and how many goes at once. */
const COPIES_AT_ONCE = 100;
const LANES = 8;

/** What the items of a lot's rows say; rows that are known to have none are not asked for. */
export async function readKnown(
  { rows }: Pick<Lot, 'rows'>,
  settled: Settled | undefined,
  world: World,
): Promise<Known> {
  const keys = rows.map(({ key }) => key).filter((key) => settled?.hasRowItem(key) ?? true);
  return { rows: await readRowStatus(world.copies, keys), ...(settled === undefined ? {} : { settled }) };
}

/**
 * Writes what planning found about rows and about copies that need nothing, as far as the table does not say so already.
 *
 * @returns rows that count as looked at once their copies have a job; undefined when time has not sufficed: what was written
 * counts, and is not written again
 */
export async function writeFindings(
  lot: Lot,
  plan: Plan,
  known: Known,
  world: World,
  waiting: Oldest,
): Promise<readonly string[] | undefined> {
  const now = world.clock.now();
  const found = plan.skipped.flatMap(unchanged).filter((copy) => known.settled?.isCurrent(copy) !== true);
  const parts = Array.from({ length: Math.ceil(found.length / COPIES_AT_ONCE) }, (_, part) =>
    found.slice(part * COPIES_AT_ONCE, (part + 1) * COPIES_AT_ONCE),
  );
  let left = false;
  await mapWithin(LANES, parts, async (part) => {
    left ||= world.remaining() < RESERVE.findings;
    if (!left) await recordUnchanged(world.copies, part, now);
  });
  if (left) return undefined;
  await recordWaiting(world.copies, plan.skipped.flatMap(tooYoung), now);
  const unfinished = await writeRowStatuses(lot.rows, plan, known.rows, world, waiting);
  const gone = await readRowStatus(world.copies, lot.gone);
  for (const [row, status] of gone) await writeRowStatus(world.copies, row, { known: status, now });
  return unfinished;
}

function tooYoung({ reason, source, destination, detail = '' }: Skipped): Waiting[] {
  if (reason !== 'too-young' || source?.digest === undefined || destination === undefined) return [];
  return [{ source: { ...source, digest: source.digest }, destination, why: detail }];
}

function unchanged({ reason, source, destination, digest, platforms, compare, tag }: Skipped): Unchanged[] {
  if (reason !== 'up-to-date' || source?.digest === undefined || destination === undefined) return [];
  return [
    {
      source: { ...source, digest: source.digest },
      destination,
      ...(digest === undefined ? {} : { digest }),
      ...(platforms === undefined ? {} : { platforms }),
      ...(compare === undefined ? {} : { compare }),
      ...(tag === undefined ? {} : { tag }),
    },
  ];
}
