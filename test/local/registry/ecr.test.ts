import { createHash } from 'node:crypto';
import { MediaType } from '../../../lib/model/descriptor';
import { type Content, content, image, multiPlatform, pushBuilt } from '../../../local/images';
import { type EcrOptions, type PushEvent, type RunningRegistry, startRegistry } from '../../../local/registry';
import { DEFAULT_SETTINGS, type RepositorySettings } from '../../../local/registry/state';
import { ask, handClock, json, putBlob, putManifest, registries } from './client';

const start = registries();
const ecr = (options: Partial<EcrOptions> = {}) =>
  start({ personality: { kind: 'ecr', repositories: ['app'], ...options } });
const one = image({ seed: 'one' });
const blob = content('application/octet-stream', Buffer.from('0123456789'));

async function push(registry: RunningRegistry, name = 'app', tags = ['v1'], built = one): Promise<void> {
  const authorization = `Basic ${registry.ecr?.authorizationToken().token}`;
  await pushBuilt(registry.address, name, built, tags, { authorization });
}

function configure(registry: RunningRegistry, settings: Partial<RepositorySettings>): void {
  const app = registry.state.repositories.get('app');
  if (app !== undefined) app.settings = { ...DEFAULT_SETTINGS, ...settings };
}

describe('authorization', () => {
  const withToken = (registry: RunningRegistry, authorization: string) =>
    ask(registry, '/v2/', { headers: { authorization } });

  it('answers 401 with a Basic challenge and no error code without a token', async () => {
    const registry = await ecr();
    const got = await withToken(registry, '');
    expect([got.status, got.bytes.toString()]).toEqual([401, 'Not Authorized']);
    expect(got.headers.get('www-authenticate')).toMatch(/^Basic realm=".*",service="ecr.amazonaws.com"$/);
  });

  it('takes a token of another account in the region, and none of another region', async () => {
    const registry = await ecr();
    const other = await start({ personality: { kind: 'ecr', account: '210987654321' } });
    const abroad = await start({ personality: { kind: 'ecr', region: 'eu-central-1' } });
    expect((await withToken(registry, `Basic ${other.ecr?.authorizationToken().token}`)).status).toBe(200);
    const refused = await withToken(registry, `Basic ${abroad.ecr?.authorizationToken().token}`);
    expect([refused.status, refused.message]).toEqual([403, 'no basic auth credentials']);
    expect((await withToken(registry, `Basic ${Buffer.from('AWS:a.b').toString('base64')}`)).status).toBe(403);
  });

  it('refuses a token after 12 hours', async () => {
    const clock = handClock();
    const registry = await start({ personality: { kind: 'ecr' }, clock });
    const authorization = `Basic ${registry.ecr?.authorizationToken().token}`;
    clock.advance(12 * 3_600_000 - 1);
    expect((await withToken(registry, authorization)).status).toBe(200);
    clock.advance(1);
    const late = await withToken(registry, authorization);
    expect([late.status, late.code]).toEqual([403, 'DENIED']);
    expect(late.message).toContain('Your authorization token has expired');
  });
});

describe('repositories', () => {
  it('refuses reads and pushes where there is no repository, with the text of Amazon ECR', async () => {
    const registry = await ecr();
    const text = "The repository with name 'new/app' does not exist in the registry with id '123456789012'";
    for (const [path, method] of [
      ['manifests/v1', 'GET'],
      ['tags/list', 'GET'],
      ['blobs/uploads/', 'POST'],
    ]) {
      const got = await ask(registry, `/v2/new/app/${path}`, { method });
      expect([got.status, got.code, got.message]).toEqual([404, 'NAME_UNKNOWN', text]);
    }
  });

  it('creates one on push by the template with the longest prefix, for pushes only', async () => {
    const registry = await ecr();
    const template = (prefix: string, appliedFor: string, tagMutability: RepositorySettings['tagMutability']) =>
      registry.ecr?.templates.set(prefix, {
        prefix,
        appliedFor: [appliedFor],
        settings: { ...DEFAULT_SETTINGS, tagMutability },
        createdAt: 0,
        updatedAt: 0,
      });
    template('other', 'CREATE_ON_PUSH', 'MUTABLE');
    template('new', 'PULL_THROUGH_CACHE', 'MUTABLE');
    await expect(push(registry, 'new/app')).rejects.toThrow('NAME_UNKNOWN');
    template('ROOT', 'CREATE_ON_PUSH', 'MUTABLE');
    template('new', 'CREATE_ON_PUSH', 'IMMUTABLE');
    await push(registry, 'new/app');
    await push(registry, 'newer/app');
    expect(registry.state.repositories.get('new/app')?.settings.tagMutability).toBe('IMMUTABLE');
    expect(registry.state.repositories.get('newer/app')?.settings.tagMutability).toBe('MUTABLE');
  });
});

describe('tags', () => {
  const text =
    "The image tag 'v1' already exists in the 'app' repository and cannot be overwritten because the tag is immutable.";

  it('refuses to move an immutable tag, and to push the identical image again', async () => {
    const registry = await ecr();
    configure(registry, { tagMutability: 'IMMUTABLE' });
    await push(registry);
    const same = await putManifest(registry, 'app', one.root, 'v1');
    expect([same.status, same.code, same.message]).toEqual([400, 'TAG_INVALID', text]);
    await expect(push(registry, 'app', ['v1'], image({ seed: 'two' }))).rejects.toThrow('TAG_INVALID');
    expect(registry.state.repositories.get('app')?.tags.get('v1')).toBe(one.root.descriptor.digest);
    expect((await putManifest(registry, 'app', one.root)).status).toBe(201);
    expect((await putManifest(registry, 'app', one.root, 'v2')).status).toBe(201);
  });

  it.each<[RepositorySettings['tagMutability'], string, string, number]>([
    ['MUTABLE', 'x', 'v1', 201],
    ['IMMUTABLE_WITH_EXCLUSION', 'latest*', 'latest-1', 201],
    ['IMMUTABLE_WITH_EXCLUSION', 'latest*', 'v1', 400],
    ['IMMUTABLE_WITH_EXCLUSION', '*a*b*', 'xaybz', 201],
    ['IMMUTABLE_WITH_EXCLUSION', '*a*b*', 'xbyaz', 400],
    ['IMMUTABLE_WITH_EXCLUSION', 'aa*aa', 'aaa', 400],
    ['MUTABLE_WITH_EXCLUSION', 'v*', 'v1', 400],
    ['MUTABLE_WITH_EXCLUSION', 'v*', 'latest', 201],
  ])('%s except %s: %s again is %i', async (tagMutability, filter, tag, status) => {
    const registry = await ecr();
    configure(registry, { tagMutability, exclusions: [filter] });
    await push(registry, 'app', [tag]);
    expect((await putManifest(registry, 'app', one.root, tag)).status).toBe(status);
  });

  it('lists them in pages of 100 by opaque links, and refuses n beyond 1000', async () => {
    const registry = await ecr();
    registry.state.place('app', one, ...Array.from({ length: 101 }, (_, at) => `v${at}`));
    const first = await ask(registry, '/v2/app/tags/list');
    expect(json(first).tags).toHaveLength(100);
    const link = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] as string;
    expect(json(await ask(registry, link)).tags).toEqual(['v100']);
    expect(json(await ask(registry, '/v2/app/tags/list?n=1000')).tags).toHaveLength(101);
    expect((await ask(registry, '/v2/app/tags/list?n=1001')).status).toBe(400);
  });
});

describe('blobs', () => {
  it('sends a GET to another origin, which refuses credentials', async () => {
    const registry = await ecr();
    await putBlob(registry, 'app', blob);
    const got = await ask(registry, `/v2/app/blobs/${blob.descriptor.digest}`);
    const location = got.headers.get('location') as string;
    expect([got.status, new URL(location).host]).toEqual([307, registry.bucketHost]);
    expect(new URL(location).host).not.toBe(registry.host);
    const clean = await fetch(location, { headers: { range: 'bytes=8-' } });
    expect([clean.status, await clean.text()]).toEqual([206, '89']);
    const dirty = await fetch(location, { headers: { authorization: 'Basic eDp4' } });
    expect([dirty.status, await dirty.text()]).toEqual([
      400,
      expect.stringContaining('Only one auth mechanism allowed'),
    ]);
    const forged = await fetch(location.replace(/Signature=.*/, 'Signature=0'));
    expect(forged.status).toBe(403);
  });

  it('lets such a link expire', async () => {
    const clock = handClock();
    const registry = await start({ personality: { kind: 'ecr' }, clock });
    registry.state.place('app', one);
    const got = await ask(registry, `/v2/app/blobs/${one.blobs[0]?.descriptor.digest}`);
    clock.advance(3_600_000);
    expect((await fetch(got.headers.get('location') as string)).status).toBe(403);
  });

  it('answers a PATCH with 201, tells absolute locations, and a range that stays at the first part', async () => {
    const registry = await ecr({ minimumPart: 4 });
    const started = await ask(registry, '/v2/app/blobs/uploads/', { method: 'POST' });
    const location = started.headers.get('location') as string;
    expect(location.startsWith(`${registry.address}/v2/app/blobs/uploads/`)).toBe(true);
    const first = await ask(registry, location, { method: 'PATCH', body: '01234' });
    expect([first.status, first.headers.get('range')]).toEqual([201, '0-4']);
    const second = await ask(registry, location, { method: 'PATCH', body: '56789' });
    expect([second.status, second.headers.get('range')]).toEqual([201, '0-4']);
    const again = { 'content-range': '5-9' };
    expect((await ask(registry, location, { method: 'PATCH', body: '56789', headers: again })).status).toBe(416);
    const put = await ask(registry, `${location}?digest=${blob.descriptor.digest}`, { method: 'PUT' });
    expect(put.status).toBe(201);
  });

  it('refuses a part after one that is too small', async () => {
    const registry = await ecr();
    const location = (await ask(registry, '/v2/app/blobs/uploads/', { method: 'POST' })).headers.get('location');
    await ask(registry, location as string, { method: 'PATCH', body: '01234' });
    const second = await ask(registry, location as string, { method: 'PATCH', body: '56789' });
    expect([second.status, second.code]).toEqual([400, 'BLOB_UPLOAD_INVALID']);
  });

  it('takes no whole blob by POST, cancels no upload, deletes nothing', async () => {
    const registry = await ecr();
    const path = `/v2/app/blobs/uploads/?digest=${blob.descriptor.digest}`;
    const posted = await ask(registry, path, { method: 'POST', body: blob.bytes });
    expect(posted.status).toBe(202);
    const location = posted.headers.get('location') as string;
    expect((await ask(registry, location, { method: 'DELETE' })).status).toBe(405);
    await push(registry);
    expect((await ask(registry, '/v2/app/manifests/v1', { method: 'DELETE' })).status).toBe(405);
    const layer = one.blobs[1] as Content;
    const deleted = await ask(registry, `/v2/app/blobs/${layer.descriptor.digest}`, { method: 'DELETE' });
    expect(deleted.status).toBe(405);
  });

  it('refuses sha512', async () => {
    const registry = await ecr();
    const digest = `sha512:${createHash('sha512').update(blob.bytes).digest('hex')}`;
    const put = await putBlob(registry, 'app', {
      ...blob,
      descriptor: { ...blob.descriptor, digest: digest as never },
    });
    expect([put.status, put.code]).toEqual([400, 'DIGEST_INVALID']);
  });

  it('mounts only when the account says so, and from where a manifest names the blob', async () => {
    const registry = await ecr({ repositories: ['app', 'base'] });
    const account = registry.ecr as { blobMounting: boolean };
    const layer = one.blobs[1] as Content;
    const mount = (from: string) =>
      ask(registry, `/v2/app/blobs/uploads/?mount=${layer.descriptor.digest}${from}`, { method: 'POST' });
    await push(registry, 'base');
    expect((await mount('&from=base')).status).toBe(202);
    account.blobMounting = true;
    expect((await mount('')).status).toBe(202);
    expect((await mount('&from=nowhere')).status).toBe(202);
    registry.state.repositories.get('base')?.manifests.clear();
    expect((await mount('&from=base')).status).toBe(202);
    await push(registry, 'base');
    expect((await mount('&from=base')).status).toBe(201);
    expect(registry.state.repositories.get('app')?.blobs.has(layer.descriptor.digest)).toBe(true);
  });
});

describe('manifests', () => {
  it('refuses one whose layers or children are missing, with the text of Amazon ECR', async () => {
    const registry = await ecr();
    const both = multiPlatform({ seed: 'both' });
    const lone = await putManifest(registry, 'app', one.root, 'v1');
    expect([lone.status, lone.code]).toEqual([404, 'MANIFEST_BLOB_UNKNOWN']);
    expect(lone.message).toMatch(/^Layers with digests '\[sha256:.*\]' required for pushing image into repository/);
    const index = await putManifest(registry, 'app', both.root, 'v1');
    expect(index.code).toBe('MANIFEST_BLOB_UNKNOWN');
    expect(index.message).toBe(
      `Images with digests '[${both.manifests[0]?.descriptor.digest}, ${both.manifests[1]?.descriptor.digest}]' required for pushing image into repository with name 'app' in the registry with id '123456789012' do not exist`,
    );
  });

  it('tells the digest on HEAD and not on GET', async () => {
    const registry = await ecr();
    await push(registry);
    const headers = { accept: MediaType.OCI_MANIFEST };
    const head = await ask(registry, '/v2/app/manifests/v1', { method: 'HEAD', headers });
    expect(head.headers.get('docker-content-digest')).toBe(one.root.descriptor.digest);
    const got = await ask(registry, '/v2/app/manifests/v1', { headers });
    expect([got.status, got.headers.get('docker-content-digest')]).toEqual([200, null]);
  });

  it.each<['oci' | 'docker', string, string]>([
    ['oci', MediaType.OCI_MANIFEST, MediaType.DOCKER_MANIFEST],
    ['docker', MediaType.DOCKER_MANIFEST, MediaType.OCI_MANIFEST],
  ])(
    'converts a %s manifest for who pulls by tag and does not accept it, never by digest',
    async (format, stored, wanted) => {
      const registry = await ecr();
      const built = image({ seed: 'one', format });
      await push(registry, 'app', ['v1'], built);
      const headers = { accept: wanted };
      const converted = await ask(registry, '/v2/app/manifests/v1', { headers });
      expect(converted.headers.get('content-type')).toBe(wanted);
      const bytes = converted.bytes.toString();
      expect(JSON.parse(bytes).mediaType).toBe(wanted);
      expect(bytes).not.toContain(format === 'oci' ? 'vnd.oci' : 'vnd.docker');
      const head = await ask(registry, '/v2/app/manifests/v1', { method: 'HEAD', headers });
      expect(head.headers.get('docker-content-digest')).not.toBe(built.root.descriptor.digest);
      const pinned = await ask(registry, `/v2/app/manifests/${built.root.descriptor.digest}`, { headers });
      expect([pinned.headers.get('content-type'), pinned.bytes]).toEqual([stored, built.root.bytes]);
    },
  );

  it('does not show an archived image', async () => {
    const registry = await ecr();
    await push(registry);
    const stored = registry.state.repositories.get('app')?.manifests.get(one.root.descriptor.digest);
    if (stored !== undefined) stored.archived = true;
    expect((await ask(registry, '/v2/app/manifests/v1')).status).toBe(404);
    expect(json(await ask(registry, '/v2/app/tags/list')).tags).toEqual([]);
  });

  it('reports each manifest, by digest without a tag', async () => {
    const events: PushEvent[] = [];
    const registry = await startRegistry({
      personality: { kind: 'ecr', repositories: ['app'] },
      onPush: (event) => events.push(event),
    });
    await push(registry, 'app', ['v1'], multiPlatform({ seed: 'both' }));
    await registry.close();
    expect(events.map((event) => event.tag)).toEqual(['', '', '', 'v1']);
    expect(events[0]).toMatchObject({ mediaType: MediaType.OCI_MANIFEST, artifactType: MediaType.OCI_CONFIG });
  });
});

describe('quotas', () => {
  it('answers 429 when an account puts more images in a second than it may, and goes on a second later', async () => {
    const clock = handClock();
    const registry = await start({ personality: { kind: 'ecr', repositories: ['app'], quotas: 0.2 }, clock });
    registry.state.place('app', one);
    const put = (tag: string) => putManifest(registry, 'app', one.root, tag);
    expect([(await put('a')).status, (await put('b')).status]).toEqual([201, 201]);
    const third = await put('c');
    expect([third.status, third.code, third.message]).toEqual([429, 'TOOMANYREQUESTS', 'Rate exceeded']);
    expect(third.headers.get('retry-after')).toBeNull();
    clock.advance(500);
    expect((await put('c')).status).toBe(201);
  });

  it('takes quotas by operation, and others while it runs', async () => {
    const clock = handClock();
    const registry = await start({
      personality: { kind: 'ecr', repositories: ['app'], quotas: { PutImage: 2 } },
      clock,
    });
    registry.state.place('app', one);
    const put = async (tag: string) => (await putManifest(registry, 'app', one.root, tag)).status;
    const several = async (count: number) => {
      const answers: number[] = [];
      for (let i = 0; i < count; i++) answers.push(await put(`t${i}`));
      return answers.filter((status) => status === 201).length;
    };
    expect(await several(4)).toBe(2);
    registry.ecr?.limit({ PutImage: 4 });
    expect(await several(4)).toBe(0);
    clock.advance(1000);
    expect(await several(6)).toBe(4);
    registry.ecr?.limit(undefined);
    expect(await several(6)).toBe(6);
    registry.ecr?.limit({ PutImage: 1 });
    expect(await several(6)).toBe(1);
  });

  it.each([
    ['InitiateLayerUpload', 'POST', '/v2/app/blobs/uploads/', 100],
    ['BatchCheckLayerAvailability', 'HEAD', `/v2/app/blobs/${one.blobs[0]?.descriptor.digest}`, 1000],
    ['GetDownloadUrlForLayer', 'GET', `/v2/app/blobs/${one.blobs[0]?.descriptor.digest}`, 3000],
    ['BatchGetImage', 'HEAD', '/v2/app/manifests/v1', 2000],
  ])('%s has its own', async (_, method, path, perSecond) => {
    const clock = handClock();
    const quotas = 1 / perSecond;
    const registry = await start({ personality: { kind: 'ecr', repositories: ['app'], quotas }, clock });
    registry.state.place('app', one, 'v1');
    expect((await ask(registry, path, { method })).status).toBeLessThan(400);
    expect((await ask(registry, path, { method })).status).toBe(429);
  });
});

it('restores an archived image at once when it is pushed again', async () => {
  const registry = await ecr();
  await push(registry);
  const stored = registry.state.repositories.get('app')?.manifests.get(one.root.descriptor.digest);
  if (stored === undefined) throw new Error('nothing was pushed');
  stored.archived = true;
  const headers = {
    authorization: `Basic ${registry.ecr?.authorizationToken().token}`,
    accept: one.root.descriptor.mediaType,
  };
  const status = async () => (await ask(registry, '/v2/app/manifests/v1', { headers })).status;
  expect(await status()).toBe(404);
  await push(registry);
  expect(await status()).toBe(200);
});
