import { image } from '../../local/images';
import { attempt } from './worker-attempt';
import { begin, type Case, casesOf, formatCase, requestsOfCopy, run } from './worker-case';
import { freeze } from './worker-freeze';
import { IMAGE, TAG } from './worker-image';
import { lookAtDestination } from './worker-judge';
import { killAtRandom } from './worker-random';
import { type CrashWorld, openCrashWorld, REPOSITORY } from './worker-world';

/** `CRASH_CASES=all`: every crash; else so many of them, spread evenly. */
const CASES = process.env.CRASH_CASES === 'all' ? Number.POSITIVE_INFINITY : 8;
/** Milliseconds in which a test must end, however slow the machine is. */
const WITHIN = 600_000;

let world: CrashWorld;
let all: readonly Case[];

beforeAll(async () => {
  world = await openCrashWorld();
  all = casesOf(await requestsOfCopy(world));
}, WITHIN);
afterAll(() => world.close());

/** From the middle of each stretch, so that every way and every peer has its share. */
function spread(cases: readonly Case[]): readonly Case[] {
  const step = Math.max(1, cases.length / CASES);
  return cases.filter((_, i) => Math.floor((i + step / 2) / step) !== Math.floor((i - 1 + step / 2) / step));
}

describe('a worker that crashes at one of its requests', () => {
  it(
    'leaves nothing partial, gives its lease back or lets it run out, and the copy is done in the end',
    async () => {
      const wrong = [];
      for (const one of spread(all)) {
        const { wrongs } = await run(world, one);
        if (wrongs.length > 0) wrong.push({ case: formatCase(one), wrongs });
      }
      expect(wrong).toEqual([]);
    },
    6 * WITHIN,
  );

  it('may do so at each of them: to the source, to the destination, to DynamoDB', () => {
    const requests = new Set(all.map(({ moment }) => moment.request));
    for (const one of ['source blob layer', 'destination upload layer', 'destination push tag', 'AWS Query']) {
      expect(requests).toContain(one);
    }
    expect([...requests].filter((name) => name.startsWith('AWS UpdateItem of the copy'))).toHaveLength(3);
  });
});

describe('a worker that is killed at moments of chance', () => {
  it(
    'leaves nothing partial, and nothing is lost',
    async () => {
      const { kills, wrongs } = await killAtRandom(world, 3, 1);
      expect(wrongs).toEqual([]);
      expect(kills).toBe(3);
    },
    WITHIN,
  );
});

describe('a worker that is frozen right before it moves a tag', () => {
  it(
    'may move it back once another has moved it on: the next schedule puts it right',
    async () => {
      const tagged = () => world.own.state.repositories.get(REPOSITORY)?.tags.get(TAG);
      const newer = image({ seed: 'newer' });
      const frozen = await freeze(world, await begin(world), { request: 'destination push tag', phase: 'before' });
      world.upstream.state.place('app', newer, TAG);
      try {
        // Another digest is another copy: it does not wait for the lease of the one before.
        const second = await world.schedule();
        expect(second === undefined ? undefined : (await attempt(world, second)).exit).toBe(0);
        expect(tagged()).toBe(newer.root.descriptor.digest);
        expect(await frozen.thaw()).toBe(0);
        expect(tagged()).toBe(IMAGE.root.descriptor.digest);
        // It has not been able to say so: its lease was another's.
        expect(await world.copy()).toMatchObject({ State: 'Mirrored', Digest: newer.root.descriptor.digest });
        const third = await world.schedule();
        expect(third === undefined ? undefined : (await attempt(world, third)).exit).toBe(0);
        expect(tagged()).toBe(newer.root.descriptor.digest);
        expect(await world.schedule()).toBeUndefined();
      } finally {
        world.upstream.state.place('app', IMAGE, TAG);
      }
    },
    WITHIN,
  );
});

describe('the judge of what crashes leave', () => {
  it('sees a tag that is not signed, and a tag and a manifest that lack a part', async () => {
    await begin(world);
    world.own.state.place(REPOSITORY, IMAGE, TAG);
    expect((await lookAtDestination(world)).wrongs).toEqual([`${TAG} is not signed`]);
    const [blob] = IMAGE.blobs;
    await world.own.state.deleteBlob(REPOSITORY, blob?.descriptor.digest ?? '');
    const { wrongs } = await lookAtDestination(world);
    expect(wrongs).toEqual([expect.stringContaining('is not whole'), expect.stringContaining(`${TAG}: `)]);
  });
});
