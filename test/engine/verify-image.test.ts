import { makePlan } from '../../engine/make-plan';
import { runCopies } from '../../engine/run-copies';
import { Session } from '../../engine/session';
import type { Descriptor } from '../../lib/model/descriptor';
import { type Digest, parseDigest } from '../../lib/model/digest';
import { parseRow } from '../../lib/model/mirror-row';
import type { Outcome } from '../../lib/model/outcome';
import { type Call, denied, ImageMaker, MemoryRegistries, unavailable } from '../fakes/memory-store';

/** An image that was mirrored is proven to be whole, or made whole again. Each lack is made, found, and mended. */

const clock = { now: () => Date.UTC(2026, 0, 1), sleep: async () => undefined };
const permissions = { sources: ['**'], destinations: ['**'], outward: [] };
const SOURCE = 'docker.io/library/app';
const DESTINATION = 'our.example/app';

/** @param parts whether the source has a platform that the row leaves out */
async function mirrored(row: object = {}, parts = false) {
  const registries = new MemoryRegistries();
  const { stores } = registries;
  const [from, to] = [registries.store(SOURCE), registries.store(DESTINATION)];
  const make = new ImageMaker(from);
  const amd64 = make.image(['amd64 layer', 'shared']);
  const arm64 = make.image(['arm64 layer', 'shared']);
  const others = parts ? [on('s390x', make.image(['s390x layer', 'shared']))] : [];
  const root = make.index([on('amd64', amd64), on('arm64', arm64), ...others], '1');
  const sbom = make.image(['sbom'], { subject: root, artifactType: 'application/spdx+json' });
  const note = make.image(['note'], { subject: amd64 });
  const signature = `${root.digest.replace(':', '-')}.sig`;
  make.image(['simple signing'], {}, signature);
  const run = async (options: { verify?: boolean; repair?: boolean } = {}) => {
    const session = new Session({ clock });
    const rows = [parseRow({ Source: 'app:1', Destination: DESTINATION, ...row }, { mapping: {}, position: 0 })];
    const verifies = options.verify === true ? { verifies: () => true } : {};
    const plan = await makePlan(rows, { stores, permissions, clock, ...verifies });
    const world = { stores, clock, session, ...(options.repair === undefined ? {} : { repair: options.repair }) };
    const outcomes: Outcome[] = [];
    for await (const { outcome } of runCopies(plan.copies, world)) outcomes.push(outcome);
    return { plan, outcomes };
  };
  const verify = async (repair?: boolean) => {
    registries.calls.length = 0;
    const { outcomes, plan } = await run({ verify: true, ...(repair === undefined ? {} : { repair }) });
    if (outcomes.length === 0) throw new Error(JSON.stringify(plan.skipped));
    expect(outcomes).toHaveLength(1);
    return outcomes[0] as Outcome;
  };
  await run();
  const blobOf = (manifest: Descriptor, at: number): Digest => {
    const { config, layers } = JSON.parse(Buffer.from(from.manifests.get(manifest.digest)?.bytes ?? []).toString());
    return parseDigest([config, ...layers][at].digest);
  };
  const calls = (repository: string, ...operations: Call['operation'][]) =>
    registries.calls.filter((call) => call.repository === repository && operations.includes(call.operation));
  return { registries, from, to, make, amd64, arm64, root, sbom, note, signature, run, verify, blobOf, calls };
}

function on(architecture: string, { mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size, platform: { os: 'linux', architecture } };
}

type World = Awaited<ReturnType<typeof mirrored>>;

describe('an image that is whole', () => {
  it('is proven so, by all that belongs to it, without a pull at the source or a byte sent', async () => {
    const { verify, calls, registries, amd64, arm64, root, sbom, note } = await mirrored();
    expect(await verify()).toMatchObject({ state: 'Mirrored', lacks: [], bytes: 0 });
    expect(calls(SOURCE, 'fetchManifest', 'fetchBlob', 'read')).toEqual([]);
    expect(registries.count('pushBlob') + registries.count('pushManifest')).toBe(0);
    const read = new Set(calls(DESTINATION, 'fetchManifest').map(({ what }) => what));
    for (const { digest } of [root, amd64, arm64, sbom, note]) expect(read.has(digest)).toBe(true);
    const asked = calls(DESTINATION, 'exists').map(({ what }) => what);
    expect(new Set(asked).size).toBe(asked.length);
    // Two platforms with a config each and a layer shared, and three artifacts.
    expect(asked).toHaveLength(2 + 3 + 3 * 2);
  });

  it('is nothing that an ordinary run looks at', async () => {
    const { run, to, blobOf, amd64 } = await mirrored();
    to.blobs.delete(blobOf(amd64, 1));
    expect((await run()).plan.skipped.map(({ reason }) => reason)).toEqual(['up-to-date']);
  });
});

describe('what is lacking', () => {
  const cases: readonly [string, (world: World) => void, (world: World) => RegExp][] = [
    [
      'a layer',
      ({ to, blobOf, amd64 }) => to.blobs.delete(blobOf(amd64, 1)),
      ({ blobOf, amd64 }) => new RegExp(`^layer ${blobOf(amd64, 1)} of ${amd64.digest} is not there$`),
    ],
    [
      'a config',
      ({ to, blobOf, arm64 }) => to.blobs.delete(blobOf(arm64, 0)),
      ({ blobOf, arm64 }) => new RegExp(`^config ${blobOf(arm64, 0)} of `),
    ],
    [
      'a child of the index',
      ({ to, arm64 }) => to.manifests.delete(arm64.digest),
      ({ arm64 }) => new RegExp(`^manifest ${arm64.digest} is not there$`),
    ],
    [
      'a child with its layers',
      ({ to, blobOf, arm64 }) => {
        to.manifests.delete(arm64.digest);
        to.blobs.delete(blobOf(arm64, 1));
      },
      ({ arm64 }) => new RegExp(`^manifest ${arm64.digest} is not there$`),
    ],
    [
      'a referrer',
      ({ to, sbom }) => to.manifests.delete(sbom.digest),
      ({ sbom }) => new RegExp(`^manifest ${sbom.digest} is not there$`),
    ],
    [
      'a referrer of a platform',
      ({ to, note }) => to.manifests.delete(note.digest),
      ({ note }) => new RegExp(`^manifest ${note.digest} is not there$`),
    ],
    [
      "a referrer's layer",
      ({ to, blobOf, sbom }) => to.blobs.delete(blobOf(sbom, 1)),
      ({ blobOf, sbom }) => new RegExp(`^layer ${blobOf(sbom, 1)} of `),
    ],
    [
      "cosign's tag",
      ({ to, signature }) => to.tagged.delete(signature),
      ({ signature }) => new RegExp(`^tag ${signature} is not there$`),
    ],
    [
      "what cosign's tag names",
      ({ to, signature }) => to.manifests.delete(to.tagged.get(signature) as Digest),
      ({ signature }) => new RegExp(`^tag ${signature} is not there$`),
    ],
    [
      "a layer of what cosign's tag names",
      ({ to, from, blobOf, signature }) => {
        const digest = from.tagged.get(signature) as Digest;
        to.blobs.delete(blobOf({ mediaType: '', digest, size: 0 }, 1));
      },
      () => /^layer sha256:\w+ of sha256:\w+ is not there$/,
    ],
  ];

  it.each(cases)('is found and sent again: %s', async (_, breakIt, expected) => {
    const world = await mirrored();
    breakIt(world);
    const found = await world.verify(false);
    expect(found).toMatchObject({ state: 'Failed', cause: 'usage', bytes: 0 });
    expect(found.lacks).toContainEqual(expect.stringMatching(expected(world)));
    expect(found.error).toContain(found.lacks?.[0]);
    const repaired = await world.verify();
    expect(repaired).toMatchObject({ state: 'Mirrored', lacks: found.lacks });
    expect(repaired.bytes).toBeGreaterThan(0);
    expect(world.to.missing()).toEqual([]);
    expect(await world.verify()).toMatchObject({ state: 'Mirrored', lacks: [], bytes: 0 });
  });

  it('is all that is read from the source', async () => {
    const { to, blobOf, amd64, verify, calls } = await mirrored();
    const layer = blobOf(amd64, 1);
    to.blobs.delete(layer);
    await verify();
    expect(calls(SOURCE, 'fetchManifest', 'read')).toEqual([]);
    expect(calls(SOURCE, 'fetchBlob').map(({ what }) => what)).toEqual([layer]);
    expect(calls(DESTINATION, 'pushBlob').map(({ what }) => what)).toEqual([layer]);
  });

  it('of a registry that lists no referrers includes their listing', async () => {
    const registries = await mirrored();
    registries.registries.listsReferrers = (registry) => registry === 'docker.io';
    const found = await registries.verify(false);
    expect(found.lacks).toContainEqual(expect.stringMatching(/^referrer sha256:\w+ is not listed under sha256:\w+$/));
    expect(await registries.verify()).toMatchObject({ state: 'Mirrored' });
    expect(await registries.to.referrers(registries.root.digest)).toHaveLength(1);
    expect(await registries.verify()).toMatchObject({ lacks: [] });
  });

  it('and is lacking at the source, too, is said', async () => {
    const { from, to, blobOf, amd64, verify } = await mirrored();
    const layer = blobOf(amd64, 1);
    to.blobs.delete(layer);
    from.blobs.delete(layer);
    const outcome = await verify();
    expect(outcome.state).toBe('Failed');
    expect(outcome.error).toMatch(new RegExp(`^destination: verify: layer ${layer} .*; source: read .*${layer}`));
    expect(outcome.lacks).toEqual([expect.stringContaining(layer)]);
  });

  it('is told of, and what does not help is not called a repair, where a registry loses what it was sent', async () => {
    const { registries, to, blobOf, amd64, verify } = await mirrored();
    const layer = blobOf(amd64, 1);
    to.blobs.delete(layer);
    registries.fault = ({ repository, operation }) => {
      if (repository === DESTINATION && operation === 'exists') to.blobs.delete(layer);
    };
    const outcome = await verify();
    expect(outcome).toMatchObject({ state: 'Failed', lacks: [expect.stringContaining(layer)] });
  });

  it('is not mistaken for what a side does not tell', async () => {
    const { registries, verify } = await mirrored();
    registries.fault = ({ repository, operation }) => {
      if (repository === DESTINATION && operation === 'exists') throw unavailable();
    };
    expect(await verify()).toMatchObject({
      state: 'Failed',
      cause: 'unavailable',
      error: expect.stringMatching(/^destination: verify /),
    });
    registries.fault = ({ repository, operation }) => {
      if (repository === SOURCE && operation === 'referrers') throw denied();
    };
    const { plan } = await (await mirrored()).run({ verify: true });
    expect(plan.copies).toHaveLength(1);
  });
});

it('looks at images that many indexes name, at several depths, and ends', async () => {
  const { make, from, run, verify, to, blobOf } = await mirrored();
  const leaf = make.image(['leaf']);
  const padded = (name: string, manifests: readonly Descriptor[]) =>
    make.manifest({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests,
      annotations: { padding: name.repeat(3 * 1024 * 1024) },
    });
  const inner = padded('i', [leaf]);
  const outer = ['a', 'b', 'c'].map((name) => padded(name, [inner, leaf]));
  make.index([...outer, inner, leaf], '1');
  await run();
  expect(await verify()).toMatchObject({ state: 'Mirrored', lacks: [] });
  to.blobs.delete(blobOf(leaf, 1));
  expect((await verify(false)).lacks).toHaveLength(1);
  expect(from.tagged.get('1')).toBe(to.tagged.get('1'));
});

describe('a source that is gone', () => {
  it('keeps nobody from proving that what was mirrored is whole', async () => {
    const { from, verify, run } = await mirrored();
    from.tagged.clear();
    from.manifests.clear();
    from.blobs.clear();
    expect(await verify()).toMatchObject({ state: 'Mirrored', lacks: [] });
    expect((await run({ verify: true })).plan.skipped.map(({ reason }) => reason)).toEqual(['source-failed']);
  });

  it('is why what is lacking stays so', async () => {
    const { from, to, blobOf, amd64, verify } = await mirrored();
    const layer = blobOf(amd64, 1);
    from.tagged.clear();
    from.manifests.clear();
    from.blobs.clear();
    to.blobs.delete(layer);
    const outcome = await verify();
    expect(outcome).toMatchObject({ state: 'Failed', lacks: [expect.stringContaining(layer)] });
    expect(outcome.error).toMatch(/; source: read /);
  });
});

describe('a part of an image', () => {
  it.each([
    ['one platform', ['linux/amd64']],
    ['two of three', ['linux/amd64', 'linux/arm64']],
  ])('is verified as what the destination has of it: %s', async (_, platforms) => {
    const { to, verify, calls, blobOf, amd64, from, root } = await mirrored({ Platforms: platforms }, true);
    const held = to.tagged.get('1');
    expect(held).not.toBe(root.digest);
    expect(await verify()).toMatchObject({ state: 'Mirrored', lacks: [], digest: held });
    expect(calls(SOURCE, 'fetchBlob')).toEqual([]);
    const layer = blobOf(amd64, 1);
    to.blobs.delete(layer);
    if (platforms.length > 1) to.manifests.delete(amd64.digest);
    const found = await verify(false);
    expect(found.state).toBe('Failed');
    expect(await verify()).toMatchObject({ state: 'Mirrored', lacks: found.lacks });
    expect([to.missing(), to.tagged.get('1'), to.blobs.has(layer)]).toEqual([[], held, true]);
    expect(from.blobs.size).toBeGreaterThan(to.blobs.size);
  });
});
