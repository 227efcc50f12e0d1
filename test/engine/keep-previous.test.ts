import { copyImage } from '../../engine/copy';
import { Session } from '../../engine/session';
import type { CopyDestination } from '../../lib/model/copy';
import type { Descriptor } from '../../lib/model/descriptor';
import { parseReference } from '../../lib/model/reference';
import { denied, ImageMaker, MemoryRegistries, unavailable } from '../fakes/memory-store';

const SOURCE = 'docker.io/library/app';
const OURS = 'one.example/mirror/app';
const DAY = 86_400_000;

function world() {
  const registries = new MemoryRegistries();
  const clock = { time: Date.UTC(2026, 10, 21, 14, 30, 5), now: () => clock.time, sleep: async () => undefined };
  const make = new ImageMaker(registries.store(SOURCE));
  const ours = registries.store(OURS);
  const move = async (root: Descriptor, more: Partial<CopyDestination> = {}, tag = '1') => {
    const copy = {
      mirrors: ['row'],
      source: { ...parseReference(`${SOURCE}:${tag}`), digest: root.digest },
      root,
      destinations: [
        { reference: parseReference(`${OURS}:${tag}`), why: 'changed' as const, keepPrevious: true, ...more },
      ],
      referrers: true,
    };
    const [outcome] = await copyImage(copy, registries.stores, new Session({ clock }));
    return outcome;
  };
  return { registries, clock, make, ours, move };
}

describe('keeping what a tag held', () => {
  it('tags the image by the day before the tag moves, children and all', async () => {
    const { registries, make, ours, move } = world();
    const first = make.index([make.image(['a']), make.image(['b'])]);
    const next = make.image(['c']);
    expect(await move(first, { why: 'missing' })).toMatchObject({ state: 'Mirrored' });
    expect(ours.history.map(({ tag }) => tag)).toEqual(['1']);

    expect(await move(next)).toMatchObject({ state: 'Mirrored', kept: 'prev-1-20261121' });

    expect(ours.history.slice(1)).toEqual([
      { tag: 'prev-1-20261121', digest: first.digest },
      { tag: '1', digest: next.digest },
    ]);
    expect(ours.missing()).toEqual([]);
    // What is kept is read where it lies: at the source it may be gone, and counts as a pull.
    expect(registries.calls.filter((call) => call.what === first.digest && call.operation === 'fetchManifest')).toEqual(
      [
        { repository: SOURCE, operation: 'fetchManifest', what: first.digest },
        { repository: OURS, operation: 'fetchManifest', what: first.digest },
      ],
    );
  });

  it('keeps nothing where it is not asked to, where the tag is new, and where it holds the image already', async () => {
    const { make, ours, move } = world();
    const [first, next] = [make.image(['a']), make.image(['b'])];
    await move(first);
    await move(next, { keepPrevious: false });
    await move(next);
    expect([...ours.tagged.keys()]).toEqual(['1']);
  });

  it('keeps a second image of the same day under its time, and a third of that second under its digest', async () => {
    const { make, ours, move } = world();
    const images = ['a', 'b', 'c', 'd'].map((layer) => make.image([layer]));
    for (const image of images) await move(image);
    expect(Object.fromEntries(ours.tagged)).toEqual({
      'prev-1-20261121': images[0]?.digest,
      'prev-1-20261121-143005': images[1]?.digest,
      [`prev-1-20261121-${images[2]?.digest.slice(7, 19)}`]: images[2]?.digest,
      1: images[3]?.digest,
    });
  });

  it('keeps an image once for a move that is cut short, and done again the day after', async () => {
    const { registries, clock, make, ours, move } = world();
    const [first, next] = [make.image(['a']), make.image(['b'])];
    await move(first);
    registries.fault = ({ operation, what }) => {
      if (operation === 'pushManifest' && what === '1') throw unavailable();
    };
    expect(await move(next)).toMatchObject({ state: 'Failed' });
    registries.fault = () => undefined;
    clock.time += DAY;
    expect(await move(next)).toMatchObject({ state: 'Mirrored', kept: 'prev-1-20261121' });
    expect([...ours.tagged]).toEqual([
      ['1', next.digest],
      ['prev-1-20261121', first.digest],
    ]);
  });

  it.each([
    ['HEAD of the tag', 'resolve', '1'],
    ['HEAD of the name', 'resolve', 'prev-1-20261121'],
    ['manifest', 'fetchManifest', undefined],
    ['PUT', 'pushManifest', 'prev-1-20261121'],
  ])('does not move the tag when the %s fails', async (_, operation, what) => {
    const { registries, make, ours, move } = world();
    const [first, next] = [make.image(['a']), make.image(['b'])];
    await move(first);
    registries.fault = (call) => {
      if (call.repository === OURS && call.operation === operation && (what ?? first.digest) === call.what)
        throw denied();
    };
    const outcome = await move(next);
    expect(outcome).toMatchObject({ state: 'Failed', cause: 'denied' });
    expect(outcome?.error).toMatch(/^destination: keep what is held by /);
    expect(ours.tagged.get('1')).toBe(first.digest);
  });

  it('keeps it where tags are not listed', async () => {
    const { registries, make, ours, move } = world();
    await move(make.image(['a']));
    registries.fault = ({ operation }) => {
      if (operation === 'tags') throw denied();
    };
    expect(await move(make.image(['b']))).toMatchObject({ state: 'Mirrored', kept: 'prev-1-20261121' });
    expect(ours.tagged.size).toBe(2);
  });

  it('writes no tag over, whoever took it', async () => {
    const { make, ours, move } = world();
    const [first, next, theirs] = [make.image(['a']), make.image(['b']), make.image(['c'])];
    await move(theirs, { reference: parseReference(`${OURS}:prev-1-20261121`), keepPrevious: false });
    await move(first);
    expect(await move(next)).toMatchObject({ kept: 'prev-1-20261121-143005' });
    expect(ours.tagged.get('prev-1-20261121')).toBe(theirs.digest);
  });

  it('keeps what the tag holds of a long name, under a tag that is not too long', async () => {
    const { make, ours, move } = world();
    const long = 'x'.repeat(128);
    const first = make.image(['a']);
    await move(first, {}, long);
    const outcome = await move(make.image(['b']), {}, long);
    expect(outcome).toMatchObject({ state: 'Mirrored', kept: expect.stringMatching(/^prev-x+-20261121$/) });
    expect(ours.tagged.get(outcome?.kept ?? '')).toBe(first.digest);
  });

  it('keeps it in a repository of immutable tags too, where the tag stays', async () => {
    const { registries, make, ours, move } = world();
    const [first, next] = [make.image(['a']), make.image(['b'])];
    await move(first);
    registries.immutable = () => true;
    for (let attempt = 0; attempt < 2; attempt += 1) expect(await move(next)).toMatchObject({ state: 'Conflict' });
    expect([...ours.tagged]).toEqual([
      ['1', first.digest],
      ['prev-1-20261121', first.digest],
    ]);
  });

  it('is stopped by whoever has taken the copy over', async () => {
    const { registries, clock, make, ours, move } = world();
    const [first, next] = [make.image(['a']), make.image(['b'])];
    await move(first);
    const copy = {
      mirrors: ['row'],
      source: { ...parseReference(`${SOURCE}:1`), digest: next.digest },
      root: next,
      destinations: [{ reference: parseReference(`${OURS}:1`), why: 'changed' as const, keepPrevious: true }],
      referrers: true,
    };
    const answers = [true, false];
    const mayTag = async () => answers.shift() ?? false;
    const [outcome] = await copyImage(copy, registries.stores, new Session({ clock }), { mayTag });
    expect(outcome).toMatchObject({ state: 'Failed', cause: 'stopped' });
    expect(ours.tagged.get('1')).toBe(first.digest);
  });
});
