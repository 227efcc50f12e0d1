import { randomFrom } from '../../fakes/random';
import { deliver, invoke } from './invoke';
import { ECR, type SubmittedJob } from './place';
import { push, record, SCHEDULE, type Scene } from './story';
import { ended } from './work';

const HOUR = 3600;
/** Seconds that a clock may be ahead or behind, so that no two are more than five minutes apart. */
const APART = 150;

/**
 * A day at a deployment, by a seed: runs, pushes and changed rows, each told once or twice, to controllers whose clocks differ and
 * that are at work at once; tags that move; jobs that run, are lost, or end without anybody hearing of it; news of jobs that comes
 * late, twice, or after what came later. Then all news is told, and some hours pass.
 *
 * @returns what was done, for whoever looks for what went wrong
 */
export async function turmoil(scene: Scene, seed: number, turns: number): Promise<readonly string[]> {
  const { place, workers } = scene;
  const random = randomFrom(seed);
  const chance = (share: number) => random() < share;
  const pick = <T>(some: readonly T[]): T => some[Math.floor(random() * some.length)] as T;
  const news: unknown[] = [];
  const done: string[] = [];
  let told = 0;

  const events = (): readonly (readonly [string, unknown])[] => [
    ['run', SCHEDULE],
    ['push', push('team/base', '1')],
    ['old push', push('team/base', '0')],
    ['rows', { Records: [record('MODIFY', 'upstream.test/app:1'), record('REMOVE', 'upstream.test/long-gone:1')] }],
    ['request', { sources: ['upstream.test/timed:1', `${ECR}/team/base:1`] }],
    ...news.map((event) => ['news', event] as const),
  ];
  const tell = async (): Promise<void> => {
    const [name, event] = pick(events());
    const ahead = Math.round((random() * 2 - 1) * APART);
    const times = chance(0.3) ? 2 : 1;
    done.push(`${name} ×${times} at ${ahead} s`);
    await Promise.all(Array.from({ length: times }, () => invoke(place, event, { ahead })));
  };
  const work = async (): Promise<void> => {
    const jobs = place.jobs.slice(told);
    told = place.jobs.length;
    news.push(...jobs.map((job) => blocked(job)));
    if (chance(0.7)) {
      done.push(`${jobs.length} jobs run`);
      await workers.runAll();
      return;
    }
    done.push(`${jobs.length} jobs lost`);
    workers.lose();
    if (chance(0.7)) news.push(...jobs.map((job) => ended(job)));
  };

  for (let turn = 0; turn < turns; turn += 1) {
    if (chance(0.2)) {
      done.push('a tag moves');
      scene.move(`${seed}/${turn}`);
    }
    const others = Array.from({ length: 1 + Math.floor(random() * 3) }, tell);
    await Promise.all(chance(0.5) ? [...others, work()] : others);
    place.clock.advance(Math.floor(random() * HOUR));
  }
  for (const event of news) await deliver(place, event);
  await recover(scene);
  return done;
}

/** Hours in which nothing happens but runs and their jobs: longer than any lease. */
export async function recover({ place, workers }: Scene): Promise<void> {
  for (let hour = 0; hour < 3; hour += 1) {
    place.clock.advance(HOUR);
    await deliver(place, SCHEDULE);
    await workers.runAll();
  }
}

function blocked(job: SubmittedJob): unknown {
  return { ...ended(job), 'detail-type': 'Batch Job Queue Blocked' };
}
