import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '../../local/batch/job';
import { randomFrom } from '../fakes/random';
import { EXITS, ended } from './worker-attempt';
import { begin } from './worker-case';
import { type Healing, nextBy, repeat, wrongsOfDone } from './worker-heal';
import { lookAtDestination } from './worker-judge';
import type { CrashWorld } from './worker-world';

/** What kills at random have shown. */
export interface Kills {
  kills: number;
  /** Copies that were done in the end. */
  copies: number;
  /** Tags that were read back, after kills and at the end. */
  tags: number;
  /** How often a killed copy was in a state, and how it went on. */
  readonly found: Map<string, number>;
  readonly wrongs: string[];
}

/** Attempts at one copy that may be killed: AWS Batch and the schedule would go on for ever. */
const MOST = 8;

/** Milliseconds from a worker's first request to its end, as those have shown that came to it. */
interface Pace {
  lasted: number;
}

/**
 * Kills workers at moments that a seed chooses, each between its first request and its end, until so many were killed. Each copy
 * goes on in one of the ways there are, often enough to be killed again, and is done in the end.
 */
export async function killAtRandom(
  world: CrashWorld,
  kills: number,
  seed: number,
  tell: (soFar: Kills) => void = () => {},
): Promise<Kills> {
  const random = randomFrom(seed);
  const found: Kills = { kills: 0, copies: 0, tags: 0, found: new Map(), wrongs: [] };
  const pace = await runFor(world, await begin(world));
  for (let copies = 0; found.kills < kills && copies < 3 * kills; copies += 1) {
    await killOne(world, kills, random, pace, found);
    tell(found);
  }
  return found;
}

async function killOne(world: CrashWorld, most: number, random: () => number, pace: Pace, found: Kills) {
  let job = await begin(world);
  for (let attempts = 0; attempts < MOST && found.kills < most; attempts += 1) {
    const { exit, lasted } = await runFor(world, job, random() * pace.lasted);
    if (exit === 0) {
      pace.lasted = (pace.lasted + lasted) / 2;
      break;
    }
    if (exit !== EXITS.SIGKILL) return conclude(found, [`a worker ended with ${exit}`]);
    found.kills += 1;
    const by = WAYS_ON[Math.floor(random() * WAYS_ON.length)] ?? 'next attempt';
    if (await look(world, found, by)) break;
    const next = await nextBy(world, job, by);
    found.wrongs.push(...next.wrongs);
    if (next.job === undefined) return conclude(found, await wrongsOfDone(world));
    job = next.job;
  }
  conclude(found, await letBe(world, job, pace));
}

/** Looks at what a kill has left. @returns whether the copy was recorded as done */
async function look(world: CrashWorld, found: Kills, by: Healing): Promise<boolean> {
  const { State } = await world.copy();
  const { tags, wrongs } = await lookAtDestination(world);
  found.tags += tags;
  found.wrongs.push(...wrongs);
  const done = State === 'Mirrored';
  const what = `${State}, ${tags === 0 ? 'no tag' : 'tagged'}: ${done ? 'done' : by}`;
  found.found.set(what, (found.found.get(what) ?? 0) + 1);
  return done;
}

/** The worker that nothing happens to; what is done already, it leaves alone. */
async function letBe(world: CrashWorld, job: Job, pace: Pace): Promise<readonly string[]> {
  if ((await world.copy()).State === 'Mirrored') return (await repeat(world, job)).wrongs;
  const { exit, lasted } = await runFor(world, job);
  pace.lasted = (pace.lasted + lasted) / 2;
  return [...(exit === 0 ? [] : [`the last worker ended with ${exit}`]), ...(await wrongsOfDone(world))];
}

const WAYS_ON: readonly Healing[] = ['next attempt', 'next attempt', 'job given up', 'lease over'];

function conclude(found: Kills, wrongs: readonly string[]): void {
  found.wrongs.push(...wrongs);
  if (wrongs.length > 0) return;
  found.copies += 1;
  found.tags += 1;
}

/** @param moment in milliseconds from its first request, at which it is killed. @returns how long it lasted from then on */
async function runFor(world: CrashWorld, job: Job, moment?: number) {
  world.watch.begin();
  const first = world.watch.next();
  const worker = world.run(job);
  await Promise.race([first, worker.exited]);
  const began = performance.now();
  if (moment !== undefined) {
    await Promise.race([sleep(moment), worker.exited]);
    await worker.kill();
  }
  const exit = await ended(worker);
  return { exit, lasted: performance.now() - began };
}
