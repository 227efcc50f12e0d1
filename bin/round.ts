import { makePlan, type PlanWorld } from '../engine/make-plan';
import { readPartDigests } from '../engine/part-digests';
import { type CopyWorld, runCopies } from '../engine/run-copies';
import { Session } from '../engine/session';
import type { Sightings } from '../engine/sightings';
import type { Plan } from '../lib/model/copy';
import type { Mirror, ParsedRow } from '../lib/model/mirror';
import { problemLine } from '../lib/model/mirror-row';
import { ExitCode } from '../lib/model/outcome';
import type { Permissions } from '../lib/model/permissions';
import type { CopyLedger } from './copy-ledger';
import type { Io } from './io';
import type { PartMemory } from './part-memory';
import { putOff } from './put-off';
import type { Report } from './report';
import type { Settings } from './settings';
import type { Counts } from './voices';
import type { World } from './world';

/** One pass over rows: what to plan by, and what to tell. */
export interface Round {
  readonly rows: readonly ParsedRow[];
  readonly permissions: Permissions;
  readonly world: World;
  readonly settings: Settings;
  readonly io: Io;
  readonly report: Report;
  /** @default - every row is due */
  readonly isDue?: (mirror: Mirror) => boolean;
  /** Whether destinations are asked for everything that they may hold. @default - not for what costs as little to send */
  readonly thorough?: boolean;
  /** Whether an image that is where it is to be is verified. @default - none is */
  readonly verifies?: PlanWorld['verifies'];
  /** Notes what becomes of copies. @default - nobody does */
  readonly ledger?: CopyLedger;
  /** @default - nothing is remembered of parts of images: their indexes are read */
  readonly parts?: PartMemory;
  /** Since when digests are known, for rows that ask for an age. @default - no row asks */
  readonly sightings?: Sightings;
  /**
   * When a row was put off before, by its key: what sources would refuse to let be pulled now is left for later, and rows that
   * were left before come first. @default - everything is tried
   */
  readonly waitingSince?: (row: string) => number | undefined;
}

/** Keys of rows of which something is not mirrored after a round. */
export interface Unfinished {
  readonly failed: ReadonlySet<string>;
  /** Their sources count pulls, and have too few left. */
  readonly putOff: ReadonlySet<string>;
}

/** @param session that which will copy what is planned. @default - nothing will be copied */
export function planRound(
  { rows, permissions, world, io, isDue, verifies, parts, sightings }: Round,
  session?: Session,
): Promise<Plan> {
  const ask = readPartDigests(world.stores, session ?? new Session(world));
  const planWorld: PlanWorld = {
    stores: world.stores,
    permissions,
    clock: world.clock,
    ...(sightings === undefined ? {} : { sightings }),
    ...(io.signal === undefined ? {} : { signal: io.signal }),
    ...(isDue === undefined ? {} : { isDue }),
    ...(verifies === undefined ? {} : { verifies }),
    ...(session === undefined ? {} : { session }),
    ...(parts === undefined ? {} : { partDigests: parts.digests(ask) }),
  };
  return makePlan(rows, planWorld);
}

/** Plans, copies and tells. */
export async function mirrorRound(round: Round): Promise<Unfinished> {
  const { report, waitingSince } = round;
  const world = copyWorld(round);
  const session = new Session(world);
  const planned = await planRound(round, session);
  const plan = waitingSince === undefined ? planned : await putOff(planned, round.world, waitingSince);
  const failed = new Set<string>();
  const later = new Set(plan.skipped.flatMap(({ reason, mirror }) => (reason === 'put-off' ? [mirror] : [])));
  tellSkipped(plan, round, failed);
  report.expect(plan.copies.reduce((sum, { destinations }) => sum + destinations.length, 0));
  for await (const { copy, outcome } of runCopies(plan.copies, { ...world, session })) {
    report.end(copy, outcome);
    round.ledger?.ended(copy, outcome);
    round.parts?.note(copy, outcome);
    const unfinished = outcome.cause === 'put-off' ? later : failed;
    if (outcome.state !== 'Mirrored') for (const key of copy.mirrors) unfinished.add(key);
  }
  return { failed, putOff: later };
}

export function tellSkipped(plan: Plan, { rows, report, ledger }: Round, failed?: Set<string>): void {
  const mirrors = new Map(rows.map(({ key, mirror }) => [key, mirror]));
  for (const skipped of plan.skipped) {
    const before = report.counts.failed + report.counts.left;
    report.skip(skipped, mirrors.get(skipped.mirror));
    ledger?.skipped(skipped);
    if (report.counts.failed + report.counts.left > before) failed?.add(skipped.mirror);
  }
}

/** Tells what is odd about rows that are acted on all the same. */
export function tellWarnings(rows: readonly ParsedRow[], report: Report): void {
  for (const { key, problems } of rows) {
    for (const problem of problems) if (problem.severity === 'warning') report.warn(key, problemLine(problem));
  }
}

export function copyWorld({ world, settings, io, report, thorough }: Round): CopyWorld {
  return {
    ...(thorough === undefined ? {} : { thorough }),
    stores: world.stores,
    clock: world.clock,
    ...(io.signal === undefined ? {} : { signal: io.signal }),
    observer: report.observer,
    verifySignature: world.verifySignature,
    ...(settings.concurrency === undefined ? {} : { concurrency: settings.concurrency }),
  };
}

/** The exit code of a run over many rows. */
export function roundExitCode({ failed, left, putOff }: Counts, signal: AbortSignal | undefined): ExitCode {
  if (left > 0 || signal?.aborted === true) return ExitCode.TRY_AGAIN;
  if (failed > 0) return ExitCode.FAILED;
  return putOff > 0 ? ExitCode.TRY_AGAIN : ExitCode.OK;
}
