import { copyImage } from '../../engine/copy';
import { Session } from '../../engine/session';
import { type Descriptor, MediaType } from '../../lib/model/descriptor';
import { parseReference } from '../../lib/model/reference';
import { ImageMaker, MemoryRegistries } from '../fakes/memory-store';

const SOURCE = 'docker.io/library/app';
const clock = { now: () => 0, sleep: async () => undefined };

function world() {
  const registries = new MemoryRegistries();
  const source = registries.store(SOURCE);
  const copy = async (root: Descriptor) => {
    const planned = {
      mirrors: ['row'],
      source: { ...parseReference(`${SOURCE}:1`), digest: root.digest },
      root,
      destinations: [{ reference: parseReference('our.example/app:1'), why: 'missing' as const }],
      referrers: false,
    };
    const [outcome] = await copyImage(planned, registries.stores, new Session({ clock }), {});
    return outcome;
  };
  return { registries, source, make: new ImageMaker(source), copy, destination: registries.store('our.example/app') };
}

describe('indexes in indexes', () => {
  /** So many indexes around an image, each with the one before as its only child. */
  const nested = (make: ImageMaker, depth: number) => {
    let root = make.image(['layer']);
    for (let level = 0; level < depth; level++) root = make.index([root]);
    return root;
  };

  it('are copied whole eight deep', async () => {
    const { make, copy, source, destination } = world();
    expect(await copy(nested(make, 8))).toMatchObject({ state: 'Mirrored' });
    expect(destination.manifests.size).toBe(source.manifests.size);
    expect(destination.missing()).toEqual([]);
  });

  it('are refused when they are deeper, and nothing is tagged', async () => {
    for (const depth of [9, 200]) {
      const { make, copy, destination } = world();
      const outcome = await copy(nested(make, depth));
      expect(outcome).toMatchObject({
        state: 'Failed',
        error: expect.stringContaining('got an index in an index; at most 8 deep would do'),
      });
      expect(destination.tagged.size).toBe(0);
    }
  });

  it('that go round in a circle are refused, though every registry lied', async () => {
    const { make, copy, source, destination } = world();
    const outer = make.index([make.image(['outer'])]);
    const inner = make.index([outer]);
    const bytes = Buffer.from(JSON.stringify({ mediaType: MediaType.OCI_INDEX, manifests: [{ ...inner }] }));
    source.manifests.set(outer.digest, { mediaType: MediaType.OCI_INDEX, bytes });
    const outcome = await copy({ ...inner, size: 0 });
    expect(outcome).toMatchObject({ state: 'Failed', error: expect.stringMatching(/^source: /) });
    expect(destination.tagged.size).toBe(0);
  });

  it('that share their children are walked once each, not once for each way to them', async () => {
    const { registries, make, copy, source, destination } = world();
    let level = Array.from({ length: 12 }, (_, n) => make.image([`layer ${n}`]));
    for (let depth = 0; depth < 6; depth++) {
      // What tells the indexes of a level apart is an order of their own.
      const children = level;
      level = children.map((_, n) => make.index([...children.slice(n), ...children.slice(0, n)]));
    }
    expect(await copy(make.index(level))).toMatchObject({ state: 'Mirrored' });
    expect(destination.manifests.size).toBe(source.manifests.size);
    expect(registries.count('fetchManifest')).toBe(source.manifests.size);
    // Twelve to the sixth ways lead to each image; as many go at once as the room of a depth lets in.
    expect(registries.count('pushManifest')).toBeLessThan(64 * source.manifests.size);
  });
});

describe('an index of very many children', () => {
  it('is refused by their number before any of them is asked for', async () => {
    const { registries, make, copy } = world();
    const child = make.image(['layer']);
    const outcome = await copy(make.index(Array<Descriptor>(20_001).fill(child)));
    expect(outcome).toMatchObject({
      state: 'Failed',
      error: expect.stringContaining('got 20001 manifests; at most 20000'),
    });
    expect(registries.count('pushManifest') + registries.count('pushBlob')).toBe(0);
  });
});
