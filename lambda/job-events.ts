import { fencedPairs } from '../aws/copy-key';
import type { JobEvent } from '../aws/events';
import { explainWait, recordLost, recordLostJob } from '../aws/outcomes';
import { readWorkList } from '../aws/work-lists';
import { mapWithin } from '../engine/gate';
import { parseJobParameters } from '../lib/model/job';
import { parseWork } from '../lib/model/work';
import type { World } from './world';

/** What a job event changed. */
export interface JobReply {
  readonly job: string;
  /** Copies that now say why. */
  readonly copies: number;
}

const WRITES_AT_ONCE = 16;

/** A job failed: those of its copies that it did not speak for itself say so, and their leases end. */
export async function jobEnded(job: JobEvent, world: World): Promise<JobReply> {
  const error = `job ${job.id}: ${job.reason}`;
  const { work } = job;
  const copies =
    work !== undefined && 'source' in work
      ? await endByHand(work, { error, job: job.id }, world)
      : await eachCopy(job, world, (copy) => recordLost(world.copies, copy, { error, job: job.id }, world.clock.now()));
  if (copies > 0) world.metrics?.({ Failed: copies });
  world.log('job-failed', { job: job.id, reason: job.reason, copies });
  return { job: job.id, copies };
}

async function endByHand(
  { source, dest }: { readonly source: string; readonly dest: string },
  cause: { readonly error: string; readonly job: string },
  world: World,
): Promise<number> {
  const parsed = parseJobParameters({ source, dest });
  if (parsed.kind !== 'single') return 0;
  const ended = await mapWithin(WRITES_AT_ONCE, parsed.destinations, (destination) =>
    recordLostJob(world.copies, { source: parsed.source, destination }, cause, world.clock.now()),
  );
  return ended.filter(Boolean).length;
}

/** A job at the head of its queue cannot start: its copies say what for, and stay queued. */
export async function queueBlocked(job: JobEvent, world: World): Promise<JobReply> {
  const why = `job ${job.id} cannot start: ${job.reason}`;
  const copies = await eachCopy(job, world, (copy) => explainWait(world.copies, copy, why));
  world.log('queue-blocked', { job: job.id, reason: job.reason, copies });
  return { job: job.id, copies };
}

/** Applies the change to each leased copy of a job's work and counts those that took it. */
async function eachCopy(
  { work }: JobEvent,
  world: World,
  apply: (copy: ReturnType<typeof fencedPairs>[number]) => Promise<boolean>,
): Promise<number> {
  if (work === undefined || !('plan' in work)) return 0;
  let count = 0;
  for await (const text of readWorkList(world.copies, work.plan, work.group)) {
    const changed = await mapWithin(WRITES_AT_ONCE, fencedPairs(parseWork(text)), apply);
    count += changed.filter(Boolean).length;
  }
  return count;
}
