import { setMaxListeners } from 'node:events';
import { ecrDigests } from '../aws/ecr-images';
import type { Continuation } from '../aws/events';
import { invokeLater } from '../aws/invoke-self';
import { recordUnchanged, type Unchanged } from '../aws/outcomes';
import { type RowStatus, readRowStatus, writeRowStatus } from '../aws/row-items';
import { type Run, writeRun } from '../aws/runs';
import { makePlan } from '../engine/make-plan';
import type { Claims } from '../lib/model/claims';
import type { Plan, Skipped } from '../lib/model/copy';
import { isDue } from '../lib/model/every';
import { type Oldest, oldest } from './oldest';
import { type Reply, skipTally } from './reply';
import { isFailure, writeRowStatuses } from './row-status';
import { type Lot, lots, type Place } from './rows';
import { submitCopies } from './submit';
import type { World } from './world';

/** What a run is to cover. */
export interface Errand {
  /** Names the run; its plans are called after it. */
  readonly run: string;
  readonly trigger: string;
  readonly from: Place;
  readonly claims: Claims;
  /** Whether the rows' own schedules (`Every`) count. */
  readonly onSchedule: boolean;
  /** Invocations before this one. */
  readonly hops: number;
  /** Rows planned at once. @default - the world's */
  readonly rows?: number;
}

const ROWS_AT_ONCE = 500;
/** Milliseconds before the end at which nothing new is begun, and planning is broken off. */
const RESERVE_TO_BEGIN = 60_000;
const RESERVE_TO_PLAN = 40_000;
/** Invocations that one run may chain: a bound against a fault that makes no progress. */
const MOST_HOPS = 200;
const LONGEST_TIMER = 2 ** 31 - 1;

/** Plans rows lot by lot and submits what is to be copied; hands what is left to a new invocation when time runs out. */
export async function mirrorRows(errand: Errand, world: World): Promise<Reply> {
  const started = world.clock.now();
  const size = errand.rows ?? world.rowsAtOnce ?? ROWS_AT_ONCE;
  const sums = {
    rows: 0,
    copies: 0,
    jobs: [] as string[],
    errors: [] as string[],
    tally: skipTally(),
    waiting: oldest(),
    figures: { checked: 0, failed: 0, conflicts: 0 },
  };
  const breakOff = AbortSignal.timeout(Math.min(LONGEST_TIMER, Math.max(0, world.remaining() - RESERVE_TO_PLAN)));
  let continued = false;
  let number = 0;
  for await (const lot of lots(world, errand.from, size)) {
    if (number > 0 && world.remaining() < RESERVE_TO_BEGIN) {
      continued = await handOver(errand, lot.here, size, world, sums.errors);
      break;
    }
    const known = await readRowStatus(
      world.copies,
      lot.rows.map(({ key }) => key),
    );
    const plan = await planLot(lot, known, errand, world, breakOff);
    if (breakOff.aborted) {
      continued = await goOnSmaller(errand, lot, size, world, sums.errors);
      break;
    }
    const lotName = `${errand.run}-${errand.hops}.${number}`;
    const submitted = await submitCopies(plan.copies, lotName, world, sums.waiting);
    const skipped = [...plan.skipped, ...submitted.skipped];
    await writeFindings(lot, skipped, known, world, sums.waiting);
    sums.rows += lot.rows.length;
    sums.copies += submitted.copies;
    sums.jobs.push(...submitted.jobs);
    sums.errors.push(...submitted.errors);
    sums.tally.add(skipped);
    countFigures(sums.figures, skipped, submitted.copies);
    number += 1;
  }
  const { tally, waiting, figures, ...counted } = sums;
  const done = { ...counted, skipped: tally.counts(), trigger: errand.trigger };
  await writeRun(world.copies, {
    ...done,
    id: `${errand.run}-${errand.hops}`,
    started,
    finished: world.clock.now(),
  } satisfies Run);
  const reply: Reply = { ...done, run: errand.run, notes: tally.notes(), continued };
  world.metrics?.({
    Checked: figures.checked,
    Failed: figures.failed,
    Conflicts: figures.conflicts,
    OldestSuccess: waiting.seconds(world.clock.now()),
  });
  world.log('run', { ...reply, notes: reply.notes.length });
  return reply;
}

interface Counted {
  checked: number;
  failed: number;
  conflicts: number;
}

function countFigures(figures: Counted, skipped: readonly Skipped[], copies: number): void {
  figures.checked += copies + skipped.filter(({ destination }) => destination !== undefined).length;
  figures.failed += skipped.filter(isFailure).length;
  figures.conflicts += skipped.filter(({ reason }) => reason === 'conflict').length;
}

/** The plan of a lot, with what ECR's own API knows of the destinations; others are asked by HEAD. */
export function planLot(
  lot: Pick<Lot, 'rows'>,
  known: ReadonlyMap<string, RowStatus>,
  errand: Pick<Errand, 'claims' | 'onSchedule'>,
  world: World,
  signal: AbortSignal,
): Promise<Plan> {
  const { claims, onSchedule } = errand;
  // Every request under way listens to it.
  setMaxListeners(0, signal);
  return makePlan(lot.rows, {
    stores: world.stores,
    permissions: world.settings.permissions,
    clock: world.clock,
    claims,
    signal,
    destinationDigests: (references) => ecrDigests(world.clients, references, world.settings.roles),
    isDue: ({ key, every }) => !onSchedule || isDue(every, known.get(key)?.lastChecked, world.clock.now()),
  });
}

async function writeFindings(
  lot: Lot,
  skipped: readonly Skipped[],
  known: ReadonlyMap<string, RowStatus>,
  world: World,
  waiting: Oldest,
): Promise<void> {
  const now = world.clock.now();
  await recordUnchanged(world.copies, skipped.flatMap(unchanged), now);
  await writeRowStatuses(lot.rows, skipped, known, world, waiting);
  const gone = await readRowStatus(world.copies, lot.gone);
  for (const [row, status] of gone) await writeRowStatus(world.copies, row, { known: status, now });
}

function unchanged({ reason, source, destination }: Skipped): Unchanged[] {
  if (reason !== 'up-to-date' || source?.digest === undefined || destination === undefined) return [];
  return [{ source: { ...source, digest: source.digest }, destination }];
}

/** A lot that did not fit into an invocation is begun anew with half the rows; a single row that does not fit is left out. */
async function goOnSmaller(errand: Errand, lot: Lot, size: number, world: World, errors: string[]): Promise<boolean> {
  if (lot.rows.length > 1) {
    return handOver(errand, lot.here, Math.max(1, Math.floor(lot.rows.length / 2)), world, errors);
  }
  errors.push(`row ${lot.rows[0]?.key ?? ''} takes longer to plan than one invocation has; fewer tags would do`);
  return lot.next === undefined ? false : handOver(errand, lot.next, size, world, errors);
}

async function handOver(errand: Errand, place: Place, rows: number, world: World, errors: string[]): Promise<boolean> {
  if (errand.hops + 1 >= MOST_HOPS) {
    errors.push(`stopped after ${MOST_HOPS} invocations; a longer timeout of the controller would do`);
    return false;
  }
  const { run, onSchedule, hops } = errand;
  const rest: Continuation = { ...place, hops: hops + 1, run, rows, onSchedule };
  await invokeLater(world.clients.lambda(), world.functionName, { continue: rest });
  world.log('continued', { run, hops: hops + 1 });
  return true;
}
