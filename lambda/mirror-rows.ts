import { type Run, writeRun } from '../aws/runs';
import { readSettled } from '../aws/settled';
import type { Copy, Skipped } from '../lib/model/copy';
import { readKnown, writeFindings } from './findings';
import { type Baton, handOver, handOverSmaller } from './hand-over';
import { type Oldest, oldest } from './oldest';
import { makePlanner } from './plan-lot';
import { type Reply, skipTally } from './reply';
import { isFailure } from './row-status';
import { lots, type Place } from './rows';
import { submitCopies } from './submit';
import type { Overview } from './survey';
import type { World } from './world';

/** What a run is to cover. */
export interface Errand extends Baton {
  readonly trigger: string;
  readonly from: Place;
  readonly overview: Overview;
  /** Rows planned at once. @default - the world's */
  readonly rows?: number;
  /** What failed in invocations before this one. @default - nothing */
  readonly errors?: readonly string[];
}

/** Rows that are planned together: what is held in memory. Of a big lot each repository is asked for more images at once. */
export const ROWS_AT_ONCE = 10_000;
/** Copies that are submitted together, in one job; a lot's may come on top. */
const COPIES_AT_ONCE = 10_000;
/** Milliseconds before the end at which no further lot is begun. */
const RESERVE_TO_BEGIN = 180_000;

/**
 * Plans rows lot by lot, and submits what is to be copied when there is enough of it or nothing more to plan; hands what is left
 * to a new invocation when time runs out.
 */
export async function mirrorRows(errand: Errand, world: World): Promise<Reply> {
  const started = world.clock.now();
  const size = errand.rows ?? world.rowsAtOnce ?? ROWS_AT_ONCE;
  const sums = newSums(errand.errors);
  const gathered = gatherCopies(errand, world, sums);
  const planner = makePlanner(errand.overview, errand.onSchedule, world);
  const settled = 'sources' in errand.from ? undefined : await readSettled(world.copies);
  let goOn: (() => Promise<boolean>) | undefined;
  let first = true;
  for await (const lot of lots(world, errand.from, size)) {
    if (!first && world.remaining() < RESERVE_TO_BEGIN) {
      goOn = () => handOver(errand, lot.here, size, world, sums.errors);
      break;
    }
    const known = await readKnown(lot, settled, world);
    const plan = await planner.plan(lot, known.rows);
    if (planner.signal.aborted) {
      goOn = first
        ? () => handOverSmaller(errand, lot, size, world, sums.errors)
        : () => handOver(errand, lot.here, size, world, sums.errors);
      break;
    }
    await writeFindings(lot, plan.skipped, known, world, sums.waiting);
    sums.rows += lot.rows.length;
    count(sums, plan.skipped);
    await gathered.add(plan.copies);
    first = false;
  }
  // An invocation that dies on the way is tried again as a whole; then nothing of it may have been handed over.
  await gathered.submit();
  const continued = (await goOn?.()) ?? false;
  return conclude(errand, sums, started, continued, world);
}

interface Sums {
  rows: number;
  copies: number;
  readonly jobs: string[];
  readonly errors: string[];
  readonly tally: ReturnType<typeof skipTally>;
  readonly waiting: Oldest;
  readonly figures: { checked: number; failed: number; conflicts: number };
}

function newSums(errors: readonly string[] = []): Sums {
  const figures = { checked: 0, failed: 0, conflicts: 0 };
  return { rows: 0, copies: 0, jobs: [], errors: [...errors], tally: skipTally(), waiting: oldest(), figures };
}

function count({ tally, figures }: Sums, skipped: readonly Skipped[]): void {
  tally.add(skipped);
  figures.checked += skipped.filter(({ destination }) => destination !== undefined).length;
  figures.failed += skipped.filter(isFailure).length;
  figures.conflicts += skipped.filter(({ reason }) => reason === 'conflict').length;
}

/** Copies of several lots go into one job: a job for each would leave most of its workers with next to nothing. */
function gatherCopies(errand: Errand, world: World, sums: Sums) {
  let waiting: Copy[] = [];
  let number = 0;
  const submit = async () => {
    if (waiting.length === 0) return;
    const submitted = await submitCopies(waiting, `${errand.run}-${errand.hops}.${number}`, world, sums.waiting);
    [waiting, number] = [[], number + 1];
    sums.copies += submitted.copies;
    sums.figures.checked += submitted.copies;
    sums.jobs.push(...submitted.jobs);
    sums.errors.push(...submitted.errors);
    count(sums, submitted.skipped);
  };
  return {
    submit,
    add: async (copies: readonly Copy[]) => {
      for (const copy of copies) waiting.push(copy);
      if (waiting.length >= COPIES_AT_ONCE) await submit();
    },
  };
}

async function conclude(
  errand: Errand,
  { tally, waiting, figures, ...counted }: Sums,
  started: number,
  continued: boolean,
  world: World,
): Promise<Reply> {
  const done = { ...counted, skipped: tally.counts(), trigger: errand.trigger };
  const finished = world.clock.now();
  await writeRun(world.copies, { ...done, id: `${errand.run}-${errand.hops}`, started, finished } satisfies Run);
  const reply: Reply = { ...done, run: errand.run, notes: tally.notes(), continued };
  world.metrics?.({
    Checked: figures.checked,
    Failed: figures.failed,
    Conflicts: figures.conflicts,
    OldestSuccess: waiting.seconds(finished),
  });
  world.log('run', { ...reply, notes: reply.notes.length });
  return reply;
}
