import { acquire, type Queued } from '../aws/leases';
import { hasJob } from '../aws/work-lists';
import { reason as messageOf } from '../engine/errors';
import { mapWithin } from '../engine/gate';
import type { Copy, CopyDestination, Skipped } from '../lib/model/copy';
import { formatReference } from '../lib/model/reference';
import type { Oldest } from './oldest';
import { type Removals, removals } from './removals';
import { RESERVE } from './reserve';
import type { World } from './world';

/** What is written down about copies that are not leased. */
export interface Refusals {
  readonly waiting: Oldest;
  readonly skipped: Skipped[];
  readonly errors: string[];
  /** Rows that have copies for which time has not sufficed, DynamoDB did not answer, or another plan waits for its job. */
  readonly unfinished: Set<string>;
}

const WRITES_AT_ONCE = 16;

/** Leases copies as far as time suffices: those that are, with the destinations that are theirs to do. */
export async function leaseCopies(
  copies: readonly Copy[],
  plan: string,
  world: World,
  refusals: Refusals,
): Promise<{ readonly leased: readonly Copy[]; readonly left: number }> {
  let left = 0;
  const claim = { plan, isAbandoned: abandonment(world), removals: removals(world) };
  const leased = await mapWithin(WRITES_AT_ONCE, copies, async (copy) => {
    const destinations: CopyDestination[] = [];
    if (world.remaining() < RESERVE.leases) {
      left += 1;
      for (const row of copy.mirrors) refusals.unfinished.add(row);
      return { ...copy, destinations };
    }
    for (const destination of copy.destinations) {
      const fence = await lease(copy, destination, claim, world, refusals);
      if (fence !== undefined) destinations.push({ ...destination, fence });
    }
    return { ...copy, destinations };
  });
  return { leased: leased.filter(({ destinations }) => destinations.length > 0), left };
}

interface Claim {
  readonly plan: string;
  readonly isAbandoned: (by: Queued) => Promise<boolean>;
  readonly removals: Removals;
}

async function lease(
  copy: Copy,
  { reference, why, onConflict }: CopyDestination,
  { plan, isAbandoned, removals }: Claim,
  world: World,
  refusals: Refusals,
): Promise<number | undefined> {
  const place = { source: copy.source, destination: reference };
  const { mirrors: rows } = copy;
  const requireSignature = world.insists === true ? undefined : copy.requireSignature;
  const pair = { ...place, why, rows, heedsRemovals: true, onConflict, ...(requireSignature && { requireSignature }) };
  try {
    let answer = await acquire(world.copies, pair, plan, world.clock.now());
    if ('held' in answer && answer.queued !== undefined && (await isAbandoned(answer.queued))) {
      world.log('abandoned', { plan: answer.queued.plan, destination: formatReference(reference) });
      answer = await acquire(world.copies, pair, plan, world.clock.now(), answer.queued.plan);
    }
    if ('held' in answer && answer.removed !== undefined) {
      const stopped = await removals.answer(place, answer.removed);
      answer =
        stopped === undefined
          ? await acquire(world.copies, { ...pair, heedsRemovals: false }, plan, world.clock.now())
          : { ...answer, held: stopped };
    }
    refusals.waiting.see(answer.staleSince, copy.mirrors);
    if ('fence' in answer) return answer.fence;
    const { because: reason, held: detail } = answer;
    // Whether that plan gets its job is not known.
    if (answer.queued !== undefined) for (const row of copy.mirrors) refusals.unfinished.add(row);
    const code = answer.removed === undefined ? {} : ({ code: 'IMAGE_REMOVED' } as const);
    refusals.skipped.push(...copy.mirrors.map((mirror) => ({ mirror, ...place, reason, detail, ...code })));
  } catch (error) {
    for (const row of copy.mirrors) refusals.unfinished.add(row);
    refusals.errors.push(`lease ${formatReference(reference)}: ${messageOf(error)}`);
  }
  return undefined;
}

/** Milliseconds after which whoever leased has submitted the job, or never will: an invocation lasts for 15 minutes, and clocks may be 5 apart. */
const LONGEST_SUBMISSION = 20 * 60_000;

/** Whether a plan's job was never submitted: its controller died between the two. Asked once for each plan. */
function abandonment(world: World): Claim['isAbandoned'] {
  const submitted = new Map<string, Promise<boolean>>();
  return async ({ plan, since }) => {
    if (world.clock.now() - since < LONGEST_SUBMISSION) return false;
    const known = submitted.get(plan) ?? hasJob(world.copies, plan);
    submitted.set(plan, known);
    return !(await known);
  };
}
