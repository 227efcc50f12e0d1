import { makePlan, type PlanWorld } from '../../engine/make-plan';
import type { PartDigests } from '../../engine/part-digests';
import { runCopies } from '../../engine/run-copies';
import { Session } from '../../engine/session';
import type { Descriptor } from '../../lib/model/descriptor';
import type { Digest } from '../../lib/model/digest';
import { parseRow } from '../../lib/model/mirror-row';
import type { Outcome } from '../../lib/model/outcome';
import {
  type Built,
  cosignTag,
  image,
  index,
  multiPlatform,
  signatureImage,
  signatureReferrer,
} from '../../local/images';
import { MemoryRegistries, type MemoryStore, unavailable } from '../fakes/memory-store';

const SOURCE = 'docker.io/library/app';
const OURS = 'our.example/app';
const THEIRS = 'their.example/app';
const clock = { now: () => Date.UTC(2026, 0, 1), sleep: async () => undefined };
const everything = { sources: ['**'], destinations: ['**'], outward: [] };
const [AMD64, ARM64, S390X] = ['amd64', 'arm64', 's390x'].map((architecture) => ({ os: 'linux', architecture })) as [
  { os: string; architecture: string },
  { os: string; architecture: string },
  { os: string; architecture: string },
];
const app = (seed = 'app') => multiPlatform({ seed, platforms: [AMD64, ARM64, S390X], attestations: true });

function put(store: MemoryStore, built: Built, tag?: string): Descriptor {
  for (const { descriptor, bytes } of built.blobs) store.blobs.set(descriptor.digest, bytes);
  for (const { descriptor, bytes } of built.manifests) {
    store.manifests.set(descriptor.digest, { mediaType: descriptor.mediaType, bytes });
  }
  if (tag !== undefined) store.tagged.set(tag, built.root.descriptor.digest);
  return built.root.descriptor;
}

function world(more: Partial<PlanWorld> = {}) {
  const registries = new MemoryRegistries();
  const source = registries.store(SOURCE);
  const ours = registries.store(OURS);
  const plan = (...rows: Record<string, unknown>[]) =>
    makePlan(
      rows.map((row) => parseRow({ Source: 'app:1', Destination: OURS, ...row }, { mapping: {} })),
      { stores: registries.stores, permissions: everything, clock, ...more },
    );
  const sync = async (...rows: Record<string, unknown>[]) => {
    const planned = await plan(...rows);
    const session = new Session({ clock });
    const outcomes: Outcome[] = [];
    for await (const { outcome } of runCopies(planned.copies, { stores: registries.stores, clock, session })) {
      outcomes.push(outcome);
    }
    return { planned, outcomes };
  };
  const childrenOf = (store: MemoryStore, tag: string) => {
    const manifest = store.manifests.get(store.tagged.get(tag) as Digest);
    const document = JSON.parse(Buffer.from(manifest?.bytes ?? '').toString()) as { manifests?: Descriptor[] };
    return document.manifests?.map(({ digest }) => digest);
  };
  return { registries, source, ours, plan, sync, childrenOf };
}

const digestsOf = (built: Built) => built.manifests.map(({ descriptor }) => descriptor.digest);

describe('a copy of some platforms', () => {
  it('brings the manifest of one platform and nothing else', async () => {
    const { source, ours, sync } = world();
    const [, arm64] = digestsOf(app());
    put(source, app(), '1');

    const { outcomes } = await sync({ Platforms: 'linux/arm64' });

    expect(outcomes).toMatchObject([{ state: 'Mirrored', digest: arm64, platforms: [ARM64] }]);
    expect(outcomes[0]?.source.digest).toBe(app().root.descriptor.digest);
    expect(ours.tagged.get('1')).toBe(arm64);
    expect([...ours.manifests.keys()]).toEqual([arm64]);
    expect(ours.missing()).toEqual([]);
  });

  it('brings an index of several, with what is said of them, to each of several registries from one read', async () => {
    const { registries, source, ours, sync, childrenOf } = world();
    registries.mounts = () => false;
    put(source, app(), '1');
    const [amd64, , s390x, ofAmd64, , ofS390x] = digestsOf(app());

    const { outcomes } = await sync({ Platforms: ['linux/s390x', 'linux/amd64'], Destination: [OURS, THEIRS] });

    expect(outcomes.map(({ state }) => state)).toEqual(['Mirrored', 'Mirrored']);
    expect(new Set(outcomes.map(({ digest }) => digest)).size).toBe(1);
    for (const store of [ours, registries.store(THEIRS)]) {
      expect(childrenOf(store, '1')).toEqual([amd64, s390x, ofAmd64, ofS390x]);
      expect(store.missing()).toEqual([]);
    }
    const read = registries.calls.filter(
      ({ repository, operation }) => repository === SOURCE && operation.startsWith('fetch'),
    );
    expect(new Set(read.map(({ what }) => what)).size).toBe(read.length);
  });

  it('brings the original bit for bit when they are all it has, and a single image as it is', async () => {
    const { source, ours, sync } = world();
    const whole = put(source, app(), '1');
    const single = put(source, image({ seed: 'single' }), '2');
    const all = await sync({ Platforms: ['linux/amd64', 'linux/arm64', 'linux/s390x'] });
    const one = await sync({ Source: 'app:2', Platforms: ['linux/amd64'] });
    expect([...all.outcomes, ...one.outcomes]).toMatchObject([{ state: 'Mirrored' }, { state: 'Mirrored' }]);
    for (const { outcomes } of [all, one]) expect(outcomes[0]).not.toHaveProperty('digest');
    expect([...ours.tagged]).toEqual([
      ['1', whole.digest],
      ['2', single.digest],
    ]);
  });

  it('reads the config of a single image once, for its platform and to copy it', async () => {
    const { registries, source, sync } = world();
    put(source, image({ seed: 'single' }), '1');
    await sync({ Platforms: ['linux/amd64'] });
    expect(registries.count('fetchBlob', SOURCE)).toBe(3);
  });

  it('brings nothing when a platform is missing, and says which there are', async () => {
    const { registries, source, ours, sync } = world();
    put(source, app(), '1');
    const { outcomes } = await sync({ Platforms: ['linux/amd64', 'linux/riscv64'] });
    expect(outcomes).toMatchObject([{ state: 'Failed', cause: 'usage' }]);
    expect(outcomes[0]?.error).toMatch(
      /^source: read platforms of docker\.io\/library\/app:1@sha256:\S+: got no linux\/riscv64; of linux\/amd64, linux\/arm64, linux\/s390x those/,
    );
    expect(ours.manifests.size + ours.blobs.size).toBe(0);
    expect(registries.count('pushBlob') + registries.count('pushManifest')).toBe(0);
  });

  it('goes on where a run before it was cut off, and never leaves a tag that is not whole', async () => {
    const { registries, source, ours, sync } = world();
    put(source, app(), '1');
    for (let request = 1; request < 40; request += 1) {
      let left = request;
      registries.fault = ({ repository, operation }) => {
        if (repository === OURS && /push/.test(operation) && left-- <= 0) throw unavailable();
      };
      const { outcomes } = await sync({ Platforms: ['linux/amd64', 'linux/arm64'] });
      expect(ours.missing()).toEqual([]);
      if (outcomes.length === 0) break;
    }
    registries.fault = () => undefined;
    await sync({ Platforms: ['linux/amd64', 'linux/arm64'] });
    expect(ours.tagged.has('1')).toBe(true);
    expect(new Set(ours.history.map(({ digest }) => digest)).size).toBe(1);
  });

  it('keeps rows apart that want other platforms of one image', async () => {
    const { registries, source, ours, sync } = world();
    put(source, app(), '1');
    const [amd64, arm64] = digestsOf(app());
    const { planned } = await sync(
      { Source: 'a', From: 'app:1', Platforms: 'linux/amd64' },
      { Source: 'b', From: 'app:1', Platforms: 'linux/arm64', Destination: THEIRS },
    );
    expect(planned.copies.length).toBe(2);
    expect([ours.tagged.get('1'), registries.store(THEIRS).tagged.get('1')]).toEqual([amd64, arm64]);
  });
});

describe('what refers to an image of which some platforms are copied', () => {
  const signedApp = () => {
    const whole = app();
    const [amd64, arm64] = whole.manifests as [Built['root'], Built['root']];
    const signatures = {
      index: signatureReferrer(whole.root.descriptor, 'index'),
      amd64: signatureReferrer(amd64.descriptor, 'amd64'),
      arm64: signatureReferrer(arm64.descriptor, 'arm64'),
    };
    return { whole, amd64: amd64.descriptor, arm64: arm64.descriptor, signatures };
  };

  it.each<[string, readonly string[], readonly ('amd64' | 'arm64')[]]>([
    ['one', ['linux/amd64'], ['amd64']],
    ['several', ['linux/amd64', 'linux/s390x'], ['amd64']],
  ])('goes with its platform, and what refers to the index stays: %s', async (_, Platforms, expected) => {
    const { source, ours, sync } = world();
    const { whole, signatures } = signedApp();
    put(source, whole, '1');
    for (const signature of Object.values(signatures)) put(source, signature);
    const { outcomes } = await sync({ Platforms });
    expect(outcomes).toMatchObject([{ state: 'Mirrored' }]);
    const there = Object.entries(signatures).filter(([, { root }]) => ours.manifests.has(root.descriptor.digest));
    expect(there.map(([name]) => name)).toEqual(expected);
    expect(ours.missing()).toEqual([]);
  });

  it('goes by cosign’s tags, too', async () => {
    const { source, ours, sync } = world();
    const { whole, amd64, arm64 } = signedApp();
    put(source, whole, '1');
    for (const descriptor of [whole.root.descriptor, amd64, arm64]) {
      put(source, signatureImage(descriptor), cosignTag(descriptor));
    }
    await sync({ Platforms: ['linux/arm64', 'linux/s390x'] });
    expect([...ours.tagged.keys()].sort()).toEqual(['1', cosignTag(arm64)].sort());
  });

  it('stays behind when it is not wanted', async () => {
    const { source, ours, sync } = world();
    const { whole, signatures } = signedApp();
    put(source, whole, '1');
    put(source, signatures.amd64);
    await sync({ Platforms: ['linux/amd64'], Referrers: false });
    expect(ours.manifests.size).toBe(1);
  });

  it('is brought when it came later than its image', async () => {
    const { source, ours, sync } = world();
    const { whole, signatures } = signedApp();
    put(source, whole, '1');
    await sync({ Platforms: ['linux/amd64'] });
    put(source, signatures.amd64);
    const { planned, outcomes } = await sync({ Platforms: ['linux/amd64'] });
    expect(planned.copies[0]?.destinations).toMatchObject([{ why: 'referrers' }]);
    expect(outcomes).toMatchObject([{ state: 'Mirrored' }]);
    expect(ours.manifests.has(signatures.amd64.root.descriptor.digest)).toBe(true);
    expect((await sync({ Platforms: ['linux/amd64'] })).planned.copies).toEqual([]);
  });
});

describe('a plan of some platforms', () => {
  const remembered = (found: Digest | undefined): PartDigests & { readonly asked: unknown[] } => {
    const asked: unknown[] = [];
    return Object.assign(
      async (parts: Parameters<PartDigests>[0]) => {
        asked.push(...parts.map(({ held }) => held));
        return parts.map(() => found);
      },
      { asked },
    );
  };

  it.each([[['linux/arm64']], [['linux/arm64', 'linux/amd64']]])(
    'leaves alone what is there already: %j',
    async (Platforms) => {
      const { registries, source, ours, sync, plan } = world();
      const root = put(source, app(), '1');
      await sync({ Platforms });
      registries.calls.length = 0;
      const { copies, skipped } = await plan({ Platforms });
      expect(copies).toEqual([]);
      expect(skipped).toMatchObject([{ reason: 'up-to-date', digest: ours.tagged.get('1') }]);
      expect(skipped[0]?.source?.digest).toBe(root.digest);
      expect(registries.count('fetchManifest')).toBe(1);
    },
  );

  it('asks a memory in place of the source', async () => {
    const memory = remembered(digestsOf(app())[1]);
    const { registries, source, sync, plan } = world({ partDigests: memory });
    put(source, app(), '1');
    await sync({ Platforms: ['linux/arm64'] });
    expect(memory.asked).toEqual([]);
    registries.calls.length = 0;
    expect((await plan({ Platforms: ['linux/arm64'] })).copies).toEqual([]);
    expect(memory.asked).toEqual([digestsOf(app())[1]]);
    expect(registries.count('fetchManifest') + registries.count('read')).toBe(0);
  });

  it('leaves it to the copy where nobody remembers, which then sends nothing and writes no tag', async () => {
    const { registries, source, ours, sync } = world({ partDigests: remembered(undefined) });
    put(source, app(), '1');
    await sync({ Platforms: ['linux/arm64', 'linux/amd64'] });
    registries.calls.length = 0;
    const { planned, outcomes } = await sync({ Platforms: ['linux/arm64', 'linux/amd64'] });
    expect(planned.copies[0]?.destinations).toMatchObject([{ why: 'changed' }]);
    expect(outcomes).toMatchObject([{ state: 'Mirrored', bytes: 0, digest: ours.tagged.get('1') }]);
    expect(registries.count('pushManifest') + registries.count('pushBlob')).toBe(0);
    expect(registries.count('fetchBlob')).toBe(0);
  });

  it('copies again when the source moves, when the row wants others, and when it wants all', async () => {
    const { source, ours, sync } = world();
    put(source, app(), '1');
    await sync({ Platforms: ['linux/amd64'] });
    put(source, app('moved'), '1');
    const reasons: unknown[] = [];
    for (const Platforms of [['linux/amd64'], ['linux/amd64', 'linux/arm64'], undefined, ['linux/s390x']]) {
      const { planned, outcomes } = await sync({ Platforms });
      expect(outcomes).toMatchObject([{ state: 'Mirrored' }]);
      reasons.push(planned.copies[0]?.destinations[0]?.why);
      expect((await sync({ Platforms })).planned.copies).toEqual([]);
    }
    expect(reasons).toEqual(['changed', 'changed', 'changed', 'changed']);
    const [amd64, , s390x] = digestsOf(app('moved'));
    const root = app('moved').root.descriptor.digest;
    const held = ours.history.map(({ digest }) => digest);
    expect([held[1], held[3], held[4]]).toEqual([amd64, root, s390x]);
  });

  it('says at once that a platform is missing, where it has to read the index', async () => {
    const { source, sync, plan } = world();
    put(source, app(), '1');
    await sync({});
    const { copies, skipped } = await plan({ Platforms: ['linux/riscv64'] });
    expect(copies).toEqual([]);
    expect(skipped).toMatchObject([
      {
        reason: 'source-failed',
        cause: 'usage',
        detail: expect.stringMatching(/^source: read platforms of .* got no linux\/riscv64/),
      },
    ]);
  });

  it('finds what was mirrored beside an immutable tag', async () => {
    const { registries, source, ours, sync, plan } = world();
    put(source, app(), '1');
    await sync({});
    registries.immutable = (name) => name === OURS;
    const row = { Platforms: ['linux/amd64'], OnConflict: 'suffix' };
    const { outcomes } = await sync(row);
    expect(outcomes).toMatchObject([{ state: 'Mirrored' }]);
    expect([...ours.tagged.values()]).toContain(digestsOf(app())[0]);
    expect((await plan(row)).copies).toEqual([]);
  });
});

it('narrows an index in an index on its way', async () => {
  const { source, ours, sync } = world();
  const inner = index([image({ seed: 'a', platform: ARM64 }), image({ seed: 'b', platform: S390X })]);
  put(source, index([image({ seed: 'c', platform: AMD64 }), inner]), '1');
  const { outcomes } = await sync({ Platforms: ['linux/amd64', 'linux/arm64'] });
  expect(outcomes).toMatchObject([{ state: 'Mirrored' }]);
  expect(ours.manifests.size).toBe(4);
  expect(ours.missing()).toEqual([]);
});
