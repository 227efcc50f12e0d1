import { secretNamed } from '../../../local/canary';
import { image } from '../../../local/images';
import type { BasicAuth, BearerAuth } from '../../../local/registry';
import { ask, handClock, json, registries } from './client';

const start = registries();
const PASSWORD = secretNamed('pa:ss');
const users = [{ username: 'reader', password: PASSWORD }];
const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

describe('basic authorization', () => {
  it('challenges anybody, and lets users in', async () => {
    const registry = await start({ auth: { kind: 'basic', users } });
    const refused = await ask(registry, '/v2/');
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="registry"']);
    const wrong = await ask(registry, '/v2/', { headers: { authorization: basic('reader', 'wrong') } });
    expect([wrong.status, wrong.code]).toEqual([401, 'UNAUTHORIZED']);
    const right = await ask(registry, '/v2/', { headers: { authorization: basic('reader', PASSWORD) } });
    expect(right.status).toBe(200);
  });

  it('denies what a user may not do', async () => {
    const registry = await start({ auth: { kind: 'basic', users, allow: (user) => (user ? ['pull'] : []) } });
    const headers = { authorization: basic('reader', PASSWORD) };
    const push = await ask(registry, '/v2/app/blobs/uploads/', { method: 'POST', headers });
    expect([push.status, push.code]).toEqual([403, 'DENIED']);
    expect((await ask(registry, '/v2/app/tags/list', { headers })).code).toBe('NAME_UNKNOWN');
  });
});

describe('bearer authorization', () => {
  const auth: BearerAuth = {
    kind: 'bearer',
    users,
    allow: (user, repository) => (user ? ['pull', 'push'] : repository.startsWith('public/') ? ['pull'] : []),
  };
  const token = async (registry: Awaited<ReturnType<typeof start>>, scope: string, headers = {}) =>
    json(await ask(registry, `/token?service=registry.example&scope=${scope}`, { headers }));

  it('names realm, service and scope', async () => {
    const registry = await start({ auth });
    const refused = await ask(registry, '/v2/app/blobs/uploads/?mount=sha256:0&from=base', { method: 'POST' });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toBe(
      `Bearer realm="${registry.address}/token",service="registry.example",scope="repository:app:pull,push repository:base:pull"`,
    );
  });

  it('gives a token for what was asked for and is allowed, no more', async () => {
    const registry = await start({ auth });
    registry.state.place('public/app', image({ seed: 'one' }), 'v1');
    registry.state.place('app', image({ seed: 'one' }), 'v1');
    const anonymous = await token(registry, 'repository:public/app:pull,push&scope=repository:app:pull');
    const headers = { authorization: `Bearer ${anonymous.token}` };
    expect((await ask(registry, '/v2/public/app/tags/list', { headers })).status).toBe(200);
    const push = await ask(registry, '/v2/public/app/blobs/uploads/', { method: 'POST', headers });
    expect(push.status).toBe(401);
    expect(push.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
    expect((await ask(registry, '/v2/app/tags/list', { headers })).status).toBe(401);
  });

  it('refuses a wrong password and another service', async () => {
    const registry = await start({ auth });
    const path = '/token?service=registry.example&scope=repository:app:pull';
    const wrong = await ask(registry, path, { headers: { authorization: basic('reader', 'x') } });
    expect([wrong.status, wrong.code]).toEqual([401, 'UNAUTHORIZED']);
    expect((await ask(registry, '/token?service=other')).status).toBe(400);
  });

  it('lets a token expire when its time is over, told or not', async () => {
    const clock = handClock();
    const registry = await start({ auth: { ...auth, expires: 60, announceExpiry: false }, clock });
    registry.state.place('public/app', image({ seed: 'one' }), 'v1');
    const issued = await token(registry, 'repository:public/app:pull');
    expect(issued.expires_in).toBeUndefined();
    const headers = { authorization: `Bearer ${issued.token}` };
    clock.advance(59_999);
    expect((await ask(registry, '/v2/public/app/tags/list', { headers })).status).toBe(200);
    clock.advance(1);
    const late = await ask(registry, '/v2/public/app/tags/list', { headers });
    expect(late.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  it('exchanges a refresh token by POST', async () => {
    const registry = await start({ auth });
    const headers = { authorization: basic('reader', PASSWORD) };
    const issued = await token(registry, 'repository:app:pull&offline_token=true', headers);
    const post = (refresh: string) =>
      ask(registry, '/token', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: `grant_type=refresh_token&service=registry.example&scope=repository:app:push&refresh_token=${refresh}`,
      });
    expect((await post('other')).status).toBe(401);
    const authorization = `Bearer ${json(await post(issued.refresh_token)).access_token}`;
    const pushed = await ask(registry, '/v2/app/blobs/uploads/', { method: 'POST', headers: { authorization } });
    expect(pushed.status).toBe(202);
  });
});

describe('Docker Hub', () => {
  const accept = image({ seed: 'one' }).root.descriptor.mediaType;

  it('counts a GET of a manifest as a pull and a HEAD not, and tells what is left', async () => {
    const registry = await start({ personality: { kind: 'docker-hub', limit: 2 } });
    registry.state.place('library/app', image({ seed: 'one' }), 'v1');
    const pull = (method: string) => ask(registry, '/v2/library/app/manifests/v1', { method, headers: { accept } });
    expect((await pull('HEAD')).headers.get('ratelimit-remaining')).toBe('2;w=21600');
    const got = await pull('GET');
    expect(got.headers.get('ratelimit-limit')).toBe('2;w=21600');
    expect(got.headers.get('ratelimit-remaining')).toBe('1;w=21600');
    expect(got.headers.get('docker-ratelimit-source')).toBe('127.0.0.1');
    expect((await pull('GET')).status).toBe(200);
    const over = await pull('GET');
    expect([over.status, over.code]).toEqual([429, 'TOOMANYREQUESTS']);
    expect(over.message).toMatch(/^You have reached your pull rate limit\./);
    expect((await pull('HEAD')).status).toBe(200);
  });

  it('begins anew after the window, and counts users apart', async () => {
    const clock = handClock();
    const auth: BasicAuth = { kind: 'basic', users, allow: () => ['pull'] };
    const registry = await start({ personality: { kind: 'docker-hub', limit: 1, window: 60 }, auth, clock });
    registry.state.place('library/app', image({ seed: 'one' }), 'v1');
    const pull = (headers = {}) => ask(registry, '/v2/library/app/manifests/v1', { headers: { accept, ...headers } });
    expect((await pull()).status).toBe(200);
    expect((await pull()).status).toBe(429);
    const mine = await pull({ authorization: basic('reader', PASSWORD) });
    expect([mine.status, mine.headers.get('docker-ratelimit-source')]).toEqual([200, 'reader']);
    clock.advance(60_000);
    expect((await pull()).status).toBe(200);
  });
});
