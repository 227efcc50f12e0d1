import { randomBytes } from 'node:crypto';
import { awsFailure } from '../aws/errors';
import { type Run, writeRun } from '../aws/runs';
import { readSettled } from '../aws/settled';
import { readKnown, writeFindings } from './findings';
import { type Gathered, gatherCopies } from './gather-copies';
import { type Baton, handOver, handOverSmaller } from './hand-over';
import { makePlanner } from './plan-lot';
import type { Reply } from './reply';
import { RESERVE } from './reserve';
import { lots, type Place } from './rows';
import { newSums, type Sums } from './sums';
import type { Overview } from './survey';
import { openVerification, toVerify } from './verification';
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

/**
 * Plans rows lot by lot, and submits what is to be copied when there is enough of it or nothing more to plan; hands what is left
 * to a new invocation when time runs out.
 */
export async function mirrorRows(errand: Errand, world: World): Promise<Reply> {
  const started = world.clock.now();
  const size = errand.rows ?? world.rowsAtOnce ?? ROWS_AT_ONCE;
  const sums = newSums(errand.errors);
  // Plans of its own: what is told twice, or tried again, must not write over the work list that a job reads.
  const gathered = gatherCopies(`${errand.run}-${errand.hops}-${randomBytes(3).toString('hex')}`, world, sums);
  const goOn = await planLots(errand, size, gathered, sums, world);
  // An invocation that dies on the way is tried again as a whole; then nothing of it may have been handed over.
  await gathered.submit();
  const left = gathered.unfinished;
  const rest = batonOf(errand, sums);
  const continued = (await (left === undefined ? goOn?.() : handOver(rest, left, size, world, sums.errors))) ?? false;
  return conclude(errand, sums, started, continued, world);
}

/** What was submitted to be verified counts. */
function batonOf(errand: Errand, { copies }: Sums): Baton {
  return errand.verify === undefined ? errand : { ...errand, verify: Math.max(1, errand.verify - copies) };
}

/** @returns how what time has not sufficed for is handed over */
async function planLots(
  errand: Errand,
  size: number,
  gathered: Gathered,
  sums: Sums,
  world: World,
): Promise<(() => Promise<boolean>) | undefined> {
  const { verify, from } = errand;
  const verification = verify === undefined ? undefined : await openVerification(verify, from, world);
  const planner = makePlanner(errand.overview, errand.onSchedule, world, false, verification);
  const settled = 'sources' in from || verification !== undefined ? undefined : await readSettled(world.copies);
  let first = true;
  for await (const lot of lots(world, errand.from, size)) {
    const handOn = () => handOver(batonOf(errand, sums), lot.here, size, world, sums.errors);
    if (!first && world.remaining() < RESERVE.lot) return handOn;
    for (const { key, mirror } of lot.rows) {
      if (mirror?.staleAfter !== undefined) sums.waiting.allow(key, mirror.staleAfter);
    }
    const known = await readKnown(lot, settled, world);
    const planned = await planner.plan(lot, known);
    const plan = verification === undefined ? planned : toVerify(planned);
    if (planner.signal.aborted) {
      return first ? () => handOverSmaller(errand, lot, size, world, sums.errors) : handOn;
    }
    const unfinished = verification === undefined ? await writeFindings(lot, plan, known, world, sums.waiting) : [];
    if (unfinished === undefined) return handOn;
    sums.rows += lot.rows.length;
    sums.count(plan.skipped);
    await gathered.add(lot.here, plan.copies, unfinished);
    if (gathered.unfinished !== undefined) return undefined;
    first = false;
  }
  return undefined;
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
  const run: Run = { ...done, id: `${errand.run}-${errand.hops}`, started, finished, continued };
  const unwritten = await writeRun(world.copies, run).then(
    () => [],
    (cause) => [awsFailure('write run', cause).message],
  );
  const errors = [...done.errors, ...unwritten];
  const reply: Reply = { ...done, errors, run: errand.run, notes: tally.notes(), continued };
  world.metrics?.({
    Checked: figures.checked,
    Failed: figures.failed,
    Conflicts: figures.conflicts,
    Quarantined: figures.quarantined,
    Overdue: waiting.overdue(finished),
    OldestSuccess: waiting.seconds(finished),
  });
  world.log('run', { ...reply, notes: reply.notes.length });
  return reply;
}
