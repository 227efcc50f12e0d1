import type { ByteStream } from '../../engine/content';
import { copyImage } from '../../engine/copy';
import type { CopyEvent, Observer } from '../../engine/ports';
import { Session, type SessionOptions } from '../../engine/session';
import type { Copy, CopyReason } from '../../lib/model/copy';
import { type Descriptor, MediaType } from '../../lib/model/descriptor';
import { type Digest, isDigest } from '../../lib/model/digest';
import { parseReference } from '../../lib/model/reference';
import { denied, digestOf, ImageMaker, MemoryRegistries, unavailable } from '../fakes/memory-store';

const SOURCE = 'docker.io/library/app';
const FIRST = 'one.example/mirror/app';
const SECOND = 'one.example/mirror/app-too';
const THIRD = 'two.example/app';

/** A clock whose sleeps are over at once. */
const clock = { now: () => 0, sleep: async () => undefined };

function world(options: SessionOptions = {}) {
  const registries = new MemoryRegistries();
  const source = registries.store(SOURCE);
  const make = new ImageMaker(source);
  const session = new Session({ clock, ...options });
  const copy = (root: Descriptor, destinations: string[], more: Partial<Copy> & { why?: CopyReason } = {}) =>
    copyImage(copyOf(root, destinations, more), registries.stores, session, {});
  return { registries, source, make, session, copy };
}

function copyOf(
  root: Descriptor,
  destinations: string[],
  { why = 'missing', ...more }: Partial<Copy> & { why?: CopyReason },
): Copy {
  return {
    mirrors: ['row'],
    source: { ...parseReference(`${SOURCE}:1.0`), digest: root.digest },
    root,
    destinations: destinations.map((text) => ({ reference: parseReference(text), why })),
    referrers: true,
    ...more,
  };
}

describe('copying an image', () => {
  it('brings an index with all children, nested indexes and attestations, byte for byte', async () => {
    const { registries, make, source, copy } = world();
    const amd64 = make.image(['amd64 layer', 'shared']);
    const arm64 = make.image(['arm64 layer', 'shared']);
    const attestation = make.image(['in-toto'], {
      annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
    });
    const nested = make.index([make.image(['nested'])]);
    const root = make.index([amd64, arm64, attestation, nested], '1.0');

    const outcomes = await copy(root, [`${FIRST}:1.0`]);

    expect(outcomes).toMatchObject([{ state: 'Mirrored', source: { digest: root.digest } }]);
    const destination = registries.store(FIRST);
    expect(destination.tagged.get('1.0')).toBe(root.digest);
    expect(new Set(destination.manifests.keys())).toEqual(new Set(source.manifests.keys()));
    for (const [digest, { bytes }] of destination.manifests) expect(bytes).toEqual(source.manifests.get(digest)?.bytes);
    expect(destination.missing()).toEqual([]);
  });

  it('reads every blob and manifest from the source once for three destinations in two registries', async () => {
    const { registries, make, copy } = world();
    const root = make.index([make.image(['a', 'b']), make.image(['b', 'c'])], '1.0');
    registries.mounts = () => false;

    const outcomes = await copy(root, [`${FIRST}:1.0`, `${SECOND}:1.0`, `${THIRD}:1.0`]);

    expect(outcomes.map(({ state }) => state)).toEqual(['Mirrored', 'Mirrored', 'Mirrored']);
    const read = registries.calls.filter(
      ({ repository, operation }) => repository === SOURCE && operation.startsWith('fetch'),
    );
    expect(new Set(read.map(({ what }) => what)).size).toBe(read.length);
    for (const name of [FIRST, SECOND, THIRD]) expect(registries.store(name).missing()).toEqual([]);
  });

  it('pushes two tags of one repository with one upload of their content', async () => {
    const { registries, make, copy } = world();
    const root = make.image(['layer'], {}, '1.0');

    const outcomes = await copy(root, [`${FIRST}:1.0`, `${FIRST}:stable`]);

    expect(outcomes.map(({ state }) => state)).toEqual(['Mirrored', 'Mirrored']);
    expect([...registries.store(FIRST).tagged.keys()]).toEqual(['1.0', 'stable']);
    expect(registries.count('pushBlob', FIRST)).toBe(2);
    expect(outcomes.map(({ bytes }) => bytes > 0)).toEqual([true, false]);
  });

  it('pushes a root that nothing refers to once, by its tag', async () => {
    const { registries, make, copy } = world();
    await copy(make.image(['layer'], {}, '1.0'), [`${FIRST}:1.0`]);
    expect(registries.calls.filter(({ operation }) => operation === 'pushManifest').map(({ what }) => what)).toEqual([
      '1.0',
    ]);
  });

  it('moves only a changed layer when a tag moves', async () => {
    const { registries, make, copy } = world();
    await copy(make.image(['base', 'old'], {}, '1.0'), [`${FIRST}:1.0`]);
    registries.calls.length = 0;

    const moved = make.image(['base', 'new'], {}, '1.0');
    await new Promise((resolve) => setImmediate(resolve));
    const outcomes = await copyImage(
      copyOf(moved, [`${FIRST}:1.0`], { why: 'changed' }),
      registries.stores,
      new Session({ clock }),
    );

    expect(outcomes[0]).toMatchObject({ state: 'Mirrored' });
    expect(registries.count('pushBlob', FIRST)).toBe(2);
    expect(registries.store(FIRST).tagged.get('1.0')).toBe(moved.digest);
  });

  it('only tags when the destination holds the digest under another name', async () => {
    const { registries, make, session, copy } = world();
    const root = make.image(['layer'], {}, '1.0');
    await copy(root, [`${FIRST}:1.0`]);
    registries.calls.length = 0;
    const outcomes = await copyImage(copyOf(root, [`${FIRST}:again`], {}), registries.stores, session);
    expect(outcomes[0]).toMatchObject({ state: 'Mirrored' });
    expect(registries.count('pushBlob')).toBe(0);
    expect(registries.count('pushManifest')).toBe(1);
  });

  it('mounts within a registry what an earlier image of the run brought there', async () => {
    const { registries, make, copy } = world();
    await copy(make.image(['shared', 'a'], {}, '1.0'), [`${FIRST}:1.0`]);
    registries.calls.length = 0;
    await copy(make.image(['shared', 'b'], {}, '2.0'), [`${SECOND}:2.0`]);
    expect(registries.count('mount', SECOND)).toBe(1);
    expect(registries.count('pushBlob', SECOND)).toBe(2);
    expect(registries.count('fetchBlob', SOURCE)).toBe(2);
  });

  it('mounts from the source when that is in the registry of the destination', async () => {
    const { registries, make, copy } = world();
    const root = make.image(['layer'], {}, '1.0');
    const [outcome] = await copy(root, ['docker.io/mirror/app:1.0', `${FIRST}:1.0`]);
    expect(outcome).toMatchObject({ state: 'Mirrored' });
    expect(registries.count('pushBlob', 'docker.io/mirror/app')).toBe(0);
    expect(registries.store('docker.io/mirror/app').missing()).toEqual([]);
    expect(registries.store(FIRST).missing()).toEqual([]);
  });

  it('sends a blob once to a registry that mounts, however many of its repositories want it', async () => {
    const { registries, make, copy } = world();
    const root = make.image(['a', 'b', 'c'], {}, '1.0');
    const outcomes = await copy(root, [`${FIRST}:1.0`, `${SECOND}:1.0`, `${THIRD}:1.0`]);
    expect(outcomes.map(({ state }) => state)).toEqual(['Mirrored', 'Mirrored', 'Mirrored']);
    expect(registries.count('pushBlob', FIRST) + registries.count('pushBlob', SECOND)).toBe(4);
    expect(registries.count('mount')).toBe(4);
    expect(registries.count('fetchBlob')).toBe(4);
  });

  it('feeds all repositories of a registry that does not mount side by side, once that is known', async () => {
    const { registries, make, copy } = world();
    registries.mounts = () => false;
    await copy(make.image(['a'], {}, '1.0'), [`${FIRST}:1.0`, `${SECOND}:1.0`]);
    registries.calls.length = 0;
    await copy(make.image(['b', 'c'], {}, '2.0'), [`${FIRST}:2.0`, `${SECOND}:2.0`]);
    expect(registries.count('fetchBlob')).toBe(3);
    expect(registries.count('fetchBlob', SOURCE)).toBe(3);
    expect(registries.count('mount')).toBe(0);
  });

  it('fills a second registry from the first, not from the source again', async () => {
    const { registries, make, copy } = world();
    const root = make.image(['layer'], {}, '1.0');
    await copy(root, [`${FIRST}:1.0`]);
    registries.calls.length = 0;
    const outcomes = await copy(root, [`${THIRD}:1.0`]);
    expect(outcomes[0]).toMatchObject({ state: 'Mirrored' });
    expect(registries.count('fetchBlob', SOURCE)).toBe(0);
    expect(registries.count('fetchBlob', FIRST)).toBe(2);
  });

  it('skips foreign layers and takes artifacts with unknown configs and empty descriptors', async () => {
    const { registries, make, copy } = world();
    const foreign = { ...make.blob('windows'), mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip' };
    registries.store(SOURCE).blobs.delete(foreign.digest);
    const empty = make.blob('{}', 'application/vnd.oci.empty.v1+json');
    const artifact = make.manifest({
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      artifactType: 'application/vnd.example.chart',
      config: empty,
      layers: [empty, foreign],
    });
    const outcomes = await copy(artifact, [`${FIRST}:chart`]);
    expect(outcomes[0]).toMatchObject({ state: 'Mirrored' });
    expect([...registries.store(FIRST).blobs.keys()]).toEqual([empty.digest]);
  });

  it('holds few large manifests at once, however many an index names', async () => {
    const { registries, make, copy } = world();
    const large = (name: string) =>
      make.manifest({
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.index.v1+json',
        manifests: [make.image([name])],
        annotations: { padding: name.repeat(3 * 1024 * 1024) },
      });
    const children = ['a', 'b', 'c'].map(large);
    const outcomes = await copy(make.index(children, '1.0'), [`${FIRST}:1.0`]);
    expect(outcomes).toMatchObject([{ state: 'Mirrored' }]);
    const ofChildren = registries.calls.filter(
      ({ operation, what }) => /Manifest$/.test(operation) && children.some(({ digest }) => digest === what),
    );
    expect(ofChildren.map(({ operation }) => operation)).toEqual(
      children.flatMap(() => ['fetchManifest', 'pushManifest']),
    );
  });

  it('relies on the digest of a root, not on the length that looking it up has told', async () => {
    const { make, copy } = world();
    const root = make.image(['layer'], {}, '1.0');
    const [outcome] = await copy({ ...root, size: root.size + 7 }, [`${FIRST}:1.0`]);
    expect(outcome).toMatchObject({ state: 'Mirrored' });
  });

  it('refuses schema 1 by name', async () => {
    const { make, copy } = world();
    const old = make.manifest({
      mediaType: 'application/vnd.docker.distribution.manifest.v1+prettyjws',
      schemaVersion: 1,
    });
    const [outcome] = await copy(old, [`${FIRST}:old`]);
    expect(outcome).toMatchObject({ state: 'Failed', cause: 'usage' });
    expect(outcome?.error).toMatch(/^source: .*schema 1/);
  });

  it('writes no tag for an index that lacks a child at the source', async () => {
    const { registries, make, source, copy } = world();
    const child = make.image(['layer']);
    const root = make.index([child], '1.0');
    source.manifests.delete(child.digest);
    const [outcome] = await copy(root, [`${FIRST}:1.0`]);
    expect(outcome).toMatchObject({ state: 'Failed' });
    expect(outcome?.error).toContain(`source: read docker.io/library/app: manifest ${child.digest}`);
    expect(registries.store(FIRST).history).toEqual([]);
  });
});

describe('referrers', () => {
  function signed() {
    const made = world();
    const root = made.make.image(['layer'], {}, '1.0');
    const signature = made.make.image(['signature'], {
      subject: root,
      artifactType: 'application/vnd.example.signature',
    });
    const ofSignature = made.make.image(['countersignature'], {
      subject: signature,
      artifactType: 'application/vnd.example.note',
    });
    return { ...made, root, signature, ofSignature };
  }

  it('arrive before the tag is written, those of referrers too', async () => {
    const { registries, root, signature, ofSignature, copy } = signed();
    await copy(root, [`${FIRST}:1.0`]);
    const pushed = registries.calls.filter(({ operation }) => operation === 'pushManifest').map(({ what }) => what);
    expect(pushed).toEqual([root.digest, signature.digest, ofSignature.digest, '1.0']);
  });

  it('are listed in the fallback index where the registry does not list them', async () => {
    const { registries, root, signature, copy } = signed();
    registries.listsReferrers = (registry) => registry === 'docker.io';
    await copy(root, [`${FIRST}:1.0`]);
    const listed = await registries.store(FIRST).referrers(root.digest);
    expect(listed).toMatchObject([{ digest: signature.digest, artifactType: 'application/vnd.example.signature' }]);
  });

  it('are listed there too when they are what is copied, or a child of it', async () => {
    const { registries, make, copy } = world();
    registries.listsReferrers = () => false;
    const root = make.image(['layer']);
    const attestation = make.image(['in-toto'], { subject: root });
    const signature = make.image(['signature'], { subject: root }, 'signature');
    await copy(make.index([root, attestation], '1.0'), [`${FIRST}:1.0`]);
    await copy(signature, [`${FIRST}:signature`]);
    const listed = await registries.store(FIRST).referrers(root.digest);
    expect(listed.map(({ digest }) => digest)).toEqual([attestation.digest, signature.digest]);
  });

  it('are listed by the next run when the last one stopped between manifest and index', async () => {
    const { registries, root, signature, copy } = signed();
    registries.listsReferrers = (registry) => registry === 'docker.io';
    await copy(root, [`${FIRST}:1.0`]);
    registries.store(FIRST).tagged.delete(root.digest.replace(':', '-'));
    await copyImage(copyOf(root, [`${FIRST}:1.0`], { why: 'referrers' }), registries.stores, new Session({ clock }));
    expect((await registries.store(FIRST).referrers(root.digest)).map(({ digest }) => digest)).toEqual([
      signature.digest,
    ]);
  });

  it('go alone when the tag is right, and the tag is not written again', async () => {
    const { registries, make, session } = world();
    const root = make.image(['layer'], {}, '1.0');
    await copyImage(copyOf(root, [`${FIRST}:1.0`], {}), registries.stores, session);
    const signature = make.image(['signature'], { subject: root });
    registries.calls.length = 0;
    await copyImage(copyOf(root, [`${FIRST}:1.0`], { why: 'referrers' }), registries.stores, new Session({ clock }));
    const pushed = registries.calls.filter(({ operation }) => operation === 'pushManifest').map(({ what }) => what);
    expect(pushed).toEqual([signature.digest]);
  });

  it('are narrowed by artifact type, with what refers to the chosen ones', async () => {
    const { registries, make, root, signature, ofSignature, copy } = signed();
    const sbom = make.image(['sbom'], { subject: root, artifactType: 'application/spdx+json' });
    await copy(root, [`${FIRST}:1.0`], { artifactTypes: ['application/vnd.example.signature'] });
    const there = registries.store(FIRST).manifests;
    expect(there.has(signature.digest) && there.has(ofSignature.digest)).toBe(true);
    expect(there.has(sbom.digest)).toBe(false);
  });

  it.each([
    ['no type', undefined],
    ["the empty config's", MediaType.OCI_EMPTY],
  ])('are narrowed by the type in their manifests where the registry lists %s', async (_, listedAs) => {
    const { registries, make, source, root, signature, ofSignature, copy } = signed();
    const sbom = make.image(['sbom'], { subject: root, artifactType: 'application/spdx+json' });
    const list = source.referrers.bind(source);
    source.referrers = async (subject) =>
      (await list(subject)).map((referrer) => ({ ...referrer, artifactType: listedAs }));
    await copy(root, [`${FIRST}:1.0`], { artifactTypes: ['application/vnd.example.signature'] });
    const there = registries.store(FIRST).manifests;
    expect([signature, ofSignature, sbom].map(({ digest }) => there.has(digest))).toEqual([true, true, false]);
  });

  it('hold the tag back when one cannot be copied', async () => {
    const { registries, root, signature, copy } = signed();
    registries.fault = ({ repository, operation, what }) => {
      if (repository === FIRST && operation === 'pushManifest' && what === signature.digest) throw denied();
    };
    const [outcome] = await copy(root, [`${FIRST}:1.0`]);
    expect(outcome).toMatchObject({ state: 'Failed', cause: 'denied' });
    expect(registries.store(FIRST).history).toEqual([]);
  });

  it('are refused when they are deeper than would be copied, rather than copied in part', async () => {
    const { registries, make, copy } = world();
    const root = make.image(['layer'], {}, '1.0');
    let last = root;
    for (let depth = 1; depth <= 5; depth++) last = make.image([`note ${depth}`], { subject: last });
    const [outcome] = await copy(root, [`${FIRST}:1.0`]);
    expect(outcome).toMatchObject({ state: 'Failed', cause: 'usage' });
    expect(outcome?.error).toMatch(
      /^source: list referrers of .*: got referrers of referrers; at most 4 deep would do$/,
    );
    expect(registries.store(FIRST).history).toEqual([]);
  });

  it('are refused when there are more than would be copied, without asking for all of theirs', async () => {
    const { registries, source, make, copy } = world();
    const root = make.image(['layer'], {}, '1.0');
    const endless = (subject: Digest) =>
      Array.from({ length: 3_000 }, (_, i) => ({
        mediaType: root.mediaType,
        digest: digestOf(Buffer.from(`${subject} ${i}`)),
        size: 2,
      }));
    let asked = 0;
    source.referrers = async (subject) => {
      asked += 1;
      return endless(subject);
    };
    const [outcome] = await copy(root, [`${FIRST}:1.0`]);
    expect(outcome?.error).toMatch(/more than 10000 referrers/);
    expect(asked).toBeLessThan(20);
    expect(registries.store(FIRST).history).toEqual([]);
  });

  it("bring cosign's tags of the digest", async () => {
    const { registries, make, copy } = world();
    const root = make.image(['layer'], {}, '1.0');
    const tag = `${root.digest.replace(':', '-')}.sig`;
    make.image(['simple signing'], {}, tag);
    await copy(root, [`${FIRST}:1.0`]);
    expect(registries.store(FIRST).history.map((written) => written.tag)).toEqual([tag, '1.0']);
  });

  it("take an immutable tag of cosign's that holds the same signature for what it is", async () => {
    const { registries, make, copy } = world();
    const root = make.image(['layer'], {}, '1.0');
    make.image(['simple signing'], {}, `${root.digest.replace(':', '-')}.sig`);
    registries.immutable = () => true;
    await copy(root, [`${FIRST}:1.0`]);
    expect(await copy(root, [`${FIRST}:1.0.1`])).toMatchObject([{ state: 'Mirrored' }]);
  });

  it('are left alone when they are not wanted', async () => {
    const { registries, root, copy } = signed();
    await copy(root, [`${FIRST}:1.0`], { referrers: false });
    expect(registries.count('referrers')).toBe(0);
    expect(registries.store(FIRST).manifests.size).toBe(1);
  });
});

describe('when something fails', () => {
  it('lets the destination that fails go, and the others arrive', async () => {
    const { registries, make, copy } = world();
    registries.mounts = () => false;
    registries.fault = ({ repository, operation }) => {
      if (repository === SECOND && operation === 'pushBlob') throw denied();
    };
    const outcomes = await copy(make.image(['layer'], {}, '1.0'), [`${FIRST}:1.0`, `${SECOND}:1.0`]);
    expect(outcomes).toMatchObject([{ state: 'Mirrored' }, { state: 'Failed', cause: 'denied' }]);
    expect(outcomes[1]?.error).toMatch(/^destination: push denied$/);
    expect(registries.store(SECOND).history).toEqual([]);
  });

  it('fills a destination that failed for a moment from one that has the blob', async () => {
    const { registries, make, copy } = world();
    let failures = 1;
    registries.fault = ({ repository, operation }) => {
      if (repository === THIRD && operation === 'pushBlob' && failures-- > 0) throw unavailable();
    };
    const outcomes = await copy(make.image([], {}, '1.0'), [`${FIRST}:1.0`, `${THIRD}:1.0`]);
    expect(outcomes.map(({ state }) => state)).toEqual(['Mirrored', 'Mirrored']);
    expect(registries.count('fetchBlob', SOURCE)).toBe(1);
    expect(registries.count('fetchBlob', FIRST)).toBe(1);
  });

  it('goes back to the source when the destination that had a blob has lost it', async () => {
    const { registries, make, copy } = world();
    const root = make.image(['layer'], {}, '1.0');
    await copy(root, [`${FIRST}:1.0`]);
    registries.store(FIRST).blobs.clear();
    const [outcome] = await copy(root, [`${THIRD}:1.0`]);
    expect(outcome).toMatchObject({ state: 'Mirrored' });
    expect(registries.store(THIRD).missing()).toEqual([]);
  });

  it('pushes again what a registry took and then forgot', async () => {
    const { registries, make, copy } = world();
    const root = make.image(['layer'], {}, '1.0');
    let forgotten = false;
    registries.fault = ({ operation, what }) => {
      if (operation !== 'pushManifest' || what !== '1.0' || forgotten) return;
      forgotten = true;
      registries.store(FIRST).blobs.clear();
    };
    const [outcome] = await copy(root, [`${FIRST}:1.0`]);
    expect(outcome).toMatchObject({ state: 'Mirrored' });
    expect(registries.store(FIRST).missing()).toEqual([]);
  });

  it('gives up on a source that stays away, and says so of the source', async () => {
    const { registries, make, copy } = world();
    registries.fault = ({ repository, operation }) => {
      if (repository === SOURCE && operation === 'fetchBlob') throw unavailable('503 from the source');
    };
    const [outcome] = await copy(make.image(['layer'], {}, '1.0'), [`${FIRST}:1.0`]);
    expect(outcome).toMatchObject({ state: 'Failed', cause: 'unavailable' });
    expect(outcome?.error).toMatch(/^source: read 503 from the source$/);
  });

  it('counts an immutable tag with the same digest as mirrored, and with another as a conflict', async () => {
    const { registries, make, copy } = world();
    const root = make.image(['layer'], {}, '1.0');
    registries.immutable = () => true;
    await copy(root, [`${FIRST}:1.0`]);
    expect((await copy(root, [`${FIRST}:1.0`]))[0]).toMatchObject({ state: 'Mirrored' });
    const [conflict] = await copy(make.image(['other'], {}, '1.0'), [`${FIRST}:1.0`]);
    expect(conflict).toMatchObject({ state: 'Conflict' });
    expect(registries.store(FIRST).tagged.get('1.0')).toBe(root.digest);
  });

  it('writes no tag that another run has taken over', async () => {
    const { registries, make, session } = world();
    const root = make.image(['layer'], {}, '1.0');
    const [outcome] = await copyImage(copyOf(root, [`${FIRST}:1.0`], {}), registries.stores, session, {
      mayTag: async () => false,
    });
    expect(outcome).toMatchObject({ state: 'Failed', cause: 'stopped' });
    expect(registries.store(FIRST).history).toEqual([]);
  });

  it('leaves every destination whole, whichever call is the last to be answered, and the next run completes', async () => {
    const counting = world();
    const build = (make: ImageMaker) => {
      const root = make.index([make.image(['a', 'shared']), make.image(['b', 'shared'])], '1.0');
      make.image(['signature'], { subject: root });
      return root;
    };
    await counting.copy(build(counting.make), [`${FIRST}:1.0`, `${THIRD}:1.0`]);
    const all = counting.registries.calls.length;
    expect(all).toBeGreaterThan(30);
    for (let last = 0; last < all; last++) {
      const { registries, make, copy } = world();
      const root = build(make);
      registries.fault = () => {
        if (registries.calls.length > last) throw denied();
      };
      await copy(root, [`${FIRST}:1.0`, `${THIRD}:1.0`]);
      expect([...registries.store(FIRST).missing(), ...registries.store(THIRD).missing()]).toEqual([]);
      registries.fault = () => undefined;
      const again = await copyImage(
        copyOf(root, [`${FIRST}:1.0`, `${THIRD}:1.0`], {}),
        registries.stores,
        new Session({ clock }),
      );
      expect(again.map(({ state }) => state)).toEqual(['Mirrored', 'Mirrored']);
      for (const name of [FIRST, THIRD]) {
        expect(registries.store(name).missing()).toEqual([]);
        expect(await registries.store(name).referrers(root.digest)).toHaveLength(1);
      }
    }
  });

  it('stops when it is told to', async () => {
    const controller = new AbortController();
    const { registries, make, copy } = world({ signal: controller.signal });
    registries.fault = ({ operation }) => {
      if (operation === 'pushBlob') controller.abort();
      controller.signal.throwIfAborted();
    };
    const [outcome] = await copy(make.image(['layer'], {}, '1.0'), [`${FIRST}:1.0`]);
    expect(outcome).toMatchObject({ state: 'Failed', cause: 'stopped' });
    expect(registries.store(FIRST).history).toEqual([]);
  });
});

describe('what is told on the way', () => {
  const openTally = (heard: (step: CopyEvent['step']) => unknown = () => undefined) => {
    const sums: Record<string, number> = {};
    const observer: Observer = {
      copy: ({ step, bytes }) => {
        sums[step] = (sums[step] ?? 0) + bytes;
        heard(step);
      },
    };
    const of = (step: CopyEvent['step']) => sums[step] ?? 0;
    const settled = () => of('moved') - of('lost') + of('skipped') + of('mounted');
    return { observer, of, settled };
  };

  it('adds up to the size of what was moved', async () => {
    const told = openTally();
    const { make, copy } = world({ observer: told.observer });
    const [outcome] = await copy(make.image(['layer', 'another'], {}, '1.0'), [`${FIRST}:1.0`]);
    expect(told.of('found')).toBe(told.of('moved'));
    expect(outcome?.bytes).toBe(told.of('moved'));
    expect(isDigest(outcome?.source.digest as Digest)).toBe(true);
  });

  it('settles each byte that was found once: moved, there already, or taken over', async () => {
    const told = openTally();
    const { make, copy } = world({ observer: told.observer });
    await copy(make.image(['base', 'old'], {}, '1.0'), [`${FIRST}:1.0`]);
    const changed = make.index([make.image(['base', 'new']), make.image(['base', 'newer'])], '2.0');
    await copy(changed, [`${FIRST}:2.0`, `${SECOND}:2.0`, `${THIRD}:2.0`]);
    expect([told.of('skipped') > 0, told.of('mounted') > 0]).toEqual([true, true]);
    expect(told.settled()).toBe(told.of('found'));
  });

  it('takes back what an upload had taken that failed', async () => {
    const told = openTally();
    const { registries, make } = world();
    const root = make.image(['layer'], {}, '1.0');
    const store = registries.store(THIRD);
    const push = store.pushBlob.bind(store);
    let failures = 1;
    store.pushBlob = async (content, stream) => {
      await push(content, stream);
      if (failures-- > 0) throw unavailable();
    };
    const session = new Session({ clock, observer: told.observer });
    const [outcome] = await copyImage(copyOf(root, [`${THIRD}:1.0`], {}), registries.stores, session);
    expect(outcome).toMatchObject({ state: 'Mirrored', bytes: told.of('moved') });
    expect(told.of('lost')).toBeGreaterThan(0);
    expect(told.settled()).toBe(told.of('found'));
  });

  it('counts nothing that comes for an upload when that has failed', async () => {
    let isLost: () => void = () => undefined;
    const lost = new Promise<void>((resolve) => {
      isLost = resolve;
    });
    const told = openTally((step) => step === 'lost' && isLost());
    const { registries, make, source } = world();
    const root = make.image(['layer'], {}, '1.0');
    const store = registries.store(THIRD);
    const [fetch, push] = [source.fetchBlob.bind(source), store.pushBlob.bind(store)];
    let failures = 1;
    source.fetchBlob = async (content) => {
      const isFirst = failures > 0;
      const bytes = await fetch(content);
      return isFirst ? inHalves(bytes, lost) : bytes;
    };
    store.pushBlob = async (content, stream) => {
      if (failures-- <= 0) return push(content, stream);
      const parts = stream[Symbol.asyncIterator]();
      await parts.next();
      void parts.next();
      throw unavailable();
    };
    const session = new Session({ clock, observer: told.observer });
    const [outcome] = await copyImage(copyOf(root, [`${THIRD}:1.0`], {}), registries.stores, session);
    expect(outcome?.state).toBe('Mirrored');
    expect(told.of('lost')).toBeGreaterThan(0);
    expect(told.settled()).toBe(told.of('found'));
  });
});

/** Bytes of which the second half comes late. */
async function* inHalves(stream: ByteStream, late: Promise<void>): AsyncGenerator<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  const bytes = Buffer.concat(parts);
  yield bytes.subarray(0, bytes.length / 2);
  await late;
  yield bytes.subarray(bytes.length / 2);
}
