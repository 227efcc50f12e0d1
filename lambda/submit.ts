import { fencedPairs } from '../aws/copy-key';
import { LARGEST_ARRAY, submitJob } from '../aws/jobs';
import { acquire } from '../aws/leases';
import { recordUnsubmitted } from '../aws/losses';
import { type WorkChunk, writeWorkList } from '../aws/work-lists';
import { reason } from '../engine/errors';
import { mapWithin } from '../engine/gate';
import type { Copy, CopyDestination, Skipped } from '../lib/model/copy';
import { packGroups } from '../lib/model/groups';
import { formatReference } from '../lib/model/reference';
import { formatWork } from '../lib/model/work';
import type { Oldest } from './oldest';
import { RESERVE } from './reserve';
import type { World } from './world';

/** What became of a plan's copies. */
export interface Submitted {
  readonly jobs: readonly string[];
  /** Destinations that a job was submitted for. */
  readonly copies: number;
  /** Destinations that another run has, or that are in conflict. */
  readonly skipped: readonly Skipped[];
  /** A job that could not be submitted; its leases are given back. */
  readonly errors: readonly string[];
  /** Copies that time has not sufficed for: nothing of them is leased. */
  readonly left: number;
}

const WRITES_AT_ONCE = 16;

/** Leases what is to be copied, as far as time suffices, packs it into groups, writes the work list and submits the job. */
export async function submitCopies(
  copies: readonly Copy[],
  plan: string,
  world: World,
  waiting: Oldest,
): Promise<Submitted> {
  const skipped: Skipped[] = [];
  const jobs: string[] = [];
  const errors: string[] = [];
  const { leased, left } = await leaseAll(copies, plan, world, { skipped, errors, waiting });
  let count = 0;
  for (const [position, batch] of batches(leased).entries()) {
    const id = position === 0 ? plan : `${plan}.${position}`;
    try {
      jobs.push(await submitBatch(batch, id, world));
      count += destinationsOf(batch);
    } catch (error) {
      errors.push(reason(error));
      world.log('submit-failed', { plan: id, error: reason(error) });
      await mapWithin(WRITES_AT_ONCE, fencedPairs(batch), (copy) =>
        recordUnsubmitted(world.copies, copy, reason(error), world.clock.now()),
      );
    }
  }
  return { jobs, copies: count, skipped, errors, left };
}

interface Refusals {
  readonly waiting: Oldest;
  readonly skipped: Skipped[];
  readonly errors: string[];
}

async function leaseAll(
  copies: readonly Copy[],
  plan: string,
  world: World,
  refusals: Refusals,
): Promise<{ readonly leased: readonly Copy[]; readonly left: number }> {
  let left = 0;
  const leased = await mapWithin(WRITES_AT_ONCE, copies, async (copy) => {
    const destinations: CopyDestination[] = [];
    if (world.remaining() < RESERVE.leases) {
      left += 1;
      return { ...copy, destinations };
    }
    for (const destination of copy.destinations) {
      const fence = await lease(copy, destination, plan, world, refusals);
      if (fence !== undefined) destinations.push({ ...destination, fence });
    }
    return { ...copy, destinations };
  });
  return { leased: leased.filter(({ destinations }) => destinations.length > 0), left };
}

async function lease(
  copy: Copy,
  { reference, why }: CopyDestination,
  plan: string,
  world: World,
  refusals: Refusals,
): Promise<number | undefined> {
  const pair = { source: copy.source, destination: reference, why };
  try {
    const answer = await acquire(world.copies, pair, plan, world.clock.now());
    refusals.waiting.see(answer.staleSince);
    if ('fence' in answer) return answer.fence;
    refusals.skipped.push(...copy.mirrors.map((mirror) => heldBy(mirror, pair, answer)));
  } catch (error) {
    refusals.errors.push(`lease ${formatReference(reference)}: ${reason(error)}`);
  }
  return undefined;
}

function heldBy(
  mirror: string,
  { source, destination }: Pick<Skipped, 'source' | 'destination'>,
  answer: { readonly held: string; readonly because: 'in-progress' | 'conflict' },
): Skipped {
  return { mirror, source, destination, reason: answer.because, detail: answer.held };
}

/** A job each. An array job has as many children as groups, and a group never less than a copy. */
function batches(copies: readonly Copy[]): readonly (readonly Copy[])[] {
  const found: Copy[][] = [];
  for (let at = 0; at < copies.length; at += LARGEST_ARRAY) found.push(copies.slice(at, at + LARGEST_ARRAY));
  return found;
}

async function submitBatch(copies: readonly Copy[], plan: string, world: World): Promise<string> {
  const groups = packGroups(copies, { maxGroups: LARGEST_ARRAY });
  await writeWorkList(world.copies, plan, groups.flatMap(chunksOf), world.clock);
  const job = await submitJob(world.clients.batch(), world.jobs, { plan, groups: groups.length });
  world.log('submitted', { plan, job, groups: groups.length, copies: destinationsOf(copies) });
  return job;
}

function chunksOf(copies: readonly Copy[], group: number): WorkChunk[] {
  return formatWork(copies).map((text, chunk) => ({ group, chunk, text }));
}

function destinationsOf(copies: readonly Copy[]): number {
  return copies.reduce((sum, { destinations }) => sum + destinations.length, 0);
}
