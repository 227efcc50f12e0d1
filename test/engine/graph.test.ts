import fc from 'fast-check';
import { Unsupported } from '../../engine/errors';
import { referrerView, successors } from '../../engine/graph';
import type { Descriptor } from '../../lib/model/descriptor';
import { parseDigest } from '../../lib/model/digest';
import { anyJson, resultOrLine, spoilt } from '../spoilt';

const digest = (letter: string) => parseDigest(`sha256:${letter.repeat(64)}`);
const root: Descriptor = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: digest('f'), size: 1 };
const layer = (letter: string) => ({
  mediaType: 'application/vnd.oci.image.layer.v1.tar',
  digest: digest(letter),
  size: 3,
});
const bytes = (document: unknown) => Buffer.from(typeof document === 'string' ? document : JSON.stringify(document));
const names = (list: readonly Descriptor[]) => list.map((descriptor) => descriptor.digest[7]).join('');

describe('what a manifest names', () => {
  it('is its config and layers, each digest once, in order', () => {
    const document = { config: layer('c'), layers: [layer('a'), layer('b'), layer('a'), layer('c')] };
    const { blobs, manifests } = successors(root, bytes(document));
    expect(names(blobs)).toBe('cab');
    expect(manifests).toEqual([]);
  });

  it('is the children of an index, of known and unknown manifest types', () => {
    const child = (letter: string, mediaType: string) => ({ mediaType, digest: digest(letter), size: 9 });
    const document = {
      manifests: [
        child('a', 'application/vnd.oci.image.manifest.v1+json'),
        child('b', 'application/vnd.oci.image.index.v1+json'),
        child('c', 'application/vnd.example.new.manifest.v9+json'),
        child('d', 'application/octet-stream'),
      ],
    };
    const { manifests, blobs } = successors(root, bytes(document));
    expect(names(manifests)).toBe('abc');
    expect(names(blobs)).toBe('d');
  });

  it('is no more of a descriptor than is needed to copy it', () => {
    const document = { layers: [{ ...layer('a'), annotations: { a: 'long' }, data: 'inline', urls: ['x'] }] };
    expect(successors(root, bytes(document)).blobs).toEqual([layer('a')]);
  });

  it('is nothing for an empty index, however that is written', () => {
    for (const manifests of [[], null, undefined]) {
      expect(successors(root, bytes({ schemaVersion: 2, manifests }))).toEqual({ manifests: [], blobs: [] });
    }
  });

  it('is nothing when it is announced as another kind than it says it is', () => {
    const index = { mediaType: 'application/vnd.oci.image.index.v1+json', manifests: [] };
    expect(() => successors(root, bytes(index))).toThrow(/got an index; an image, as was announced, would do/);
    const image = { mediaType: root.mediaType, layers: [] };
    const announced = { ...root, mediaType: 'application/vnd.docker.distribution.manifest.list.v2+json' };
    expect(() => successors(announced, bytes(image))).toThrow(/got an image; an index, as was announced, would do/);
  });

  it('is the blobs of an artifact manifest, and never its subject', () => {
    const document = { blobs: [layer('a')], subject: layer('b') };
    expect(names(successors(root, bytes(document)).blobs)).toBe('a');
  });

  it.each([
    ['no JSON', 'not JSON', '<html>'],
    ['no object', 'a JSON object would do', [1]],
    ['broken UTF-8', 'not JSON', undefined],
    ['layers that are no list', 'manifest field layers', { layers: 7 }],
    ['a layer without a digest', 'manifest field layers[0].digest', { layers: [{ mediaType: 'x', size: 1 }] }],
    ['a digest of unknown kind', 'manifest field layers[0].digest', { layers: [{ ...layer('a'), digest: 'md5:00' }] }],
    ['a negative size', 'manifest field config.size', { config: { ...layer('a'), size: -1 } }],
    ['a size that is no number', 'manifest field config.size', { config: { ...layer('a'), size: '3' } }],
    ['a null child', 'manifest field manifests[0].digest', { manifests: [null] }],
  ])('is refused with one line when the manifest has %s', (_, line, document) => {
    const raw = document === undefined ? Buffer.from([0xff, 0xfe]) : bytes(document);
    expect(() => successors(root, raw)).toThrow(Unsupported);
    expect(() => successors(root, raw)).toThrow(line);
  });

  it('refuses schema 1 by its media type and by its version', () => {
    const signed = { ...root, mediaType: 'application/vnd.docker.distribution.manifest.v1+prettyjws' };
    expect(() => successors(signed, bytes({ schemaVersion: 1 }))).toThrow('schema 1');
    expect(() => successors(root, bytes({ schemaVersion: 1, fsLayers: [] }))).toThrow('schema 1');
  });
});

describe('what a referrer says of itself', () => {
  it('is its subject, annotations and artifact type', () => {
    const document = { subject: layer('a'), artifactType: 'application/x', annotations: { k: 'v' } };
    expect(referrerView(root, bytes(document))).toEqual({
      subject: layer('a'),
      artifactType: 'application/x',
      annotations: { k: 'v' },
    });
  });

  it("takes the config's media type where there is no artifact type", () => {
    const document = { subject: layer('a'), config: { ...layer('c'), mediaType: 'application/y' } };
    expect(referrerView(root, bytes(document))).toMatchObject({ artifactType: 'application/y' });
  });

  it('leaves out annotations that are no text, which no registry would list', () => {
    const annotations = (value: unknown) =>
      referrerView(root, bytes({ subject: layer('a'), annotations: value }))?.annotations;
    expect(annotations({ k: 'v', n: 1, o: {}, e: '' })).toEqual({ k: 'v', e: '' });
    for (const value of ['text', ['a'], 7, null, undefined]) expect(annotations(value)).toBeUndefined();
  });

  it('is nothing without a subject', () => {
    expect(referrerView(root, bytes({ layers: [] }))).toBeUndefined();
  });
});

describe('whatever a registry answers for a manifest', () => {
  const good = {
    schemaVersion: 2,
    mediaType: root.mediaType,
    config: layer('c'),
    layers: [layer('a'), { ...layer('b'), annotations: { k: 'v' }, urls: ['https://x/'] }],
    manifests: [{ ...layer('d'), platform: { os: 'linux', architecture: 'arm64' } }],
    blobs: [layer('e')],
    subject: layer('5'),
    artifactType: 'application/x',
    annotations: { k: 'v' },
  };
  const answers = fc.oneof(
    spoilt(good).map((document) => Buffer.from(JSON.stringify(document) ?? '')),
    anyJson.map((document) => Buffer.from(JSON.stringify(document))),
    fc.uint8Array({ maxLength: 200 }).map((some) => Buffer.from(some)),
  );

  it('it is read or refused in one line, and what it names are descriptors', () => {
    fc.assert(
      fc.property(answers, (answer) => {
        const found = resultOrLine(() => successors(root, answer), 'Unsupported');
        for (const { digest: named, size, mediaType } of [...(found?.blobs ?? []), ...(found?.manifests ?? [])]) {
          expect(named).toMatch(/^sha(256|512):[a-f0-9]+$/);
          expect(Number.isSafeInteger(size) && size >= 0).toBe(true);
          expect(typeof mediaType).toBe('string');
        }
      }),
    );
  });

  it('what it says of itself as a referrer is text, or it is refused in one line', () => {
    fc.assert(
      fc.property(answers, (answer) => {
        const view = resultOrLine(() => referrerView(root, answer), 'Unsupported');
        expect(['string', 'undefined']).toContain(typeof view?.artifactType);
        for (const value of Object.values(view?.annotations ?? {})) expect(typeof value).toBe('string');
      }),
    );
  });

  it.each([20_001, 100_000])('%i children are refused by their number', (count) => {
    const child = { mediaType: root.mediaType, digest: digest('a'), size: 1 };
    expect(() => successors(root, bytes({ manifests: Array(count).fill(child) }))).toThrow(
      `got ${count} manifests; at most 20000 would do`,
    );
  });

  it('brackets without end are refused', () => {
    for (const text of ['['.repeat(4_000_000), '{"a":'.repeat(800_000)]) {
      expect(() => successors(root, bytes(text))).toThrow('not JSON');
    }
  });
});
