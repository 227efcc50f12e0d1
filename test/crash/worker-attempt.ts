import type { Job } from '../../local/batch/job';
import type { WorkerProcess } from './worker-process';
import type { Moment } from './worker-requests';
import type { CrashWorld } from './worker-world';

/** Milliseconds in which a worker must end, however slow the machine is. */
const WITHIN = 60_000;

/** What can happen to a worker. */
export type Way = 'SIGKILL' | 'SIGTERM' | 'out of memory';
export const WAYS: readonly Way[] = ['SIGKILL', 'SIGTERM', 'out of memory'];

/** Exit codes as AWS Batch sees them: killed, 75 for "try again", aborted. */
export const EXITS: Readonly<Record<Way, number>> = { SIGKILL: 137, SIGTERM: 75, 'out of memory': 134 };

export interface Attempt {
  /** Undefined when it did not end. */
  readonly exit: number | undefined;
  /** Whether what was to happen has happened. */
  readonly struck: boolean;
  /** Names of its requests. */
  readonly requests: readonly string[];
}

/** Runs the worker of a job to its end, which something may bring about. */
export async function attempt(world: CrashWorld, job: Job, way?: Way, moment?: Moment): Promise<Attempt> {
  const { watch } = world;
  watch.begin(moment, () => strike(worker, way ?? 'SIGKILL'));
  const worker = world.run(job);
  const exit = await ended(worker);
  return { exit, struck: watch.struck(), requests: [...watch.seen] };
}

/** Its exit code; undefined, and it is killed, when it takes too long. */
export async function ended(worker: WorkerProcess): Promise<number | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), WITHIN);
  });
  const exit = await Promise.race([worker.exited, late]);
  clearTimeout(timer);
  if (exit === undefined) await worker.kill();
  return exit;
}

/** @returns whether the worker goes on */
export async function strike(worker: WorkerProcess, way: Way): Promise<boolean> {
  if (way === 'SIGKILL') await worker.kill();
  else if (way === 'SIGTERM') await worker.stop();
  else await worker.exhaust();
  return !worker.over();
}
