import type { Job } from '../../local/batch/job';
import { type Attempt, attempt, EXITS, type Way } from './worker-attempt';
import { runTwice } from './worker-freeze';
import { finish, type Healed, type Healing, isTriedAgain, leaseOf, nextBy, repeat, wrongsOfDone } from './worker-heal';
import { lookAtDestination } from './worker-judge';
import { PHASES, type Phase } from './worker-moment';
import type { Moment } from './worker-requests';
import { type CrashWorld, REPOSITORY } from './worker-world';

/** Something that happens to a worker. What is `frozen` does nothing until another has taken over, and then goes on. */
export interface Case {
  readonly way: Way | 'frozen';
  readonly moment: Moment;
}

export interface Result extends Healed {
  readonly case: Case;
  /** State of the copy when its worker was gone, or frozen. */
  readonly state: string;
  /** Tags that were read back then. */
  readonly tags: number;
}

/** An empty destination, and the job that is to fill it. */
export async function begin(world: CrashWorld): Promise<Job> {
  const { own } = world;
  const repository = own.state.create(REPOSITORY);
  for (const digest of [...repository.blobs.keys()]) await own.state.deleteBlob(REPOSITORY, digest);
  repository.manifests.clear();
  repository.tags.clear();
  await world.forget();
  await world.longAfter();
  const job = await world.schedule();
  if (job === undefined) throw new Error(`schedule: got no job for an empty ${REPOSITORY}; one would do`);
  return job;
}

/** Names of all requests of a worker that nothing happens to, in order. */
export async function requestsOfCopy(world: CrashWorld): Promise<readonly string[]> {
  const { exit, requests } = await attempt(world, await begin(world));
  const wrongs = await wrongsOfDone(world);
  if (exit === 0 && wrongs.length === 0) return requests;
  throw new Error(`worker: got exit code ${exit}, ${wrongs.join('; ')}; a copy would do`);
}

/** Before, during and after each request by each signal; during it for memory; before it for what freezes. */
export function casesOf(requests: readonly string[]): Case[] {
  const at = (way: Case['way'], ...phases: readonly Phase[]) =>
    requests.flatMap((request) => phases.map((phase) => ({ way, moment: { request, phase } })));
  return [
    ...at('SIGKILL', ...PHASES),
    ...at('SIGTERM', ...PHASES),
    ...at('out of memory', 'during'),
    ...at('frozen', 'before'),
  ];
}

export function formatCase({ way, moment }: Case): string {
  return `${way} ${moment.phase} ${moment.request}`;
}

export async function run(world: CrashWorld, one: Case): Promise<Result> {
  const job = await begin(world);
  const ended = one.way === 'frozen' ? runTwice(world, job, one.moment) : end(world, job, one.way, one.moment);
  return { case: one, ...(await ended) };
}

async function end(world: CrashWorld, job: Job, way: Way, moment: Moment): Promise<Omit<Result, 'case'>> {
  const tried = await attempt(world, job, way, moment);
  const { State } = await world.copy();
  const done = State === 'Mirrored';
  const found = await lookAtDestination(world);
  const { by, wrongs } = done ? await repeat(world, job) : await healAfter(world, job, way);
  const all = [...wrongsOfEnd(tried, way, job, done), ...found.wrongs, ...wrongs];
  return { state: String(State), tags: found.tags, by, wrongs: all };
}

function wrongsOfEnd({ exit, struck }: Attempt, way: Way, job: Job, done: boolean): string[] {
  if (!struck) return ['it never happened'];
  // Who is told to stop when all is done and said has nothing to do again.
  const right = exit === EXITS[way] || (way === 'SIGTERM' && done && exit === 0);
  return [
    ...(right ? [] : [`it ended with ${exit}`]),
    ...(exit === 0 || isTriedAgain(job, exit) ? [] : [`AWS Batch does not try again what ended with ${exit}`]),
  ];
}

const HEALINGS: Readonly<Record<Exclude<Way, 'SIGTERM'>, Healing>> = {
  SIGKILL: 'lease over',
  'out of memory': 'job given up',
};

async function healAfter(world: CrashWorld, job: Job, way: Way): Promise<Healed> {
  const by = way === 'SIGTERM' ? await healingOfStopped(world) : HEALINGS[way];
  if (by === undefined) return { by: 'lease given back', wrongs: ['its lease was not given back'] };
  return finish(world, await nextBy(world, job, by), by);
}

/** Who was stopped before it took over its lease from the queue has none to give back: the next attempt has it. */
async function healingOfStopped(world: CrashWorld): Promise<Healing | undefined> {
  const lease = await leaseOf(world);
  if (lease === undefined) return 'lease given back';
  return lease.kind === 'queued' ? 'next attempt' : undefined;
}
