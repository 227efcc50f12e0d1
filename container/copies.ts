import { acquire } from '../aws/leases';
import { readWorkList } from '../aws/work-lists';
import { makePlan } from '../engine/make-plan';
import type { Copy, CopyDestination, Skipped } from '../lib/model/copy';
import { InvalidValue } from '../lib/model/invalid';
import type { Job } from '../lib/model/job';
import type { Mirror } from '../lib/model/mirror';
import type { FailureCause } from '../lib/model/outcome';
import { formatReference, type Reference } from '../lib/model/reference';
import { codeOfSkipped } from '../lib/model/skip-code';
import { parseWork } from '../lib/model/work';
import type { Ending } from './exit-code';
import type { World } from './world';

/** What a job is to do, and how what is left out of it ended. */
export interface Work {
  readonly copies: readonly Copy[];
  readonly endings: readonly Ending[];
}

export function readWork(job: Job, world: World): Promise<Work> {
  return job.kind === 'plan' ? readPlan(job.plan, job.group, world) : planByHand(job, world);
}

/** @throws InvalidValue for a plan that is not there */
async function readPlan(plan: string, group: number, world: World): Promise<Work> {
  const copies: Copy[] = [];
  for await (const text of readWorkList(world.copies, plan, group)) copies.push(...parseWork(text));
  if (copies.length > 0) return { copies, endings: [] };
  throw new InvalidValue('plan', plan, `one with work for group ${group} would do; work lists are kept for a week`);
}

/** One image by hand: planned as a row would be, so that the same rules hold, then leased. */
async function planByHand(job: Extract<Job, { kind: 'single' }>, world: World): Promise<Work> {
  const mirror = mirrorOf(job.source, job.destinations);
  const plan = await makePlan([{ key: mirror.key, mirror, problems: [] }], {
    stores: world.stores,
    permissions: world.settings.permissions,
    clock: world.clock,
    signal: world.signal,
  });
  const leased = await Promise.all(plan.copies.map((copy) => lease(copy, world)));
  for (const skipped of plan.skipped) logSkipped(skipped, world);
  return {
    copies: leased.filter(({ destinations }) => destinations.length > 0),
    endings: plan.skipped.map(endingOf),
  };
}

function mirrorOf(source: Reference, destinations: readonly Reference[]): Mirror {
  const { repository, tag, digest } = source;
  return {
    key: formatReference(source),
    source: repository,
    select:
      digest === undefined
        ? { kind: 'tag', tag: tag ?? '' }
        : { kind: 'digest', digest, ...(tag === undefined ? {} : { tag }) },
    destinations: destinations.map(({ repository, tag }) => ({ repository, ...(tag === undefined ? {} : { tag }) })),
    referrers: true,
    paused: false,
  };
}

async function lease(copy: Copy, world: World): Promise<Copy> {
  const destinations: CopyDestination[] = [];
  for (const destination of copy.destinations) {
    const { reference, why } = destination;
    // A person asked: a conflict that was seen before is tried again.
    const pair = { source: copy.source, destination: reference, why: why === 'verify' ? why : ('missing' as const) };
    const answer = await acquire(world.copies, pair, world.job, world.clock.now());
    if ('fence' in answer) destinations.push({ ...destination, fence: answer.fence });
    else
      logSkipped(
        { mirror: formatReference(copy.source), destination: reference, reason: 'in-progress', detail: answer.held },
        world,
      );
  }
  return { ...copy, destinations };
}

function logSkipped(skipped: Skipped, world: World): void {
  const { mirror, destination, reason, detail } = skipped;
  const code = codeOfSkipped(skipped);
  world.log('skipped', {
    source: mirror,
    ...(destination === undefined ? {} : { destination: formatReference(destination) }),
    reason,
    ...(code === undefined ? {} : { code }),
    ...(detail === undefined ? {} : { detail }),
  });
}

function endingOf({ reason, cause }: Skipped): Ending {
  const causes: Partial<Record<Skipped['reason'], FailureCause>> = {
    'not-allowed': 'denied',
    invalid: 'usage',
    contested: 'usage',
    'source-failed': cause ?? 'unavailable',
    'destination-failed': cause ?? 'unavailable',
  };
  return causes[reason];
}
