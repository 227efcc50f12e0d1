import type { ByteStream, Store } from '../../engine/content';
import { ContentMismatch, MissingContent, NotFound } from '../../engine/errors';
import type { Descriptor } from '../../lib/model/descriptor';
import type { Digest } from '../../lib/model/digest';
import {
  artifact,
  type Built,
  type Content,
  content,
  cosignTag,
  EMPTY,
  image,
  multiPlatform,
  nestedIndex,
  sbomReferrer,
  seededBytes,
  sha256,
  signatureImage,
  signatureReferrer,
  unknownArtifact,
} from '../../local/images';

/** A place under test: a registry, or what else holds images. */
export interface StorePlace {
  /** The store of a repository by its name; pushing into one that is new must work. */
  store(name: string): Store;
  close(): Promise<void>;
}

export interface StoreAbilities {
  /** Refuses an index whose children are not there. @default true */
  readonly checksChildren?: boolean;
  /** Refuses an image whose config or layers are not there. @default true */
  readonly checksBlobs?: boolean;
  /** Lists a referrer by its `artifactType`, as the distribution specification asks. @default true */
  readonly listsArtifactTypes?: boolean;
}

const NOWHERE: Digest = `sha256:${'0'.repeat(64)}` as Digest;

/** How every store behaves, whatever it is made of: the contract of `engine/content.ts`, behaviour by behaviour. */
export function describeStore(name: string, open: () => Promise<StorePlace>, abilities: StoreAbilities = {}): void {
  describe(name, () => {
    let place: StorePlace;
    let count = 0;
    const fresh = () => place.store(`suite/store-${++count}`);
    beforeAll(async () => {
      place = await open();
    });
    afterAll(() => place?.close());

    describe('blobs', () => blobBehaviours(fresh));
    describe('manifests', () => manifestBehaviours(fresh, abilities));
    describe('tags', () => tagBehaviours(fresh));
    describe('mounting', () => mountBehaviours(fresh));
    describe('referrers', () => referrerBehaviours(fresh, abilities));
    describe('stopping', () => stopBehaviours(fresh));
  });
}

function blobBehaviours(fresh: () => Store): void {
  const blob = content('application/octet-stream', seededBytes('blob', 3_000_000));

  it('holds what was pushed, and nothing before', async () => {
    const store = fresh();
    expect(await store.exists(blob.descriptor)).toBe(false);
    await store.pushBlob(blob.descriptor, chunks(blob.bytes));
    expect(await store.exists(blob.descriptor)).toBe(true);
    expect(sha256(await read(store, blob.descriptor))).toBe(blob.descriptor.digest);
  });

  it('holds the empty descriptor', async () => {
    const store = fresh();
    await store.pushBlob(EMPTY.descriptor, chunks(EMPTY.bytes));
    expect((await read(store, EMPTY.descriptor)).toString()).toBe('{}');
  });

  it('takes the same blob again, and twice at once', async () => {
    const store = fresh();
    const push = () => store.pushBlob(blob.descriptor, chunks(blob.bytes));
    await Promise.all([push(), push()]);
    await push();
    expect(await store.exists(blob.descriptor)).toBe(true);
  });

  it.each<[string, (bytes: Uint8Array) => ByteStream]>([
    ['others', (bytes) => chunks(seededBytes('others', bytes.length))],
    ['too few', (bytes) => chunks(bytes.subarray(0, -1))],
    ['too many', (bytes) => chunks(Buffer.concat([bytes, Buffer.from('x')]))],
  ])('commits nothing when the bytes are %s, and takes the right ones after', async (_, spoil) => {
    const store = fresh();
    await expect(store.pushBlob(blob.descriptor, spoil(blob.bytes))).rejects.toBeInstanceOf(ContentMismatch);
    expect(await store.exists(blob.descriptor)).toBe(false);
    await store.pushBlob(blob.descriptor, chunks(blob.bytes));
    expect(await store.exists(blob.descriptor)).toBe(true);
  });

  it('commits nothing when the stream breaks, and passes its error on', async () => {
    const store = fresh();
    const broken = (async function* () {
      yield blob.bytes.subarray(0, 1_000_000);
      throw new Error('the source went away');
    })();
    await expect(store.pushBlob(blob.descriptor, broken)).rejects.toThrow('the source went away');
    expect(await store.exists(blob.descriptor)).toBe(false);
    await store.pushBlob(blob.descriptor, chunks(blob.bytes));
    expect(sha256(await read(store, blob.descriptor))).toBe(blob.descriptor.digest);
  });

  it('is NotFound when it is not there', async () => {
    const store = fresh();
    await store.pushBlob(EMPTY.descriptor, chunks(EMPTY.bytes));
    await expect(read(store, { ...blob.descriptor, digest: NOWHERE })).rejects.toBeInstanceOf(NotFound);
  });

  it('stops sending to who breaks out of the loop', async () => {
    const store = fresh();
    await store.pushBlob(blob.descriptor, chunks(blob.bytes));
    for await (const chunk of await store.fetchBlob(blob.descriptor)) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    expect(sha256(await read(store, blob.descriptor))).toBe(blob.descriptor.digest);
  });
}

function manifestBehaviours(fresh: () => Store, abilities: StoreAbilities): void {
  it.each<[string, Built]>([
    ['an OCI image', image({ seed: 'oci' })],
    ['a Docker image', image({ seed: 'docker', format: 'docker' })],
    ['an index', multiPlatform({ seed: 'index' })],
    ['a Docker manifest list', multiPlatform({ seed: 'list', format: 'docker' })],
    ['an index with attestations', multiPlatform({ seed: 'attested', attestations: true })],
    ['an index in an index', nestedIndex({ seed: 'nested' })],
    ['an artifact of an unknown type', unknownArtifact('unknown')],
    ['an artifact that is empty', artifact({ artifactType: 'application/vnd.example.empty' })],
    ['an image with a foreign layer', image({ seed: 'windows', format: 'docker', foreign: true })],
  ])('gives back the exact bytes of %s, by tag and by digest', async (_, built) => {
    const store = fresh();
    await pushAll(store, built, 'v1');
    const { mediaType, digest, size } = built.root.descriptor;
    for (const reference of ['v1', digest]) {
      expect(await store.resolve(reference)).toMatchObject({ mediaType, digest, size });
    }
    for (const manifest of built.manifests) {
      expect(Buffer.from(await store.fetchManifest(manifest.descriptor))).toEqual(Buffer.from(manifest.bytes));
      expect(await store.exists(manifest.descriptor)).toBe(true);
    }
  });

  it('fetches a manifest whose size is not known', async () => {
    const store = fresh();
    const built = image({ seed: 'size' });
    await pushAll(store, built, 'v1');
    const got = await store.fetchManifest({ ...built.root.descriptor, size: 0 });
    expect(Buffer.from(got)).toEqual(Buffer.from(built.root.bytes));
  });

  it('is NotFound when it is not there', async () => {
    const store = fresh();
    const { descriptor } = image({ seed: 'absent' }).root;
    await expect(store.resolve('v1')).rejects.toBeInstanceOf(NotFound);
    await pushAll(store, image({ seed: 'other' }), 'other');
    await expect(store.resolve('v1')).rejects.toBeInstanceOf(NotFound);
    await expect(store.resolve(descriptor.digest)).rejects.toBeInstanceOf(NotFound);
    await expect(store.fetchManifest(descriptor)).rejects.toBeInstanceOf(NotFound);
    expect(await store.exists(descriptor)).toBe(false);
  });

  (abilities.checksBlobs === false ? it.skip : it)(
    'refuses an image whose blobs are not there, and sets no tag',
    async () => {
      const store = fresh();
      const built = image({ seed: 'incomplete' });
      await pushBlobs(store, built.blobs.slice(1));
      const push = store.pushManifest(built.root.descriptor, built.root.bytes, { tag: 'v1' });
      await expect(push).rejects.toBeInstanceOf(MissingContent);
      await expect(store.resolve('v1')).rejects.toBeInstanceOf(NotFound);
    },
  );

  (abilities.checksChildren === false ? it.skip : it)(
    'refuses an index whose children are not there, and sets no tag',
    async () => {
      const store = fresh();
      const built = multiPlatform({ seed: 'childless' });
      await pushBlobs(store, built.blobs);
      const push = store.pushManifest(built.root.descriptor, built.root.bytes, { tag: 'v1' });
      await expect(push).rejects.toBeInstanceOf(MissingContent);
      await expect(store.resolve('v1')).rejects.toBeInstanceOf(NotFound);
    },
  );
}

function tagBehaviours(fresh: () => Store): void {
  it('moves a tag, and keeps what it stood for by digest', async () => {
    const store = fresh();
    const [before, after] = [image({ seed: 'before' }), image({ seed: 'after' })];
    await pushAll(store, before, 'latest');
    await pushAll(store, after, 'latest');
    expect((await store.resolve('latest')).digest).toBe(after.root.descriptor.digest);
    expect((await store.resolve(before.root.descriptor.digest)).digest).toBe(before.root.descriptor.digest);
  });

  it('sets a tag again to what it stands for', async () => {
    const store = fresh();
    const built = image({ seed: 'again' });
    await pushAll(store, built, 'v1');
    await pushAll(store, built, 'v1');
    expect((await store.resolve('v1')).digest).toBe(built.root.descriptor.digest);
  });

  it('lists all of them, however many pages they fill, and no digest', async () => {
    const store = fresh();
    if (store.tags === undefined) return;
    const built = image({ seed: 'many' });
    await pushAll(store, built);
    const tags = Array.from({ length: 120 }, (_, at) => `v${at}`);
    for (const tag of tags) await store.pushManifest(built.root.descriptor, built.root.bytes, { tag });
    const listed: string[] = [];
    for await (const tag of store.tags()) listed.push(tag);
    expect(listed.sort()).toEqual(tags.sort());
  });

  it("holds a signature under cosign's tag", async () => {
    const store = fresh();
    const built = image({ seed: 'signed' });
    const signature = signatureImage(built.root.descriptor);
    await pushAll(store, built, 'v1');
    await pushAll(store, signature, cosignTag(built.root.descriptor));
    const found = await store.resolve(cosignTag(built.root.descriptor));
    expect(found.digest).toBe(signature.root.descriptor.digest);
  });
}

function mountBehaviours(fresh: () => Store): void {
  it('has the blob after a mount, and takes it by push when the mount was declined', async () => {
    const [from, to] = [fresh(), fresh()];
    const built = image({ seed: 'mounted' });
    const layer = built.blobs[1] as Content;
    await pushAll(from, built, 'v1');
    const mounted = (await to.mount?.(layer.descriptor, from.repository)) ?? false;
    if (!mounted) await to.pushBlob(layer.descriptor, chunks(layer.bytes));
    expect(sha256(await read(to, layer.descriptor))).toBe(layer.descriptor.digest);
  });

  it('declines what the other repository has not', async () => {
    const [from, to] = [fresh(), fresh()];
    const layer = image({ seed: 'not-mounted' }).blobs[0] as Content;
    expect((await to.mount?.(layer.descriptor, from.repository)) ?? false).toBe(false);
    await to.pushBlob(layer.descriptor, chunks(layer.bytes));
    expect(await to.exists(layer.descriptor)).toBe(true);
  });
}

function referrerBehaviours(fresh: () => Store, abilities: StoreAbilities): void {
  const subject = image({ seed: 'subject' });

  it('lists what refers to a manifest, with its annotations, and nothing before', async () => {
    const store = fresh();
    if (store.referrers === undefined) return;
    await pushAll(store, subject, 'v1');
    expect(await store.referrers(subject.root.descriptor.digest)).toEqual([]);
    const signature = signatureReferrer(subject.root.descriptor);
    const sbom = sbomReferrer(subject.root.descriptor);
    await pushReferrer(store, subject, signature);
    await pushReferrer(store, subject, sbom);
    await pushReferrer(store, subject, sbom);
    const listed = await store.referrers(subject.root.descriptor.digest);
    expect(listed.map((one) => one.digest).sort()).toEqual(
      [signature.root.descriptor.digest, sbom.root.descriptor.digest].sort(),
    );
    expect(listed.find((one) => one.digest === sbom.root.descriptor.digest)).toMatchObject({
      annotations: { 'org.opencontainers.image.created': '2024-01-01T00:00:00Z' },
      size: sbom.root.descriptor.size,
    });
  });

  (abilities.listsArtifactTypes === false ? it.skip : it)('lists what refers to a manifest by its type', async () => {
    const store = fresh();
    if (store.referrers === undefined) return;
    await pushAll(store, subject, 'v1');
    const sbom = sbomReferrer(subject.root.descriptor);
    await pushReferrer(store, subject, sbom);
    expect(await store.referrers(subject.root.descriptor.digest)).toMatchObject([
      { artifactType: 'application/spdx+json' },
    ]);
  });

  it('lists a referrer of a referrer under that one alone', async () => {
    const store = fresh();
    if (store.referrers === undefined) return;
    const sbom = sbomReferrer(subject.root.descriptor);
    const signature = signatureReferrer(sbom.root.descriptor);
    await pushAll(store, subject, 'v1');
    await pushReferrer(store, subject, sbom);
    await pushReferrer(store, sbom, signature);
    const digests = async (of: Built) => (await store.referrers?.(of.root.descriptor.digest))?.map((one) => one.digest);
    expect(await digests(subject)).toEqual([sbom.root.descriptor.digest]);
    expect(await digests(sbom)).toEqual([signature.root.descriptor.digest]);
  });
}

function stopBehaviours(fresh: () => Store): void {
  it('rejects with the reason of a signal that was aborted before', async () => {
    const store = fresh();
    const built = image({ seed: 'stopped' });
    const reason = new Error('told to stop');
    const options = { signal: AbortSignal.abort(reason) };
    const blob = built.blobs[0] as Content;
    await expect(store.resolve('v1', options)).rejects.toBe(reason);
    await expect(store.exists(blob.descriptor, options)).rejects.toBe(reason);
    await expect(store.pushBlob(blob.descriptor, chunks(blob.bytes), options)).rejects.toBe(reason);
    await expect(store.pushManifest(built.root.descriptor, built.root.bytes, options)).rejects.toBe(reason);
  });

  it('stops a push under way, and commits nothing', async () => {
    const store = fresh();
    const blob = content('application/octet-stream', seededBytes('under-way', 1_000_000));
    const reason = new Error('told to stop');
    const stop = new AbortController();
    const endless = (async function* () {
      yield blob.bytes.subarray(0, 500_000);
      stop.abort(reason);
      await new Promise<void>((resolve) => setImmediate(resolve));
      yield blob.bytes.subarray(500_000);
    })();
    await expect(store.pushBlob(blob.descriptor, endless, { signal: stop.signal })).rejects.toBe(reason);
    expect(await store.exists(blob.descriptor)).toBe(false);
  });
}

async function pushBlobs(store: Store, blobs: readonly Content[]): Promise<void> {
  for (const { descriptor, bytes } of blobs) await store.pushBlob(descriptor, chunks(bytes));
}

async function pushAll(store: Store, built: Built, tag?: string): Promise<void> {
  await pushBlobs(store, built.blobs);
  for (const { descriptor, bytes } of built.manifests) await store.pushManifest(descriptor, bytes);
  if (tag !== undefined) await store.pushManifest(built.root.descriptor, built.root.bytes, { tag });
}

/** As the engine does it: the fallback list is kept only where the registry does not list by itself. */
async function pushReferrer(store: Store, subject: Built, referrer: Built): Promise<void> {
  await pushBlobs(store, referrer.blobs);
  const { descriptor, bytes } = referrer.root;
  const { listedBySubject } = await store.pushManifest(descriptor, bytes);
  if (listedBySubject) return;
  const { annotations } = JSON.parse(Buffer.from(bytes).toString());
  const listed = annotations === undefined ? descriptor : { ...descriptor, annotations };
  await store.addReferrer?.(subject.root.descriptor.digest, listed);
}

async function read(store: Store, descriptor: Descriptor): Promise<Buffer> {
  const got: Uint8Array[] = [];
  for await (const chunk of await store.fetchBlob(descriptor)) got.push(chunk);
  return Buffer.concat(got);
}

/** Bytes in pieces, none of them the size of anything. */
async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 99_991) yield bytes.subarray(at, at + 99_991);
}
