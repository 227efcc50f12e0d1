import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Content,
  content,
  image,
  index,
  jsonContent,
  multiPlatform,
  pushBuilt,
  sbomReferrer,
  seededBytes,
  seededStream,
  signatureReferrer,
  unknownArtifact,
} from '../../../local/images';
import { type RunningRegistry, reads } from '../../../local/registry';
import { ask, json, putBlob, putManifest, registries } from './client';

const start = registries();
const blob = content('application/octet-stream', Buffer.from('0123456789'));
const uploads = '/v2/app/blobs/uploads/';

async function startUpload(registry: RunningRegistry): Promise<string> {
  return (await ask(registry, uploads, { method: 'POST' })).headers.get('location') as string;
}

describe('blobs', () => {
  it('takes a blob by POST and PUT, and gives it back with HEAD and GET', async () => {
    const registry = await start();
    const put = await putBlob(registry, 'app', blob);
    expect(put.status).toBe(201);
    expect(put.headers.get('docker-content-digest')).toBe(blob.descriptor.digest);
    const head = await ask(registry, `/v2/app/blobs/${blob.descriptor.digest}`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '10']);
    const got = await ask(registry, put.headers.get('location') as string);
    expect(got.bytes).toEqual(blob.bytes);
  });

  it.each([
    ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=8-99', 206, '89', 'bytes 8-9/10'],
    ['bytes=0-1,3-4', 200, '0123456789', null],
  ])('answers Range %s with %i', async (range, status, text, contentRange) => {
    const registry = await start();
    await putBlob(registry, 'app', blob);
    const got = await ask(registry, `/v2/app/blobs/${blob.descriptor.digest}`, { headers: { range } });
    expect([got.status, got.bytes.toString(), got.headers.get('content-range')]).toEqual([status, text, contentRange]);
  });

  it('refuses a range beyond the end with 416', async () => {
    const registry = await start();
    await putBlob(registry, 'app', blob);
    const got = await ask(registry, `/v2/app/blobs/${blob.descriptor.digest}`, { headers: { range: 'bytes=10-' } });
    expect([got.status, got.headers.get('content-range')]).toEqual([416, 'bytes */10']);
  });

  it('takes a whole blob in one POST', async () => {
    const registry = await start();
    const path = `${uploads}?digest=${blob.descriptor.digest}`;
    expect((await ask(registry, path, { method: 'POST', body: blob.bytes })).status).toBe(201);
    expect(registry.state.repositories.get('app')?.blobs.has(blob.descriptor.digest)).toBe(true);
  });

  it('takes parts in order, tells how far it is, and refuses a gap with 416', async () => {
    const registry = await start();
    const location = await startUpload(registry);
    const part = (range: string, body: string) =>
      ask(registry, location, { method: 'PATCH', body, headers: { 'content-range': range } });
    const first = await part('0-3', '0123');
    expect([first.status, first.headers.get('range')]).toEqual([202, '0-3']);
    const gap = await part('6-9', '6789');
    expect([gap.status, gap.headers.get('range')]).toEqual([416, '0-3']);
    expect((await part('4-9', '456')).status).toBe(416);
    const shown = await ask(registry, location);
    expect([shown.status, shown.headers.get('range')]).toEqual([204, '0-3']);
    expect((await part('4-9', '456789')).status).toBe(202);
    const put = await ask(registry, `${location}?digest=${blob.descriptor.digest}`, { method: 'PUT' });
    expect(put.status).toBe(201);
  });

  it('commits nothing when the digest is another, and forgets the upload', async () => {
    const registry = await start();
    const location = await startUpload(registry);
    const put = await ask(registry, `${location}?digest=${blob.descriptor.digest}`, { method: 'PUT', body: 'others' });
    expect([put.status, put.code]).toEqual([400, 'DIGEST_INVALID']);
    expect((await ask(registry, location)).code).toBe('BLOB_UPLOAD_UNKNOWN');
    expect((await ask(registry, `/v2/app/blobs/${blob.descriptor.digest}`)).code).toBe('BLOB_UNKNOWN');
  });

  it('verifies sha512 as well', async () => {
    const registry = await start();
    const digest = `sha512:${createHash('sha512').update(blob.bytes).digest('hex')}`;
    const put = await ask(registry, `${await startUpload(registry)}?digest=${digest}`, {
      method: 'PUT',
      body: blob.bytes,
    });
    expect(put.status).toBe(201);
  });

  it('lets an upload go on DELETE', async () => {
    const registry = await start();
    const location = await startUpload(registry);
    expect((await ask(registry, location, { method: 'DELETE' })).status).toBe(204);
    expect((await ask(registry, location, { method: 'PATCH', body: 'x' })).code).toBe('BLOB_UPLOAD_UNKNOWN');
  });

  it('keeps nothing of an upload that was let go while its last part came', async () => {
    const registry = await start();
    const location = await startUpload(registry);
    const put = request(`${location}?digest=${blob.descriptor.digest}`, {
      method: 'PUT',
      headers: { 'content-length': blob.bytes.length },
    });
    const answered = new Promise((resolve, reject) => {
      put.once('response', (answer) => resolve(answer.resume().statusCode)).once('error', reject);
    });
    put.write(blob.bytes.subarray(0, 5));
    while (!registry.requests.some(({ method }) => method === 'PUT')) await new Promise(setImmediate);
    expect((await ask(registry, location, { method: 'DELETE' })).status).toBe(204);
    put.end(blob.bytes.subarray(5));
    expect(await answered).toBe(404);
    expect(registry.state.repositories.get('app')?.blobs.size).toBe(0);
  });

  it('mounts from a repository that has the blob, and opens an upload when it has not', async () => {
    const registry = await start();
    await putBlob(registry, 'base', blob);
    const mount = (from: string) =>
      ask(registry, `${uploads}?mount=${blob.descriptor.digest}&from=${from}`, { method: 'POST' });
    expect((await mount('other')).status).toBe(202);
    expect((await mount('base')).status).toBe(201);
    expect((await ask(registry, `/v2/app/blobs/${blob.descriptor.digest}`)).bytes).toEqual(blob.bytes);
  });

  it('tells locations without a host when asked to', async () => {
    const registry = await start({ relativeLocations: true });
    expect(await startUpload(registry)).toMatch(/^\/v2\/app\/blobs\/uploads\/[0-9a-f-]{36}$/);
  });

  it('keeps big blobs in files, and removes them at the end', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'registry-test-'));
    const registry = await start({ directory, memory: 1024 * 1024 });
    const hash = createHash('sha256');
    for await (const chunk of seededStream('big', 5_000_000)) hash.update(chunk);
    const digest = `sha256:${hash.digest('hex')}`;
    const body = seededBytes('big', 5_000_000);
    const put = await ask(registry, `${await startUpload(registry)}?digest=${digest}`, { method: 'PUT', body });
    expect(put.status).toBe(201);
    const got = await ask(registry, `/v2/app/blobs/${digest}`, { headers: { range: 'bytes=1048576-' } });
    expect(got.bytes.length).toBe(5_000_000 - 1_048_576);
    await registry.close();
    expect(readdirSync(directory)).toEqual([]);
    rmSync(directory, { recursive: true });
  });

  it('refuses more than fits in memory', async () => {
    const registry = await start({ memory: 9 });
    const put = await putBlob(registry, 'app', blob);
    expect([put.status, put.message]).toEqual([500, 'more than 9 bytes of blobs; a directory would take them']);
  });
});

describe('manifests', () => {
  const one = image({ seed: 'one' });

  it('gives back the exact bytes by tag and by digest', async () => {
    const registry = await start();
    await pushBuilt(registry.address, 'app', one, ['v1']);
    const headers = { accept: one.root.descriptor.mediaType };
    const head = await ask(registry, '/v2/app/manifests/v1', { method: 'HEAD', headers });
    expect(head.headers.get('docker-content-digest')).toBe(one.root.descriptor.digest);
    expect(head.headers.get('content-type')).toBe(one.root.descriptor.mediaType);
    const got = await ask(registry, `/v2/app/manifests/${one.root.descriptor.digest}`, { headers });
    expect(got.bytes).toEqual(one.root.bytes);
  });

  it('does not serve an OCI manifest to who does not accept it', async () => {
    const registry = await start();
    registry.state.place('app', one, 'v1');
    const got = await ask(registry, '/v2/app/manifests/v1', { headers: { accept: 'application/json' } });
    expect([got.status, got.code]).toEqual([404, 'MANIFEST_UNKNOWN']);
  });

  it('refuses a manifest whose blobs are not there', async () => {
    const registry = await start();
    await putBlob(registry, 'app', one.blobs[0] as Content);
    const put = await putManifest(registry, 'app', one.root, 'v1');
    expect([put.status, put.code]).toEqual([404, 'MANIFEST_BLOB_UNKNOWN']);
    expect(put.message).toContain(one.blobs[1]?.descriptor.digest);
    expect(put.message).not.toContain(one.blobs[0]?.descriptor.digest);
  });

  it('refuses an index whose children are not there', async () => {
    const registry = await start();
    const both = multiPlatform({ seed: 'both' });
    const put = await putManifest(registry, 'app', both.root, 'v1');
    expect([put.status, put.code]).toEqual([404, 'MANIFEST_BLOB_UNKNOWN']);
  });

  it('takes a manifest whose foreign layers are elsewhere', async () => {
    const registry = await start();
    await pushBuilt(registry.address, 'app', image({ seed: 'win', format: 'docker', foreign: true }), ['v1']);
    expect(registry.state.repositories.get('app')?.tags.has('v1')).toBe(true);
  });

  it('takes artifacts with config types that it does not know, and the empty index', async () => {
    const registry = await start();
    await pushBuilt(registry.address, 'app', unknownArtifact('a'), ['a']);
    await pushBuilt(registry.address, 'app', index([]), ['b']);
    expect([...(registry.state.repositories.get('app')?.tags.keys() ?? [])]).toEqual(['a', 'b']);
  });

  it.each<[string, Content, string]>([
    ['another digest', one.root, `sha256:${'0'.repeat(64)}`],
    ['no JSON', content(one.root.descriptor.mediaType, Buffer.from('{')), 'v1'],
    ['another schema version', jsonContent(one.root.descriptor.mediaType, { schemaVersion: 3 }), 'v1'],
    [
      'no layers',
      jsonContent(one.root.descriptor.mediaType, { schemaVersion: 2, config: one.blobs[0]?.descriptor }),
      'v1',
    ],
    [
      'a content type that is not its own',
      {
        ...one.root,
        descriptor: { ...one.root.descriptor, mediaType: 'application/vnd.docker.distribution.manifest.v2+json' },
      },
      'v1',
    ],
    [
      'an unknown content type',
      { ...one.root, descriptor: { ...one.root.descriptor, mediaType: 'application/json' } },
      'v1',
    ],
    ['a bad tag', one.root, '-v1'],
  ])('refuses a manifest with %s', async (_, manifest, reference) => {
    const registry = await start();
    for (const each of one.blobs) await putBlob(registry, 'app', each);
    const put = await putManifest(registry, 'app', manifest, reference);
    expect(put.status).toBe(400);
    expect(put.code).toMatch(/^(MANIFEST|DIGEST)_INVALID$/);
    expect(registry.state.repositories.get('app')?.manifests.size).toBe(0);
  });

  it('refuses a manifest of more than 4 MiB', async () => {
    const registry = await start();
    const put = await putManifest(
      registry,
      'app',
      jsonContent(one.root.descriptor.mediaType, 'x'.repeat(4_194_304)),
      'v1',
    );
    expect([put.status, put.code]).toEqual([413, 'SIZE_INVALID']);
  });

  it('deletes a tag alone, and a digest with its tags', async () => {
    const registry = await start();
    registry.state.place('app', one, 'a', 'b', 'c');
    const app = registry.state.repositories.get('app');
    expect((await ask(registry, '/v2/app/manifests/a', { method: 'DELETE' })).status).toBe(202);
    expect([app?.tags.size, app?.manifests.size]).toEqual([2, 1]);
    await ask(registry, `/v2/app/manifests/${one.root.descriptor.digest}`, { method: 'DELETE' });
    expect([app?.tags.size, app?.manifests.size]).toEqual([0, 0]);
    expect((await ask(registry, '/v2/app/manifests/b', { method: 'DELETE' })).code).toBe('MANIFEST_UNKNOWN');
  });

  it('tells of every manifest and tag that is pushed', async () => {
    const seen: string[] = [];
    const registry = await start({
      onPush: ({ repository, digest, tag }) => seen.push(`${repository} ${digest} ${tag}`),
    });
    await pushBuilt(registry.address, 'app', one, ['v1']);
    const { digest } = one.root.descriptor;
    expect(seen).toEqual([`app ${digest} `, `app ${digest} v1`]);
  });
});

describe('lists', () => {
  it('pages tags by Link, in order, after a tag that is gone too', async () => {
    const registry = await start();
    registry.state.place('app', image({ seed: 'one' }), 'c', 'a', 'b');
    const first = await ask(registry, '/v2/app/tags/list?n=2');
    expect(json(first)).toEqual({ name: 'app', tags: ['a', 'b'] });
    registry.state.repositories.get('app')?.tags.delete('b');
    const link = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] as string;
    const second = await ask(registry, link);
    expect([json(second).tags, second.headers.get('link')]).toEqual([['c'], null]);
  });

  it('does not know a repository that nothing was pushed to', async () => {
    const registry = await start();
    const got = await ask(registry, '/v2/app/tags/list');
    expect([got.status, got.code]).toEqual([404, 'NAME_UNKNOWN']);
  });

  it('lists referrers with type and annotations, filtered and paged', async () => {
    const registry = await start({ referrersPage: 1 });
    const one = image({ seed: 'one' });
    const signature = signatureReferrer(one.root.descriptor);
    const sbom = sbomReferrer(one.root.descriptor);
    await pushBuilt(registry.address, 'app', one, ['v1']);
    await pushBuilt(registry.address, 'app', signature);
    await pushBuilt(registry.address, 'app', sbom);
    const path = `/v2/app/referrers/${one.root.descriptor.digest}`;
    const first = await ask(registry, path);
    expect(json(first).manifests).toEqual([signature.root.descriptor]);
    const link = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] as string;
    expect(json(await ask(registry, link)).manifests[0]).toMatchObject({
      digest: sbom.root.descriptor.digest,
      annotations: { 'org.opencontainers.image.created': '2024-01-01T00:00:00Z' },
    });
    const filtered = await ask(registry, `${path}?artifactType=${encodeURIComponent('application/spdx+json')}`);
    expect(filtered.headers.get('oci-filters-applied')).toBe('artifactType');
    expect(json(filtered).manifests).toHaveLength(1);
    expect(json(await ask(registry, `/v2/app/referrers/sha256:${'0'.repeat(64)}`)).manifests).toEqual([]);
  });

  it('says OCI-Subject when it lists referrers, and neither when it does not', async () => {
    const one = image({ seed: 'one' });
    const signature = signatureReferrer(one.root.descriptor);
    for (const referrers of [true, false]) {
      const registry = await start({ referrers });
      registry.state.place('app', one, 'v1');
      for (const each of signature.blobs) await putBlob(registry, 'app', each);
      const put = await putManifest(registry, 'app', signature.root);
      expect(put.headers.get('oci-subject')).toBe(referrers ? one.root.descriptor.digest : null);
      const listed = await ask(registry, `/v2/app/referrers/${one.root.descriptor.digest}`);
      expect(listed.status).toBe(referrers ? 200 : 404);
    }
  });
});

describe('what tests may do with it', () => {
  it('records each request without a secret, and counts reads', async () => {
    const registry = await start();
    registry.state.place('app', image({ seed: 'one', layers: ['x'] }), 'v1');
    const digest = [...(registry.state.repositories.get('app')?.blobs.keys() ?? [])][0] as string;
    const headers = { authorization: 'Basic c2VjcmV0OnNlY3JldA==' };
    await ask(registry, `/v2/app/blobs/${digest}`, { headers });
    await ask(registry, `/v2/app/blobs/${digest}`, { headers, method: 'HEAD' });
    expect(reads(registry.requests)).toEqual(new Map([[digest, 1]]));
    expect(registry.requests[0]).toMatchObject({
      method: 'GET',
      kind: 'blob',
      repository: 'app',
      digest,
      status: 200,
      authorization: 'basic',
    });
    expect(JSON.stringify(registry.requests)).not.toContain('c2VjcmV0');
  });

  it('answers otherwise, breaks off, and spoils a byte when told to', async () => {
    const registry = await start();
    await putBlob(registry, 'app', blob);
    const path = `/v2/app/blobs/${blob.descriptor.digest}`;
    registry.intercept(() => ({ status: 503, headers: { 'retry-after': '1' } }));
    expect((await ask(registry, path)).headers.get('retry-after')).toBe('1');
    registry.intercept(() => ({ cutAfter: 4 }));
    await expect(ask(registry, path)).rejects.toThrow();
    registry.intercept(() => ({ drop: true }));
    await expect(ask(registry, path)).rejects.toThrow();
    registry.intercept(() => ({ corruptAt: 0 }));
    const spoilt = await ask(registry, path);
    expect([spoilt.bytes.length, spoilt.bytes.equals(blob.bytes)]).toEqual([10, false]);
    registry.intercept(undefined);
    expect((await ask(registry, path)).bytes).toEqual(blob.bytes);
  });

  it('redirects blobs elsewhere when asked to', async () => {
    const registry = await start({ redirectBlobs: true });
    await putBlob(registry, 'app', blob);
    const got = await ask(registry, `/v2/app/blobs/${blob.descriptor.digest}`);
    expect([got.status, new URL(got.headers.get('location') as string).host]).toEqual([307, registry.bucketHost]);
  });

  it('knows no path, method or name beyond the specification', async () => {
    const registry = await start();
    expect((await ask(registry, '/v2/_catalog')).status).toBe(404);
    expect((await ask(registry, '/v2/app/tags/list', { method: 'POST' })).status).toBe(405);
    expect((await ask(registry, '/v2/UPPER/tags/list')).code).toBe('NAME_INVALID');
    expect((await ask(registry, '/v2/')).status).toBe(200);
  });
});
