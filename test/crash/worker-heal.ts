import { QUEUED_SECONDS, RUNNING_SECONDS } from '../../aws/leases';
import type { Job } from '../../local/batch/job';
import { isRetried } from '../../local/batch/retry';
import { type JsonMap, mapOf, numberOf, textOf } from '../../local/template/value';
import { attempt } from './worker-attempt';
import { wrongsOfCopied } from './worker-judge';
import type { CrashWorld } from './worker-world';

/** Seconds that clocks may be apart without a copy being done twice at once. */
const APART = 300;
const LONGEST: Readonly<Record<string, number>> = { queued: QUEUED_SECONDS, running: RUNNING_SECONDS };

/** How a copy whose worker is no more comes to be done. */
export type Healing =
  /** It was recorded as done. */
  | 'done'
  /** By the next attempt that AWS Batch makes. */
  | 'next attempt'
  /** AWS Batch gives the job up and says so; the next schedule copies. */
  | 'job given up'
  /** The lease was given back; the next schedule copies. */
  | 'lease given back'
  /** Nobody says anything; the schedule copies once the lease has run out. */
  | 'lease over'
  /** The tag had been moved: the schedule sees that it is right. */
  | 'found done';

/** Where the next worker comes from; without one, the copy is to be done. */
export interface Next {
  readonly job?: Job;
  readonly wrongs: readonly string[];
}

export interface Healed {
  readonly by: Healing;
  readonly wrongs: readonly string[];
}

export interface Lease {
  readonly kind: string;
  /** Seconds that it still has. */
  readonly left: number;
}

export async function leaseOf(world: CrashWorld): Promise<Lease | undefined> {
  const { Lease } = await world.copy();
  if (Lease === undefined) return undefined;
  const { Kind, Until } = mapOf(Lease as JsonMap);
  return { kind: textOf(Kind) ?? '', left: (numberOf(Until) ?? Number.POSITIVE_INFINITY) - world.clock.now() / 1000 };
}

/** Whether AWS Batch, told so by the template, tries a job again that has ended with this exit code. */
export function isTriedAgain(job: Job, exitCode: number | undefined): boolean {
  return exitCode !== undefined && isRetried(job.submission.definition.retry, 1, { exitCode });
}

/** Nobody takes a copy whose worker may be alive, even by a clock that is ahead; somebody does when its lease is over. */
export async function waitForLease(world: CrashWorld): Promise<Next> {
  const lease = await leaseOf(world);
  if (lease === undefined) return { wrongs: ['it has no lease'] };
  const longest = LONGEST[lease.kind] ?? 0;
  const wrongs = lease.left > longest ? [`a ${lease.kind} lease has ${lease.left} s; ${longest} would do`] : [];
  world.clock.advance(APART);
  if ((await world.schedule()) !== undefined) wrongs.push(`it is planned again ${APART} s later: twice at once`);
  world.clock.advance(Math.max(0, lease.left - APART) + 1);
  return { job: await world.schedule(), wrongs };
}

async function giveUp(world: CrashWorld, job: Job): Promise<Next> {
  await world.giveUp(job, 'OutOfMemoryError: Container killed due to memory usage');
  const { State, Error: said, Lease } = await world.copy();
  const told = State === 'Failed' && String(said).includes('OutOfMemoryError') && Lease === undefined;
  return { job: await world.schedule(), wrongs: told ? [] : [`the copy is ${State} and says ${said}`] };
}

/** Makes that happen from which the next worker comes. */
export async function nextBy(world: CrashWorld, job: Job, by: Healing): Promise<Next> {
  if (by === 'next attempt') return { job, wrongs: [] };
  if (by === 'job given up') return giveUp(world, job);
  return by === 'lease over' ? waitForLease(world) : { job: await world.schedule(), wrongs: [] };
}

/** Runs the next worker to its end, which must be the image at the destination, and nothing left to do. */
export async function finish(world: CrashWorld, { job, wrongs }: Next, by: Healing): Promise<Healed> {
  if (job === undefined) {
    const left = await wrongsOfDone(world);
    return { by: 'found done', wrongs: [...wrongs, ...left.map((wrong) => `nobody plans it again: ${wrong}`)] };
  }
  const { exit } = await attempt(world, job);
  const ended = exit === 0 ? [] : [`the next worker ended with ${exit}`];
  return { by, wrongs: [...wrongs, ...ended, ...(await wrongsOfDone(world))] };
}

/** What is wrong with a copy that is done, as tables, the destination and the controller see it. */
export async function wrongsOfDone(world: CrashWorld): Promise<readonly string[]> {
  const wrongs = await wrongsOfCopied(world, await world.copy());
  return (await world.schedule()) === undefined ? wrongs : [...wrongs, 'it is planned again, although it is done'];
}

/** A further attempt at what is done moves nothing. */
export async function repeat(world: CrashWorld, job: Job): Promise<Healed> {
  const { exit, requests } = await attempt(world, job);
  const moved = requests.filter((name) => /^destination (open|upload|push)/.test(name));
  return {
    by: 'done',
    wrongs: [
      ...(exit === 0 ? [] : [`a further attempt ended with ${exit}`]),
      ...moved.map((name) => `a further attempt moves something: ${name}`),
      ...(await wrongsOfDone(world)),
    ],
  };
}
