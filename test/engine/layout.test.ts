import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Store } from '../../engine/content';
import { ContentMismatch, MissingContent, NotFound, Unsupported } from '../../engine/errors';
import { layoutDirectory, layoutImages, layoutRepository, openLayout } from '../../engine/layout';
import { type Descriptor, MediaType } from '../../lib/model/descriptor';
import type { Digest } from '../../lib/model/digest';
import { formatRepository } from '../../lib/model/reference';

describe('a folder in the OCI image layout', () => {
  let folder: string;
  let store: Store;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'layout-'));
    store = openLayout(folder);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('keeps an image under its tag, as the specification lays it out', async () => {
    const image = await pushImage(store, 'v1');
    expect(await store.resolve('v1')).toEqual(image.root);
    expect(await collect(await store.fetchBlob(image.layer))).toEqual(image.layerBytes);
    expect(Buffer.from(await store.fetchManifest(image.root))).toEqual(image.bytes);
    expect(JSON.parse(readFileSync(join(folder, 'oci-layout'), 'utf8'))).toEqual({ imageLayoutVersion: '1.0.0' });
    expect(JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'))).toEqual({
      schemaVersion: 2,
      mediaType: MediaType.OCI_INDEX,
      manifests: [{ ...image.root, annotations: { 'org.opencontainers.image.ref.name': 'v1' } }],
    });
    expect(readdirSync(folder).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
  });

  it('finds an image by digest though the index does not list it', async () => {
    const image = await pushImage(store);
    expect(await layoutImages(folder)).toEqual([]);
    expect(await store.resolve(image.root.digest)).toEqual(image.root);
  });

  it('moves a tag and keeps the others', async () => {
    await pushImage(store, 'v1', 'one');
    await pushImage(store, 'v2', 'two');
    const moved = await pushImage(store, 'v1', 'three');
    expect(await store.resolve('v1')).toEqual(moved.root);
    expect((await collectNames(store)).sort()).toEqual(['v1', 'v2']);
  });

  it('keeps every tag of many pushed at once', async () => {
    const tags = Array.from({ length: 20 }, (_, i) => `t${i}`);
    await Promise.all(tags.map((tag) => pushImage(store, tag, tag)));
    expect((await collectNames(store)).sort()).toEqual([...tags].sort());
  });

  it('says which tags it has when one is not there', async () => {
    await pushImage(store, 'v1');
    await expect(store.resolve('v9')).rejects.toThrow(/tag "v9" is not there; it has v1/);
    await expect(store.resolve('v9')).rejects.toBeInstanceOf(NotFound);
    await expect(store.resolve(digestOf(Buffer.from('nothing')))).rejects.toBeInstanceOf(NotFound);
  });

  it('says that no layout is there', async () => {
    await expect(openLayout(join(folder, 'absent')).resolve('v1')).rejects.toThrow(/no image layout is there/);
  });

  it('commits no blob whose bytes are not what was announced, and leaves nothing behind', async () => {
    const bytes = Buffer.from('hello');
    const content = descriptorOf(bytes, MediaType.OCI_LAYER);
    for (const wrong of ['hellx', 'hell', 'hello and more']) {
      await expect(store.pushBlob(content, chunks(Buffer.from(wrong)))).rejects.toBeInstanceOf(ContentMismatch);
    }
    expect(await store.exists(content)).toBe(false);
    expect(readdirSync(folder).filter((file) => file.startsWith('.partial'))).toEqual([]);
  });

  it('commits nothing when the stream breaks', async () => {
    const content = descriptorOf(Buffer.from('hello'), MediaType.OCI_LAYER);
    const broken = (async function* () {
      yield Buffer.from('he');
      throw new Error('the connection broke');
    })();
    await expect(store.pushBlob(content, broken)).rejects.toThrow('the connection broke');
    expect(await store.exists(content)).toBe(false);
  });

  it('never gives away the end of a blob that was changed on disk', async () => {
    const image = await pushImage(store, 'v1');
    const file = join(folder, 'blobs', 'sha256', image.layer.digest.slice(7));
    writeFileSync(file, Buffer.alloc(image.layerBytes.length, 'x'));
    const received: Uint8Array[] = [];
    const read = async () => {
      for await (const chunk of await store.fetchBlob(image.layer)) received.push(chunk);
    };
    await expect(read()).rejects.toBeInstanceOf(ContentMismatch);
    expect(received).toEqual([]);
  });

  it('refuses a manifest whose children are not there', async () => {
    const layer = descriptorOf(Buffer.from('absent'), MediaType.OCI_LAYER);
    const bytes = manifestOf(layer, layer);
    const root = descriptorOf(bytes, MediaType.OCI_MANIFEST);
    await expect(store.pushManifest(root, bytes, { tag: 'v1' })).rejects.toBeInstanceOf(MissingContent);
    await expect(store.resolve('v1')).rejects.toBeInstanceOf(NotFound);
  });

  it('lists what refers to an image', async () => {
    const image = await pushImage(store, 'v1');
    const config = descriptorOf(Buffer.from('{}'), 'application/vnd.example.config');
    await store.pushBlob(config, chunks(Buffer.from('{}')));
    const bytes = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: MediaType.OCI_MANIFEST,
        artifactType: 'application/vnd.example.signature',
        config,
        layers: [],
        subject: image.root,
        annotations: { made: 'by hand' },
      }),
    );
    const signature = descriptorOf(bytes, MediaType.OCI_MANIFEST);
    expect(await store.pushManifest(signature, bytes)).toEqual({ listedBySubject: true });
    await store.pushManifest(signature, bytes);
    expect(await store.referrers?.(image.root.digest)).toEqual([
      { ...signature, artifactType: 'application/vnd.example.signature', annotations: { made: 'by hand' } },
    ]);
    expect(await store.referrers?.(signature.digest)).toEqual([]);
    expect(await collectNames(store)).toEqual(['v1']);
  });

  it('does not write into a folder that holds other things', async () => {
    writeFileSync(join(folder, 'thesis.txt'), 'precious');
    await expect(pushImage(store, 'v1')).rejects.toBeInstanceOf(Unsupported);
    expect(readdirSync(folder)).toEqual(['thesis.txt']);
  });

  it('stops with the reason of an aborted signal', async () => {
    const signal = AbortSignal.abort(new Error('told to stop'));
    await expect(store.resolve('v1', { signal })).rejects.toThrow('told to stop');
  });

  it('says what is wrong with an index.json that cannot be read', async () => {
    await pushImage(store, 'v1');
    writeFileSync(join(folder, 'index.json'), '{');
    await expect(store.resolve('v1')).rejects.toThrow(/index.json that is not JSON/);
    writeFileSync(join(folder, 'index.json'), '{"manifests":[{"digest":"../../etc/passwd"}]}');
    await expect(store.resolve('v1')).rejects.toThrow(/no descriptors/);
  });
});

it('has a repository for its folder and finds the folder again', () => {
  expect(formatRepository(layoutRepository('/srv/images'))).toBe('oci:/srv/images');
  expect(layoutDirectory(layoutRepository('/srv/images'))).toBe('/srv/images');
});

interface Image {
  readonly root: Descriptor;
  readonly bytes: Buffer;
  readonly layer: Descriptor;
  readonly layerBytes: Buffer;
}

async function pushImage(store: Store, tag?: string, seed = 'seed'): Promise<Image> {
  const layerBytes = Buffer.from(`layer of ${seed}`.repeat(1000));
  const configBytes = Buffer.from(JSON.stringify({ seed }));
  const layer = descriptorOf(layerBytes, MediaType.OCI_LAYER);
  const config = descriptorOf(configBytes, MediaType.OCI_CONFIG);
  await store.pushBlob(layer, chunks(layerBytes));
  await store.pushBlob(config, chunks(configBytes));
  const bytes = manifestOf(config, layer);
  const root = descriptorOf(bytes, MediaType.OCI_MANIFEST);
  await store.pushManifest(root, bytes, tag === undefined ? {} : { tag });
  return { root, bytes, layer, layerBytes };
}

function manifestOf(config: Descriptor, layer: Descriptor): Buffer {
  return Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MediaType.OCI_MANIFEST, config, layers: [layer] }));
}

function descriptorOf(bytes: Uint8Array, mediaType: string): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}

function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;
}

async function* chunks(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

async function collectNames(store: Store): Promise<string[]> {
  const names: string[] = [];
  for await (const name of store.tags?.() ?? []) names.push(name);
  return names;
}
