import type { Announced } from '../aws/announcements';
import { type Fenced, fencedPairs } from '../aws/copy-key';
import type { JobEvent } from '../aws/events';
import { type Loss, recordEnded, recordEndedByHand } from '../aws/losses';
import { explainWait } from '../aws/outcomes';
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

/**
 * A job failed and is not tried again: those of its copies that it did not speak for itself say so, their leases end, and
 * the world is told. Batch may say it twice; a copy takes it once.
 */
export async function jobEnded(job: JobEvent, world: World): Promise<JobReply> {
  const loss = { error: `job ${job.id}: ${job.reason}`, code: job.code, job: job.id };
  const { work } = job;
  const copies =
    work !== undefined && 'source' in work ? await endByHand(work, loss, world) : await endPlanned(job, loss, world);
  if (copies > 0) world.metrics?.({ Failed: copies });
  world.log('job-failed', { job: job.id, reason: job.reason, code: job.code, copies });
  return { job: job.id, copies };
}

function endPlanned(job: JobEvent, loss: Required<Loss>, world: World): Promise<number> {
  const end = (copy: Fenced) => recordEnded(world.copies, copy, loss, world.clock.now());
  return eachCopy(job, world, end, (lost) => announceLost(lost, loss, world));
}

async function endByHand(
  { source, dest }: { readonly source: string; readonly dest: string },
  loss: Required<Loss>,
  world: World,
): Promise<number> {
  const parsed = parseJobParameters({ source, dest });
  if (parsed.kind !== 'single') return 0;
  const pairs = parsed.destinations.map((destination) => ({ source: parsed.source, destination }));
  const ended = await mapWithin(WRITES_AT_ONCE, pairs, (pair) =>
    recordEndedByHand(world.copies, pair, loss, world.clock.now()),
  );
  const lost = pairs.filter((_, at) => ended[at]);
  await announceLost(lost, loss, world);
  return lost.length;
}

type Pair = Pick<Announced, 'source' | 'destination'>;

async function announceLost(lost: readonly Pair[], { error, code, job }: Required<Loss>, world: World): Promise<void> {
  await world.announce?.(
    lost.map(({ source, destination }) => ({ source, destination, state: 'Failed', error, code })),
    job,
  );
}

/** A job at the head of its queue cannot start: its copies say what for, and stay queued. */
export async function queueBlocked(job: JobEvent, world: World): Promise<JobReply> {
  const why = `job ${job.id} cannot start: ${job.reason}`;
  const copies = await eachCopy(job, world, (copy) => explainWait(world.copies, copy, why));
  world.log('queue-blocked', { job: job.id, reason: job.reason, code: 'QUEUE_BLOCKED', copies });
  return { job: job.id, copies };
}

/** Applies the change to each leased copy of a job's work, hands on those that took it, and counts them. */
async function eachCopy(
  { work }: JobEvent,
  world: World,
  apply: (copy: Fenced) => Promise<boolean>,
  handOn?: (changed: readonly Fenced[]) => Promise<void>,
): Promise<number> {
  if (work === undefined || !('plan' in work)) return 0;
  let count = 0;
  for await (const text of readWorkList(world.copies, work.plan, work.group)) {
    const copies = fencedPairs(parseWork(text));
    const took = await mapWithin(WRITES_AT_ONCE, copies, apply);
    const changed = copies.filter((_, at) => took[at]);
    await handOn?.(changed);
    count += changed.length;
  }
  return count;
}
