import type { Job } from '../../local/batch/job';
import { ended } from './worker-attempt';
import { finish, type Healed, leaseOf, waitForLease, wrongsOfDone } from './worker-heal';
import { lookAtDestination } from './worker-judge';
import type { Moment } from './worker-requests';
import type { CrashWorld } from './worker-world';

/** A worker that does nothing from some moment on, until it is told to go on. */
export interface Frozen {
  /** Whether it came to that moment. */
  readonly struck: boolean;
  /** Lets it go on, as if nothing had been. @returns its exit code */
  thaw(): Promise<number | undefined>;
}

/** Runs the worker of a job as far as before that moment. */
export async function freeze(world: CrashWorld, job: Job, moment: Moment): Promise<Frozen> {
  const [frozen, isFrozen] = signal();
  const [thawed, thaw] = signal();
  world.watch.begin(moment, async () => {
    isFrozen();
    await thawed;
    return true;
  });
  const worker = world.run(job);
  await Promise.race([frozen, worker.exited]);
  return {
    struck: world.watch.struck(),
    thaw: () => {
      thaw();
      return ended(worker);
    },
  };
}

/** Freezes a worker until its lease is over and another has done its work. Both have run: nothing may have come of it. */
export async function runTwice(
  world: CrashWorld,
  job: Job,
  moment: Moment,
): Promise<Healed & { readonly state: string; readonly tags: number }> {
  const first = await freeze(world, job, moment);
  const wrongs = first.struck ? [] : ['it never happened'];
  const { State } = await world.copy();
  const found = await lookAtDestination(world);
  const isLeased = (await leaseOf(world)) !== undefined;
  const other: Healed = isLeased
    ? await finish(world, await waitForLease(world), 'lease over')
    : { by: 'done', wrongs: [] };
  const exit = await first.thaw();
  wrongs.push(...found.wrongs, ...other.wrongs, ...(exit === 0 ? [] : [`what was frozen ended with ${exit}`]));
  wrongs.push(...(await wrongsOfDone(world)));
  return { state: String(State), tags: found.tags, by: other.by, wrongs };
}

function signal(): [Promise<void>, () => void] {
  let give = () => {};
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return [given, give];
}
