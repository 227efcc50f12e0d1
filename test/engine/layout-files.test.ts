import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { NotFound, RegistryError, Unsupported } from '../../engine/errors';
import { layoutImages, openLayout } from '../../engine/layout';
import { guarded } from '../../engine/layout-files';
import { MediaType } from '../../lib/model/descriptor';
import { digestOf } from '../fakes/memory-store';

describe('a layout whose files are not as they should be', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'layout-'));
    writeFileSync(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
    index({ manifests: [] });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const index = (document: unknown) => writeFileSync(join(folder, 'index.json'), JSON.stringify(document));
  /** Puts bytes where a blob of these bytes belongs. */
  const place = (text: string) => {
    const digest = digestOf(Buffer.from(text));
    const file = join(folder, 'blobs', 'sha256', digest.slice('sha256:'.length));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return { digest, file };
  };

  it.each([
    ['says so itself', { mediaType: MediaType.DOCKER_LIST }, MediaType.DOCKER_LIST],
    ['has children', { schemaVersion: 2, manifests: [] }, MediaType.OCI_INDEX],
    ['is of the first version', { schemaVersion: 1 }, MediaType.DOCKER_SCHEMA1],
    ['says nothing', { schemaVersion: 2 }, MediaType.OCI_MANIFEST],
    ['is null', null, MediaType.OCI_MANIFEST],
  ])('knows what a manifest is that %s', async (_, document, mediaType) => {
    const text = JSON.stringify(document);
    const { digest } = place(text);
    expect(await openLayout(folder).resolve(digest)).toEqual({ mediaType, digest, size: text.length });
  });

  it('takes a manifest that is none for one, which whoever reads it refuses', async () => {
    expect(await openLayout(folder).resolve(place('no JSON').digest)).toMatchObject({
      mediaType: MediaType.OCI_MANIFEST,
    });
  });

  it('holds no manifest in memory that is larger than registries take', async () => {
    const { digest, file } = place('{}');
    truncateSync(file, 4 * 1024 * 1024 + 1);
    const reading = openLayout(folder).resolve(digest);
    await expect(reading).rejects.toBeInstanceOf(Unsupported);
    await expect(reading).rejects.toThrow('got a manifest of 4194305 bytes; at most 4194304 would do');
  });

  it('holds no index in memory that is beyond reason', async () => {
    truncateSync(join(folder, 'index.json'), 32 * 1024 * 1024 + 1);
    await expect(layoutImages(folder)).rejects.toThrow(
      'got an index.json of 33554433 bytes; at most 33554432 would do',
    );
  });

  it.each([[{}], [null], [{ manifests: null }]])('lists nothing for an index.json of %j', async (document) => {
    index(document);
    expect(await layoutImages(folder)).toEqual([]);
    await expect(openLayout(folder).resolve('v1')).rejects.toThrow('tag "v1" is not there; it has no tags');
  });

  it('finds a tag that is written as a whole reference', async () => {
    const { digest } = place('{}');
    const annotations = { 'org.opencontainers.image.ref.name': 'docker.io/library/app:v1' };
    index({ manifests: [{ mediaType: MediaType.OCI_MANIFEST, digest, size: 2, annotations }] });
    expect(await openLayout(folder).resolve('v1')).toMatchObject({ digest });
  });

  it('has no blob where a file stands for a folder', async () => {
    writeFileSync(join(folder, 'blobs'), 'a file');
    const content = { mediaType: MediaType.OCI_LAYER, digest: digestOf(Buffer.from('x')), size: 1 };
    const store = openLayout(folder);
    expect(await store.exists(content)).toBe(false);
    await expect(store.fetchBlob(content)).rejects.toBeInstanceOf(NotFound);
    async function* bytes() {
      yield Buffer.from('x');
    }
    await expect(store.pushBlob(content, bytes())).rejects.toThrow(/mkdir: got E(?:NOTDIR|EXIST); a folder would do$/);
  });
});

describe('what the file system says', () => {
  const told = (code: string) =>
    guarded({ directory: '/', name: 'oci:there' }, undefined, async () => {
      throw Object.assign(new Error('it is so'), { code, syscall: 'open' });
    }).catch((error: unknown) => error);

  it.each([
    ['EACCES', 'denied', 'a folder that this user may use would do'],
    ['EPERM', 'denied', 'a folder that this user may use would do'],
    ['EROFS', 'denied', 'a folder that this user may use would do'],
    ['ENOSPC', 'unavailable', 'free space would do'],
    ['EDQUOT', 'unavailable', 'free space would do'],
    ['ENOTDIR', 'usage', 'a folder would do'],
  ])('%s: %s, and what would do', async (code, failure, remedy) => {
    const error = await told(code);
    expect(error).toBeInstanceOf(RegistryError);
    expect(error).toMatchObject({ failure, message: `oci:there: open: got ${code}; ${remedy}` });
  });

  it('is not heard in errors of other kinds', async () => {
    const error = new Unsupported('MANIFEST_UNSUPPORTED', 'a manifest of the wrong kind');
    const work = guarded({ directory: '/', name: 'oci:there' }, undefined, () => Promise.reject(error));
    await expect(work).rejects.toBe(error);
  });
});
