import { makePlan } from '../../engine/make-plan';
import { runCopies } from '../../engine/run-copies';
import { Session } from '../../engine/session';
import type { Descriptor } from '../../lib/model/descriptor';
import { parseRow } from '../../lib/model/mirror-row';
import { type Call, denied, ImageMaker, MemoryRegistries, unavailable } from '../fakes/memory-store';

/** What came about an image after the image: noticed by planning, and brought without the image. */

const clock = { now: () => Date.UTC(2026, 0, 1), sleep: async () => undefined };
const permissions = { sources: ['**'], destinations: ['**'], outward: [] };
const SOURCE = 'quay.example/team/app';
const DESTINATION = 'our.example/app';
const COSIGN = 'application/vnd.dev.cosign.artifact';

function world() {
  const registries = new MemoryRegistries();
  const { stores } = registries;
  const [from, to] = [registries.store(SOURCE), registries.store(DESTINATION)];
  const make = new ImageMaker(from);
  const rowFor = (more: object) =>
    parseRow({ Source: `${SOURCE}:1`, Destination: DESTINATION, ...more }, { mapping: {}, position: 0 });
  const plan = async (more: object = {}) => {
    const planned = await makePlan([rowFor(more)], { stores, permissions, clock });
    const reasons = planned.copies.flatMap(({ destinations }) => destinations.map(({ why }) => why as string));
    return [...reasons, ...planned.skipped.map(({ reason, detail }) => (detail === undefined ? reason : detail))];
  };
  const sync = async (more: object = {}) => {
    const session = new Session({ clock });
    const planned = await makePlan([rowFor(more)], { stores, permissions, clock, session });
    const states: string[] = [];
    for await (const { outcome } of runCopies(planned.copies, { stores, clock, session })) {
      states.push(outcome.error ?? outcome.state);
    }
    return states;
  };
  const tagFor = ({ digest }: Descriptor, suffix = 'sig') => `${digest.replace(':', '-')}.${suffix}`;
  const sign = (subject: Descriptor, suffix = 'sig', ...texts: string[]) =>
    make.image(texts.length === 0 ? [`${suffix} of ${subject.digest}`] : texts, {}, tagFor(subject, suffix));
  const calls = (repository: string, operation: Call['operation']) =>
    registries.calls.filter((call) => call.repository === repository && call.operation === operation);
  return { registries, from, to, make, plan, sync, sign, tagFor, calls };
}

describe("cosign's tags of an image that is there", () => {
  it.each(['sig', 'att', 'sbom'])('are noticed when .%s comes alone, and brought without the image', async (suffix) => {
    const { registries, make, plan, sync, sign, tagFor, calls, to } = world();
    const root = make.image(['layer'], {}, '1');
    await sync();
    expect(await plan()).toEqual(['up-to-date']);
    const signature = sign(root, suffix);
    expect(await plan()).toEqual(['referrers']);
    registries.calls.length = 0;
    expect(await sync()).toEqual(['Mirrored']);
    expect(to.tagged.get(tagFor(root, suffix))).toBe(signature.digest);
    expect(calls(DESTINATION, 'pushManifest').map(({ what }) => what)).toEqual([tagFor(root, suffix)]);
    expect(calls(SOURCE, 'fetchManifest').map(({ what }) => what)).toEqual([signature.digest]);
    expect(await plan()).toEqual(['up-to-date']);
  });

  it('are noticed when they move, because somebody has signed once more', async () => {
    const { make, plan, sync, sign, tagFor, to } = world();
    const root = make.image(['layer'], {}, '1');
    sign(root, 'sig', 'first');
    await sync();
    const both = sign(root, 'sig', 'first', 'second');
    expect(await plan()).toEqual(['referrers']);
    await sync();
    expect(to.tagged.get(tagFor(root))).toBe(both.digest);
    expect(await plan()).toEqual(['up-to-date']);
  });

  it('are left as they are where the destination has signatures of its own besides', async () => {
    const { registries, make, plan, sync, sign, tagFor, to } = world();
    const root = make.image(['layer'], {}, '1');
    sign(root, 'sig', 'theirs');
    await sync();
    const own = new ImageMaker(registries.store(DESTINATION)).image(['theirs', 'ours'], {}, tagFor(root));
    expect(await plan()).toEqual(['up-to-date']);
    sign(root, 'att');
    expect(await sync()).toEqual(['Mirrored']);
    expect([to.tagged.get(tagFor(root)), to.tagged.has(tagFor(root, 'att'))]).toEqual([own.digest, true]);
  });

  it('are asked for one by one where the list of tags is longer than one question tells', async () => {
    const { from, make, plan, sync, sign, calls, registries } = world();
    const root = make.image(['layer'], {}, '1');
    for (let tag = 0; tag < 1_000; tag++) from.tagged.set(`other-${tag}`, root.digest);
    await sync();
    registries.calls.length = 0;
    expect(await plan()).toEqual(['up-to-date']);
    expect(calls(SOURCE, 'resolve')).toHaveLength(4);
    sign(root);
    expect(await plan()).toEqual(['referrers']);
  });

  it('cost an image without any no more than its repository’s list of tags', async () => {
    const { make, plan, sync, calls, registries } = world();
    make.image(['layer'], {}, '1');
    await sync();
    registries.calls.length = 0;
    await plan();
    expect(registries.calls.map(({ repository, operation }) => `${repository} ${operation}`).sort()).toEqual([
      `${DESTINATION} resolve`,
      `${SOURCE} referrers`,
      `${SOURCE} resolve`,
      `${SOURCE} tags`,
    ]);
    expect(calls(SOURCE, 'fetchManifest')).toEqual([]);
  });

  it('are narrowed by the type that cosign gives to the same as a referrer', async () => {
    const { make, plan, sync, sign, tagFor, to } = world();
    const root = make.image(['layer'], {}, '1');
    const only = { ArtifactTypes: new Set([`${COSIGN}.att.v1+json`]) };
    await sync(only);
    sign(root, 'sig');
    expect(await plan(only)).toEqual(['up-to-date']);
    sign(root, 'att');
    expect(await plan(only)).toEqual(['referrers']);
    await sync(only);
    expect([to.tagged.has(tagFor(root, 'sig')), to.tagged.has(tagFor(root, 'att'))]).toEqual([false, true]);
    expect(await plan(only)).toEqual(['up-to-date']);
  });

  it('of what refers to it come too: the signature of an SBOM', async () => {
    const { make, sync, sign, tagFor, to } = world();
    const root = make.image(['layer'], {}, '1');
    const sbom = make.image(['sbom'], { subject: root });
    sign(sbom);
    await sync();
    expect(to.tagged.has(tagFor(sbom))).toBe(true);
  });

  it.each([
    ['source', SOURCE, unavailable()],
    ['destination', DESTINATION, denied()],
  ] as const)('that the %s does not tell about are said, not passed over', async (side, repository, error) => {
    const { registries, make, plan, sync, sign, tagFor } = world();
    const root = make.image(['layer'], {}, '1');
    sign(root);
    await sync();
    registries.fault = (call) => {
      if (call.repository === repository && call.what === tagFor(root)) throw error;
    };
    expect(await plan()).toEqual([expect.stringMatching(new RegExp(`^${side}: list `))]);
  });
});

describe('what refers to the platforms of an image', () => {
  function platforms() {
    const made = world();
    const [amd64, arm64] = [made.make.image(['amd64']), made.make.image(['arm64'])];
    const root = made.make.index([amd64, arm64], '1');
    return { ...made, amd64, arm64, root };
  }

  it('is copied with the image, by referrers and by tags, before the tag', async () => {
    const { make, sync, sign, tagFor, to, amd64, arm64 } = platforms();
    const attestation = make.image(['attestation'], { subject: amd64 });
    const ofAttestation = make.image(['note'], { subject: attestation });
    sign(arm64);
    expect(await sync()).toEqual(['Mirrored']);
    expect((await to.referrers(amd64.digest)).map(({ digest }) => digest)).toEqual([attestation.digest]);
    expect(to.manifests.has(ofAttestation.digest)).toBe(true);
    expect(to.history.map(({ tag }) => tag)).toEqual([tagFor(arm64), '1']);
  });

  it('is listed in fallback indexes of their own where a registry lists nothing', async () => {
    const { registries, make, sync, to, amd64, arm64 } = platforms();
    registries.listsReferrers = (registry) => registry === 'quay.example';
    const about = [amd64, arm64].map((subject) => make.image([`about ${subject.digest}`], { subject }));
    await sync();
    const listed = await Promise.all([amd64, arm64].map(({ digest }) => to.referrers(digest)));
    expect(listed.map((some) => some.map(({ digest }) => digest))).toEqual(about.map(({ digest }) => [digest]));
  });

  it('is noticed by tags that came alone, by the index that the destination holds', async () => {
    const { registries, plan, sync, sign, calls, arm64, root, tagFor, to } = platforms();
    await sync();
    sign(arm64);
    registries.calls.length = 0;
    expect(await plan()).toEqual(['referrers']);
    expect(calls(SOURCE, 'fetchManifest')).toEqual([]);
    expect(calls(DESTINATION, 'fetchManifest').map(({ what }) => what)).toEqual([root.digest]);
    await sync();
    expect(to.tagged.has(tagFor(arm64))).toBe(true);
    registries.calls.length = 0;
    expect(await plan()).toEqual(['up-to-date']);
    expect(registries.count('fetchManifest')).toBe(0);
  });

  it('is noticed by fallback tags that came alone', async () => {
    const { registries, make, plan, sync, amd64, from, to } = platforms();
    registries.listsReferrers = () => false;
    await sync();
    const attestation = make.image(['attestation'], { subject: amd64 });
    await from.addReferrer(amd64.digest, attestation);
    expect(await plan()).toEqual(['referrers']);
    await sync();
    expect((await to.referrers(amd64.digest)).map(({ digest }) => digest)).toEqual([attestation.digest]);
    expect(await plan()).toEqual(['up-to-date']);
  });

  it('is found where the destination lists by its API what the source lists under a tag', async () => {
    const { registries, make, plan, sync, amd64, from, to } = platforms();
    registries.listsReferrers = (registry) => registry === to.repository.registry;
    await from.addReferrer(amd64.digest, make.image(['attestation'], { subject: amd64 }));
    await sync();
    expect(to.tagged.has(amd64.digest.replace(':', '-'))).toBe(false);
    expect(await plan()).toEqual(['up-to-date']);
    await from.addReferrer(amd64.digest, make.image(['another'], { subject: amd64 }));
    expect(await plan()).toEqual(['referrers']);
    await sync();
    expect(await plan()).toEqual(['up-to-date']);
  });

  it('leaves an image alone when tags are about others', async () => {
    const { make, plan, sync, sign } = platforms();
    await sync();
    sign(make.image(['somebody else’s']));
    expect(await plan()).toEqual(['up-to-date']);
  });

  it('is not asked for one by one where no list tells, unless the image itself is signed', async () => {
    const { from, sync, sign, calls, amd64, root, tagFor, to } = platforms();
    for (let tag = 0; tag < 1_000; tag++) from.tagged.set(`other-${tag}`, root.digest);
    sign(amd64);
    await sync();
    expect(to.tagged.has(tagFor(amd64))).toBe(false);
    expect(calls(SOURCE, 'resolve').filter(({ what }) => what.endsWith('.sig'))).toHaveLength(1);
    sign(root);
    await sync();
    expect([to.tagged.has(tagFor(root)), to.tagged.has(tagFor(amd64))]).toEqual([true, true]);
  });
});

it('reads the index of an image that is there at the destination, not at the source', async () => {
  const { registries, make, sync, sign, calls } = world();
  const root = make.index([make.image(['amd64'])], '1');
  await sync();
  const signature = sign(root);
  registries.calls.length = 0;
  await sync();
  expect(calls(SOURCE, 'fetchManifest').map(({ what }) => what)).toEqual([signature.digest]);
  expect(calls(DESTINATION, 'fetchManifest').map(({ what }) => what)).toEqual([root.digest]);
});
