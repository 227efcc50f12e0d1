import type { Item } from '../../aws/items';
import type { ExitCode } from '../../lib/model/outcome';
import type { Host } from '../fault/host';
import { startProxy } from '../fault/proxy';
import { deliver, invoke } from './controller/invoke';
import { lacks, wrongs } from './controller/judge';
import type { SubmittedJob } from './controller/place';
import { openScene, push, SCHEDULE, type Scene } from './controller/story';
import { recover } from './controller/turmoil';
import { ended } from './controller/work';

const DESTINATION = 'destination.test/mirror/base:1';
const PUSH = push('team/base', '1');
/** Much happens in each of these tests; on a slow machine it takes a while. */
jest.setTimeout(120_000);

const MINUTE = 60;
const DAY = 24 * 3600;

let scene: Scene;
/** The destination, as a worker sees it that is held up at it until it is let go. */
let slow: Host;
let letGo: () => void;

beforeEach(async () => {
  scene = await openScene();
  const gone = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  slow = await startProxy('destination', scene.place.peers.destination, ({ target }) =>
    target === 'upload'
      ? async (exchange) => {
          await gone;
          exchange.reply(await exchange.forward());
        }
      : undefined,
  );
});
afterEach(async () => {
  letGo();
  await slow.close();
  await scene.place.close();
});

const item = async (): Promise<Item | undefined> =>
  (await scene.place.items()).find(({ Destination }) => Destination === DESTINATION);

/** Waits for what another timer brings about; the test's own time-out ends it if it never does. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}

interface Running {
  /** By its clock, which is ahead so many seconds. */
  passMinute(): Promise<void>;
  readonly code: Promise<ExitCode>;
}

/** A worker that has taken over its copy and is held up at the destination. */
async function busy(job: SubmittedJob | undefined, ahead: number): Promise<Running> {
  if (job === undefined) throw new Error('no job was submitted');
  const code = scene.workers.attempt(job, 0, { ahead, renewal: 100, destination: slow.url });
  const seconds = () => Math.floor(scene.place.clock.now() / 1000) + ahead;
  const renewed = async () => (await item())?.Lease?.Until === seconds() + 600;
  await until(renewed);
  return {
    code,
    passMinute: async () => {
      scene.place.clock.advance(MINUTE);
      await until(renewed);
    },
  };
}

const plan = async (ahead: number) =>
  (await invoke(scene.place, PUSH, { ahead })).reply as unknown as { copies: number };

describe('clocks within five minutes', () => {
  it.each([
    [0, 300],
    [300, 0],
    [150, -150],
  ])('(worker %i s, controller %i s) leave a worker its copy for as long as it works', async (worker, controller) => {
    expect(await plan(controller)).toMatchObject({ copies: 1 });
    const running = await busy(scene.place.jobs[0], worker);
    for (let minute = 1; minute <= 15; minute += 1) {
      await running.passMinute();
      if (minute % 5 === 0) expect(await plan(controller)).toMatchObject({ copies: 0 });
    }
    letGo();
    expect(await running.code).toBe(0);
    expect(await lacks(scene, [DESTINATION])).toEqual([]);
    expect(scene.workers.begun).toHaveLength(1);
  });

  it.each([
    [0, 300],
    [-150, 150],
  ])('(controllers %i s and %i s) leave a copy to the job that it waits for', async (first, second) => {
    expect(await plan(first)).toMatchObject({ copies: 1 });
    for (let minutes = 0; minutes < 105; minutes += 15) {
      scene.place.clock.advance(15 * MINUTE);
      expect(await plan(second)).toMatchObject({ copies: 0 });
    }
    await scene.workers.runAll();
    expect(await lacks(scene, [DESTINATION])).toEqual([]);
  });
});

describe('clocks further apart', () => {
  it.each([
    ['before', 900],
    ['after', DAY],
  ])(
    'may have a copy made twice: the one that was replaced moves no tag, be it done %s the other (%i s)',
    async (when, controller) => {
      expect(await plan(0)).toMatchObject({ copies: 1 });
      const replaced = await busy(scene.place.jobs[0], 0);
      expect(await plan(controller)).toMatchObject({ copies: 1 });
      const [, second] = scene.place.jobs;
      if (second === undefined) throw new Error('nothing took over');
      const { requests } = scene.place.registries.destination;
      const tagged = () =>
        requests.filter(({ method, path }) => method === 'PUT' && path.includes('/manifests/1')).length;
      if (when === 'before') letGo();
      if (when === 'before') await replaced.code;
      expect(tagged()).toBe(0);
      expect(await scene.workers.attempt(second, 0, { ahead: controller })).toBe(0);
      letGo();
      await replaced.code;
      expect(tagged()).toBe(1);
      expect(await lacks(scene, [DESTINATION])).toEqual([]);
    },
  );

  it.each([[-DAY], [DAY]])('do not keep a lease from coming back (a worker that dies, %i s)', async (ahead) => {
    expect(await plan(0)).toMatchObject({ copies: 1 });
    const [job] = scene.place.jobs;
    if (job === undefined) throw new Error('no job was submitted');
    const stop = new AbortController();
    const dead = scene.workers.attempt(job, 0, { ahead, destination: slow.url, signal: stop.signal });
    await until(async () => (await item())?.Lease?.Kind === 'running');
    scene.place.clock.advance(11 * MINUTE);
    await deliver(scene.place, PUSH);
    scene.workers.lose();
    const [, second] = scene.place.jobs;
    if (second === undefined) throw new Error('nothing took over');
    expect(await scene.workers.attempt(second, 0)).toBe(0);
    letGo();
    stop.abort();
    await dead;
    expect(await lacks(scene, [DESTINATION])).toEqual([]);
  });

  it('of controllers, by a day, end with every image in its place and no lease left', async () => {
    for (const ahead of [DAY, 0, -DAY, DAY, 0]) {
      await invoke(scene.place, SCHEDULE, { ahead });
      const job = scene.place.jobs.at(-1);
      if (job !== undefined && ahead === 0) await invoke(scene.place, ended(job), { ahead: -DAY });
      scene.place.clock.advance(30 * MINUTE);
    }
    await scene.workers.runAll();
    await recover(scene);
    expect(await wrongs(scene)).toEqual([]);
  });
});
