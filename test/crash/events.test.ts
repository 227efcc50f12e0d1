import { FAULTS } from './controller/fault';
import { invoke } from './controller/invoke';
import { lacks, wrongs } from './controller/judge';
import { aimedAt } from './controller/line';
import { openScene, record, SCHEDULE, type Scene, STORIES } from './controller/story';
import { recover, turmoil } from './controller/turmoil';
import { ended } from './controller/work';

jest.setTimeout(120_000);

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene.place.close());

/** `CONTROLLER_CASES=all`: many days of turmoil. */
const DAYS = process.env.CONTROLLER_CASES === 'all' ? 200 : 1;
const TURNS = 12;

describe('the same event', () => {
  it.each(STORIES.map((story) => [story.name, story] as const))(
    '(%s) told to three controllers at once has each image copied once',
    async (_, story) => {
      await story.before?.(scene);
      const before = scene.place.jobs.length;
      const event = story.event(scene);
      const options = story.remaining === undefined ? {} : { remaining: story.remaining };
      const lives = await Promise.all([1, 2, 3].map(() => invoke(scene.place, event, options)));
      expect(lives.map((life) => life.ended)).toEqual(['done', 'done', 'done']);
      for (const rest of [...scene.place.handedOver]) await invoke(scene.place, rest);
      await scene.workers.runAll();
      if (story.about !== 'job') expect(await lacks(scene, story.concerns)).toEqual([]);
      const copied = new Set(scene.workers.begun.map((name) => name.split(' by ')[0]));
      expect(scene.workers.begun).toHaveLength(copied.size);
      expect(scene.place.jobs.length - before).toBeLessThanOrEqual(lives.length);
      await recover(scene);
      expect(await wrongs(scene)).toEqual([]);
    },
  );

  it('of what is left to do, told twice because nobody heard that it was taken, has each image copied once', async () => {
    await invoke(scene.place, SCHEDULE, { remaining: [900_000, 900_000, 0, 0, 0, 0, 0] });
    const [rest] = scene.place.handedOver;
    expect(rest).toHaveProperty('continue');
    const lives = await Promise.all([invoke(scene.place, rest), invoke(scene.place, rest)]);
    expect(lives.map((life) => life.ended)).toEqual(['done', 'done']);
    await scene.workers.runAll();
    expect(await lacks(scene)).toEqual([]);
    expect(scene.workers.overlaps).toEqual([]);
    expect(scene.workers.begun).toHaveLength(5);
  });

  it('that a job failed, told again when its copies were planned anew, fails them no second time', async () => {
    await invoke(scene.place, SCHEDULE);
    const [job] = scene.place.jobs;
    if (job === undefined) throw new Error('no job was submitted');
    scene.workers.lose();
    await invoke(scene.place, ended(job));
    const told = scene.place.told.length;
    expect(told).toBe(5);
    await invoke(scene.place, SCHEDULE);
    await invoke(scene.place, ended(job));
    expect(scene.place.told).toHaveLength(told);
    // The row with a schedule of its own is not due yet.
    expect((await scene.place.items()).filter(({ State }) => State === 'Queued')).toHaveLength(4);
    await scene.workers.runAll();
    await invoke(scene.place, ended(job));
    await recover(scene);
    expect(await wrongs(scene)).toEqual([]);
  });
});

it('a copy whose loss was written, and DynamoDB not heard to say so, is told of all the same, once', async () => {
  await invoke(scene.place, SCHEDULE);
  scene.workers.lose();
  const [job] = scene.place.jobs;
  const fault = FAULTS.find(({ name }) => name === 'answer lost');
  if (job === undefined || fault === undefined) throw new Error('no job, or no fault');
  const strike = aimedAt({ fault, step: 'dynamodb: UpdateItem, loss', nth: 2 });
  const { reply } = await invoke(scene.place, ended(job), { strike });
  expect(strike.struck).toBe(1);
  expect(reply).toMatchObject({ copies: 5 });
  expect(scene.place.told).toHaveLength(5);
  await invoke(scene.place, ended(job));
  expect(scene.place.told).toHaveLength(5);
});

describe('news that comes in another order', () => {
  it('of a row that is gone by now mirrors nothing, and of one that was gone and is back mirrors it', async () => {
    const Source = 'upstream.test/app:1';
    await scene.place.remove(Source);
    const inserted = await invoke(scene.place, { Records: [record('INSERT', Source)] });
    expect(inserted.reply).toMatchObject({ rows: 0, copies: 0 });
    await scene.place.put({ Source, Destination: [...scene.wanted.keys()][0]?.replace(/:1$/, '') });
    const removed = await invoke(scene.place, { Records: [record('REMOVE', Source)] });
    expect(removed.reply).toMatchObject({ rows: 1, copies: 1 });
    await scene.workers.runAll();
    await recover(scene);
    expect(await wrongs(scene)).toEqual([]);
  });

  it('that a queue is blocked, when its job has run, says nothing on copies', async () => {
    await invoke(scene.place, SCHEDULE);
    const [job] = scene.place.jobs;
    if (job === undefined) throw new Error('no job was submitted');
    await scene.workers.runAll();
    await invoke(scene.place, { ...ended(job), 'detail-type': 'Batch Job Queue Blocked' });
    expect(await wrongs(scene)).toEqual([]);
  });
});

describe('a day on which everything comes twice, late, at once or not at all', () => {
  it.each(Array.from({ length: DAYS }, (_, seed) => [seed + 1]))(
    '(seed %i) ends with every image in its place, and none was copied by two workers at once',
    async (seed) => {
      const done = await turmoil(scene, seed, TURNS);
      expect({ done, wrongs: await wrongs(scene) }).toEqual({ done, wrongs: [] });
    },
  );
});
