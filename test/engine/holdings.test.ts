import { copyImage } from '../../engine/copy';
import { Session } from '../../engine/session';
import type { CopyReason } from '../../lib/model/copy';
import type { Descriptor } from '../../lib/model/descriptor';
import { parseReference } from '../../lib/model/reference';
import { ImageMaker, MemoryRegistries, unavailable } from '../fakes/memory-store';

const SOURCE = 'docker.io/library/app';
const DESTINATION = 'one.example/mirror/app';
/** Long enough to be worth a question. */
const layer = (name: string) => name.repeat(20_000);

function world() {
  const registries = new MemoryRegistries();
  const make = new ImageMaker(registries.store(SOURCE));
  /** In a run of its own. */
  const copy = async (root: Descriptor, why: CopyReason, tag = '1.0') => {
    registries.calls.length = 0;
    const reference = parseReference(`${DESTINATION}:${tag}`);
    const source = { ...parseReference(`${SOURCE}:${tag}`), digest: root.digest };
    const planned = { mirrors: ['row'], source, root, destinations: [{ reference, why }], referrers: false };
    const [outcome] = await copyImage(planned, registries.stores, new Session());
    return outcome?.state;
  };
  const asked = () => registries.calls.filter(({ operation }) => operation === 'exists').map(({ what }) => what);
  return { registries, make, copy, asked, source: registries.store(SOURCE), to: registries.store(DESTINATION) };
}

describe('what a destination is asked for', () => {
  it('is one blob when it has no tags', async () => {
    const { registries, make, copy, asked } = world();
    const root = make.index([make.image([layer('a'), layer('b')]), make.image([layer('c'), layer('d')])], '1.0');
    expect(await copy(root, 'missing')).toBe('Mirrored');
    expect(asked()).toHaveLength(1);
    expect(registries.count('tags', DESTINATION)).toBe(1);
  });

  it('is every long blob when an earlier run was stopped there, and only what is missing moves', async () => {
    const { registries, make, copy, to, source } = world();
    const root = make.image([layer('a'), layer('b')], {}, '1.0');
    const [config, first, second] = [...source.blobs];
    for (const [digest, bytes] of [config, first].flatMap((blob) => (blob === undefined ? [] : [blob]))) {
      to.blobs.set(digest, bytes);
    }
    expect(await copy(root, 'missing')).toBe('Mirrored');
    const moved = registries.calls.filter(({ operation }) => operation === 'pushBlob').map(({ what }) => what);
    expect(moved).toEqual([second?.[0]]);
  });

  it('is every long blob when other tags have nothing in common with the image', async () => {
    const { make, copy, asked } = world();
    await copy(make.image([layer('a'), layer('b')], {}, '0.9'), 'missing', '0.9');
    expect(await copy(make.image([layer('c'), layer('d')], {}, '1.0'), 'missing')).toBe('Mirrored');
    expect(asked()).toHaveLength(4);
  });

  it('is nothing beside what the nearest tag has told', async () => {
    const { registries, make, copy, asked, to } = world();
    await copy(make.image([layer('other')], {}, 'latest'), 'missing', 'latest');
    await copy(make.image([layer('base'), layer('old')], {}, '0.9'), 'missing', '0.9');
    const root = make.image([layer('base'), layer('new')], {}, '1.0');
    expect(await copy(root, 'missing')).toBe('Mirrored');
    expect(asked()).toEqual([root.digest]);
    expect(registries.count('pushBlob')).toBe(2);
    expect(to.missing()).toEqual([]);
  });

  it('is nothing that the image before has told, when a tag moves', async () => {
    const { registries, make, copy, asked, to } = world();
    const shared = [layer('base'), layer('runtime')];
    const arm = make.image([...shared, layer('arm')]);
    await copy(make.index([make.image([...shared, layer('old')]), arm], '1.0'), 'missing');
    const root = make.index([make.image([...shared, layer('new')]), arm], '1.0');
    expect(await copy(root, 'changed')).toBe('Mirrored');
    expect(asked()).toEqual([root.digest]);
    expect(registries.count('tags', DESTINATION)).toBe(0);
    expect(registries.count('pushBlob')).toBe(2);
    expect(to.missing()).toEqual([]);
  });

  it('is everything when it does not list its tags', async () => {
    const { registries, make, copy, asked } = world();
    registries.fault = ({ operation, repository }) => {
      if (operation === 'tags' && repository === DESTINATION) throw unavailable('no list');
    };
    expect(await copy(make.image([layer('a'), layer('b')], {}, '1.0'), 'missing')).toBe('Mirrored');
    expect(asked()).toHaveLength(4);
  });

  it('is nothing of an image that planning saw there, when only referrers are wanted', async () => {
    const { registries, make, copy, asked } = world();
    const root = make.image([layer('a')], {}, '1.0');
    await copy(root, 'missing');
    expect(await copy(root, 'referrers')).toBe('Mirrored');
    expect(asked()).toEqual([]);
    expect(registries.count('tags', DESTINATION)).toBe(0);
  });
});
