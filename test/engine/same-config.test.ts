import { makePlan } from '../../engine/make-plan';
import { runCopies } from '../../engine/run-copies';
import { Session } from '../../engine/session';
import type { Digest } from '../../lib/model/digest';
import { parseRow } from '../../lib/model/mirror-row';
import type { Outcome } from '../../lib/model/outcome';
import { artifact, type Built, image, index, jsonContent, multiPlatform } from '../../local/images';
import { MemoryRegistries, type MemoryStore, unavailable } from '../fakes/memory-store';

const SOURCE = 'docker.io/library/app';
const OURS = 'our.example/app';
const clock = { now: () => Date.UTC(2026, 0, 1), sleep: async () => undefined };
const everything = { sources: ['**'], destinations: ['**'], outward: [] };

function put(store: MemoryStore, built: Built, tag: string): Digest {
  for (const { descriptor, bytes } of built.blobs) store.blobs.set(descriptor.digest, bytes);
  for (const { descriptor, bytes } of built.manifests) {
    store.manifests.set(descriptor.digest, { mediaType: descriptor.mediaType, bytes });
  }
  store.tagged.set(tag, built.root.descriptor.digest);
  return built.root.descriptor.digest;
}

/** The same images, written otherwise: an annotation in each manifest. */
function rewritten(built: Built): Built {
  const document = JSON.parse(Buffer.from(built.root.bytes).toString());
  const { mediaType, platform } = built.root.descriptor;
  const root = jsonContent(
    mediaType,
    { ...document, annotations: { again: 'yes' } },
    platform === undefined ? {} : { platform },
  );
  return { ...built, root, manifests: [...built.manifests.slice(0, -1), root] };
}

function world() {
  const registries = new MemoryRegistries();
  const source = registries.store(SOURCE);
  const ours = registries.store(OURS);
  const row = (more: object) =>
    parseRow({ Source: 'app:1', Destination: OURS, Compare: 'config', ...more }, { mapping: {} });
  const plan = (more: object = {}, partDigests?: never) =>
    makePlan([row(more)], {
      stores: registries.stores,
      permissions: everything,
      clock,
      ...(partDigests === undefined ? {} : { partDigests }),
    });
  const unknown = (async (parts: readonly unknown[]) => parts.map(() => undefined)) as never;
  const copy = async (more: object = {}) => {
    // As the controller plans, who reads no manifest.
    const planned = await plan(more, unknown);
    const outcomes: Outcome[] = [];
    const session = new Session({ clock });
    for await (const { outcome } of runCopies(planned.copies, { stores: registries.stores, clock, session })) {
      outcomes.push(outcome);
    }
    return outcomes;
  };
  return { registries, source, ours, plan, copy };
}

const single = image({ seed: 'app' });
const multi = multiPlatform({ seed: 'app' });

describe('an image with the same configs at its destination', () => {
  it.each<[string, Built, Built]>([
    ['a single image', single, rewritten(single)],
    ['an index', multi, rewritten(multi)],
    ['an index of one', index([single]), rewritten(single)],
  ])('is left as it is, whoever put it there: %s', async (_, there, other) => {
    const { registries, source, ours, plan, copy } = world();
    put(source, there, '1');
    const held = put(ours, other, '1');
    expect((await plan()).skipped).toMatchObject([{ reason: 'up-to-date', digest: held, compare: 'config' }]);
    expect((await plan({ Compare: 'manifest' })).copies).toHaveLength(1);
    const outcomes = await copy();
    expect(outcomes).toMatchObject([{ state: 'Mirrored', digest: held, compare: 'config', bytes: 0 }]);
    expect(ours.tagged.get('1')).toBe(held);
    expect(registries.count('pushBlob') + registries.count('pushManifest')).toBe(0);
  });

  it('is replaced once a config is another, and is then the source’s own', async () => {
    const { source, ours, copy, plan } = world();
    put(source, multi, '1');
    put(ours, rewritten(multiPlatform({ seed: 'older' })), '1');
    expect((await plan()).copies).toHaveLength(1);
    expect(await copy()).toMatchObject([{ state: 'Mirrored' }]);
    expect(ours.tagged.get('1')).toBe(multi.root.descriptor.digest);
    expect(ours.missing()).toEqual([]);
    expect((await plan()).skipped).toMatchObject([{ reason: 'up-to-date' }]);
  });

  it('is replaced when it lacks a platform', async () => {
    const { source, ours, copy } = world();
    put(source, multi, '1');
    put(ours, multiPlatform({ seed: 'app', platforms: [{ os: 'linux', architecture: 'amd64' }] }), '1');
    await copy();
    expect(ours.tagged.get('1')).toBe(multi.root.descriptor.digest);
  });

  it('may be the part of the source that is wanted', async () => {
    const { source, ours, copy, plan } = world();
    put(source, multi, '1');
    const [amd64] = multi.manifests;
    const part = { root: amd64, manifests: [amd64], blobs: multi.blobs } as Built;
    const held = put(ours, rewritten(part), '1');
    expect(await copy({ Platforms: 'linux/amd64' })).toMatchObject([{ state: 'Mirrored', digest: held, bytes: 0 }]);
    expect((await plan({ Platforms: 'linux/amd64' })).skipped).toMatchObject([{ reason: 'up-to-date' }]);
  });

  it('is left in one place and copied to another', async () => {
    const { registries, source, ours, copy } = world();
    put(source, single, '1');
    const held = put(ours, rewritten(single), '1');
    put(ours, image({ seed: 'older' }), '2');
    const outcomes = await copy({ Destination: [OURS, `${OURS}:2`, 'their.example/app'] });
    expect(outcomes.map(({ state }) => state)).toEqual(['Mirrored', 'Mirrored', 'Mirrored']);
    const { digest } = single.root.descriptor;
    expect([...ours.tagged]).toEqual([
      ['1', held],
      ['2', digest],
    ]);
    expect(registries.store('their.example/app').tagged.get('1')).toBe(digest);
    expect(ours.missing()).toEqual([]);
  });
});

it('compares what is no image by its manifest', async () => {
  const { source, ours, copy } = world();
  const chart = (name: string) => artifact({ artifactType: 'application/vnd.example.chart', annotations: { name } });
  const { digest } = chart('new').root.descriptor;
  put(source, chart('new'), '1');
  put(ours, chart('old'), '1');
  await copy();
  expect(ours.tagged.get('1')).toBe(digest);
});

it('copies as ever when the destination does not say what it holds', async () => {
  const { registries, source, ours, copy } = world();
  put(source, single, '1');
  const other = put(ours, rewritten(single), '1');
  registries.fault = ({ repository, operation, what }) => {
    if (repository === OURS && operation === 'fetchManifest' && what === other) throw unavailable();
  };
  expect(await copy()).toMatchObject([{ state: 'Mirrored' }]);
  expect(ours.tagged.get('1')).toBe(single.root.descriptor.digest);
});
