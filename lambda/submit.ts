import { type Fenced, fencedPairs } from '../aws/copy-key';
import { LARGEST_ARRAY, submitJob } from '../aws/jobs';
import { recordUnsubmitted } from '../aws/losses';
import { noteJob, type WorkChunk, writeWorkList } from '../aws/work-lists';
import { codeOf, reason } from '../engine/errors';
import { mapWithin } from '../engine/gate';
import type { Copy, Skipped } from '../lib/model/copy';
import { packGroups } from '../lib/model/groups';
import { formatReference } from '../lib/model/reference';
import { formatWork } from '../lib/model/work';
import { leaseCopies } from './lease-copies';
import type { Oldest } from './oldest';
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
  /** Rows, by their `Source`, that have copies of which is not known that they have a job. */
  readonly unfinished: ReadonlySet<string>;
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
  const unfinished = new Set<string>();
  const { leased, left } = await leaseCopies(copies, plan, world, { skipped, errors, waiting, unfinished });
  let count = 0;
  for (const [position, batch] of batches(leased).entries()) {
    const id = position === 0 ? plan : `${plan}.${position}`;
    try {
      jobs.push(await submitBatch(batch, id, world));
      count += destinationsOf(batch);
    } catch (error) {
      errors.push(reason(error));
      for (const row of batch.flatMap(({ mirrors }) => mirrors)) unfinished.add(row);
      world.log('submit-failed', { plan: id, error: reason(error) });
      await mapWithin(WRITES_AT_ONCE, fencedPairs(batch), (copy) => giveUp(copy, error, world));
    }
  }
  return { jobs, copies: count, skipped, errors, left, unfinished };
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
  try {
    await noteJob(world.copies, plan, job);
  } catch (error) {
    // The copies count as abandoned then: a later run may submit them again, and the job that starts first has them.
    world.log('job-not-noted', { plan, job, error: reason(error) });
  }
  return job;
}

async function giveUp(copy: Fenced, error: unknown, world: World): Promise<void> {
  try {
    await recordUnsubmitted(world.copies, copy, { error: reason(error), code: codeOf(error) }, world.clock.now());
  } catch (cause) {
    // Its lease is for a plan without a job: it ends by itself, or is taken over.
    world.log('give-up-failed', { destination: formatReference(copy.destination), error: reason(cause) });
  }
}

function chunksOf(copies: readonly Copy[], group: number): WorkChunk[] {
  return formatWork(copies).map((text, chunk) => ({ group, chunk, text }));
}

function destinationsOf(copies: readonly Copy[]): number {
  return copies.reduce((sum, { destinations }) => sum + destinations.length, 0);
}
