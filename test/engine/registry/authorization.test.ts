import type { RegistryError } from '../../../engine/errors';
import type { Credential, Credentials } from '../../../engine/ports';
import { reveals, secretNamed } from '../../../local/canary';
import {
  ALICE,
  Bench,
  basicHeader,
  errorBody,
  failureOf,
  fakeClock,
  MANIFEST,
  MANIFEST_TYPE,
  manifest,
  only,
  type Reply,
  type Script,
  type Scripted,
  streamOf,
} from './scripted';

/** What a token server gives, what it is given for one, and what is a token already. */
const TOKEN = secretNamed('token');
const REFRESH = secretNamed('r/t');
const MINE = secretNamed('mine');

const bench = new Bench();
afterEach(() => bench.close());

const found: Reply = {
  status: 200,
  headers: { 'content-type': MANIFEST_TYPE, 'docker-content-digest': manifest.digest },
  body: MANIFEST,
};

interface TokenServerOptions {
  readonly token?: (path: string, n: number) => Reply;
  readonly scope?: string;
  readonly accept?: (authorization: string | undefined) => boolean;
}

/** A registry with a token server on the same address. */
async function withTokens(options: TokenServerOptions = {}, inner: Script = () => found): Promise<Scripted> {
  let tokens = 0;
  const accept = options.accept ?? ((authorization) => authorization?.startsWith(`Bearer ${TOKEN}`) === true);
  const server: Scripted = await bench.serve((request, index) => {
    if (request.path.startsWith('/token')) {
      tokens++;
      return (
        options.token?.(request.path, tokens) ?? { status: 200, body: JSON.stringify({ token: `${TOKEN}${tokens}` }) }
      );
    }
    if (accept(request.headers.authorization)) return inner(request, index);
    const scope = options.scope === undefined ? '' : `,scope="${options.scope}"`;
    return {
      status: 401,
      headers: { 'www-authenticate': `Bearer realm="${server.url}/token",service="the service"${scope}` },
      body: errorBody('UNAUTHORIZED', 'authentication required'),
    };
  });
  return server;
}

const authorizations = (server: Scripted) => server.seen.map(({ headers }) => headers.authorization);
const tokenPaths = (server: Scripted) => server.lines().filter((line) => line.includes('/token'));

describe('anonymous access', () => {
  it('sends no authorization where none is asked for', async () => {
    const server = await bench.serve(() => found);
    await bench.store(server, { credentials: only(ALICE) }).resolve('1');
    expect(authorizations(server)).toEqual([undefined]);
  });

  it('gets a token for whoever asks', async () => {
    const server = await withTokens({ scope: 'repository:app:pull' });
    await bench.store(server).resolve('1');
    expect(server.lines()).toEqual([
      'HEAD /v2/app/manifests/1',
      'GET /token?service=the+service&scope=repository%3Aapp%3Apull',
      'HEAD /v2/app/manifests/1',
    ]);
    expect(authorizations(server)).toEqual([undefined, undefined, `Bearer ${TOKEN}1`]);
  });
});

describe('tokens', () => {
  it('are kept and sent without being asked for again', async () => {
    const server = await withTokens();
    const store = bench.store(server, { credentials: only(ALICE) });
    await store.resolve('1');
    await store.resolve('2');
    await store.fetchManifest(manifest);
    expect(authorizations(server)).toEqual([
      undefined,
      basicHeader,
      `Bearer ${TOKEN}1`,
      `Bearer ${TOKEN}1`,
      `Bearer ${TOKEN}1`,
    ]);
  });

  it('are one for each repository and access', async () => {
    const server = await withTokens({}, ({ method }) => (method === 'PUT' ? { status: 201 } : found));
    const registries = bench.registries(server);
    await registries.store({ registry: 'registry.test', name: 'app' }).resolve('1');
    await registries.store({ registry: 'registry.test', name: 'other' }).resolve('1');
    await registries.store({ registry: 'registry.test', name: 'app' }).pushManifest(manifest, MANIFEST);
    expect(tokenPaths(server).map((line) => new URL(line.slice(4), server.url).searchParams.getAll('scope'))).toEqual([
      ['repository:app:pull'],
      ['repository:other:pull'],
      ['repository:app:pull,push'],
    ]);
  });

  it('are asked for once by many requests at the same time', async () => {
    const server = await withTokens();
    const store = bench.store(server);
    await Promise.all(Array.from({ length: 8 }, (_, i) => store.resolve(`${i}`)));
    expect(tokenPaths(server)).toHaveLength(1);
  });

  it.each<[string, Record<string, unknown>, number, boolean]>([
    ['300 s, after 269 s', { token: TOKEN, expires_in: 300 }, 269_000, true],
    ['300 s, after 271 s', { token: TOKEN, expires_in: 300 }, 271_000, false],
    ['no life told, after 44 s', { token: TOKEN }, 44_000, true],
    ['no life told, after 46 s', { token: TOKEN }, 46_000, false],
    ['4 s, after 2 s', { access_token: TOKEN, expires_in: 4 }, 2_000, true],
    ['4 s, after 3.5 s', { access_token: TOKEN, expires_in: 4 }, 3_500, false],
  ])('with %s', async (_, token, milliseconds, kept) => {
    const clock = fakeClock();
    const server = await withTokens({ token: () => ({ status: 200, body: JSON.stringify(token) }) });
    const store = bench.store(server, { clock });
    await store.resolve('1');
    clock.advance(milliseconds);
    await store.resolve('2');
    expect(tokenPaths(server)).toHaveLength(kept ? 1 : 2);
  });

  it('are had anew when one is refused before its time', async () => {
    let good = `Bearer ${TOKEN}1`;
    const server = await withTokens({ accept: (authorization) => authorization === good });
    const store = bench.store(server);
    await store.resolve('1');
    good = `Bearer ${TOKEN}2`;
    await store.resolve('2');
    expect(authorizations(server).slice(3)).toEqual([`Bearer ${TOKEN}1`, undefined, `Bearer ${TOKEN}2`]);
  });

  it('are asked for as the registry says where its scopes are its own', async () => {
    const server = await withTokens({ scope: 'aws' });
    const registries = bench.registries(server);
    await registries.store({ registry: 'registry.test', name: 'a' }).resolve('1');
    await registries.store({ registry: 'registry.test', name: 'b' }).resolve('1');
    expect(tokenPaths(server)).toEqual(['GET /token?service=the+service&scope=aws']);
  });

  it('name the other repository when a blob is mounted', async () => {
    const server = await withTokens({}, () => ({ status: 201 }));
    const store = bench.store(server);
    expect(await store.mount(manifest, { registry: 'registry.test', name: 'base' })).toBe(true);
    expect(new URL(tokenPaths(server)[0]?.slice(4) ?? '', server.url).searchParams.getAll('scope')).toEqual([
      'repository:app:pull,push',
      'repository:base:pull',
    ]);
  });

  it.each([
    ['no token', '{}'],
    ['no JSON', '<html>'],
    ['a token with a line break', JSON.stringify({ token: 'a\r\nx: y' })],
    ['far too much', JSON.stringify({ token: 'a'.repeat(70_000) })],
  ])('with %s are an error of one line', async (_, body) => {
    const server = await withTokens({ token: () => ({ status: 200, body }) });
    const error = await failureOf(bench.store(server).resolve('1'));
    expect(error.message).toMatch(/^token for registry\.test\/app from 127\.0\.0\.1:\d+: [^\n]*$/);
  });
});

describe('credentials', () => {
  const BOB: Credential = { kind: 'basic', username: 'bob', password: secretNamed('newer') };

  /** Gives Alice, and Bob once Alice was refused. */
  function renewing(): Credentials & { readonly asked: (Credential | undefined)[] } {
    const asked: (Credential | undefined)[] = [];
    return {
      asked,
      get: async (_repository, _access, stale) => {
        asked.push(stale);
        return stale === undefined ? ALICE : BOB;
      },
    };
  }

  it('are sent as Basic where that is asked for, on every request', async () => {
    const server = await bench.serve(({ headers }) =>
      headers.authorization === basicHeader
        ? found
        : { status: 401, headers: { 'www-authenticate': 'Basic realm="https://x/",service="ecr.amazonaws.com"' } },
    );
    const store = bench.store(server, { credentials: only(ALICE) });
    await store.resolve('1');
    await store.resolve('2');
    expect(authorizations(server)).toEqual([undefined, basicHeader, basicHeader]);
  });

  it('are renewed once when they were refused', async () => {
    const server = await bench.serve(({ headers }) =>
      headers.authorization?.startsWith('Basic Ym9i') === true
        ? found
        : { status: 401, headers: { 'www-authenticate': 'Basic' } },
    );
    const credentials = renewing();
    await bench.store(server, { credentials }).resolve('1');
    expect(credentials.asked).toEqual([undefined, ALICE]);
    expect(server.seen).toHaveLength(3);
  });

  it('are renewed once when the token server refused them', async () => {
    const server = await withTokens({
      token: (_, n) => (n === 1 ? { status: 401 } : { status: 200, body: JSON.stringify({ token: TOKEN }) }),
    });
    const credentials = renewing();
    await bench.store(server, { credentials }).resolve('1');
    expect(credentials.asked).toEqual([undefined, ALICE]);
  });

  it('that stay refused are an error that says what to check and holds no secret', async () => {
    const server = await bench.serve(() => ({
      status: 401,
      headers: { 'www-authenticate': 'Basic' },
      body: errorBody('UNAUTHORIZED', 'authentication required'),
    }));
    const error = (await failureOf(
      bench.store(server, { credentials: only(ALICE) }).fetchManifest(manifest),
    )) as RegistryError;
    expect(error.message).toBe(
      `manifest registry.test/app@${manifest.digest}: 401 UNAUTHORIZED authentication required; check the credential for registry.test, what it may do, and the name`,
    );
    expect(error.failure).toBe('denied');
    expect(server.seen.length).toBeLessThanOrEqual(3);
  });

  it('that may do less than wanted end in an error after one more token', async () => {
    const server = await withTokens({ accept: () => false });
    const error = (await failureOf(
      bench.store(server, { credentials: only(ALICE) }).fetchManifest(manifest),
    )) as RegistryError;
    expect(error.failure).toBe('denied');
    expect(tokenPaths(server).length).toBeLessThanOrEqual(2);
  });

  it('that are tokens already are sent to the registry and never to the realm', async () => {
    const server = await withTokens({ accept: (authorization) => authorization === `Bearer ${MINE}` });
    await bench.store(server, { credentials: only({ kind: 'bearer', token: MINE }) }).resolve('1');
    expect(authorizations(server)).toEqual([undefined, `Bearer ${MINE}`]);
  });

  it('that are identity tokens are exchanged by OAuth2', async () => {
    const server = await withTokens({ token: () => ({ status: 200, body: JSON.stringify({ access_token: TOKEN }) }) });
    await bench.store(server, { credentials: only({ kind: 'identity', token: REFRESH }) }).resolve('1');
    const request = server.seen[1];
    expect(request?.method).toBe('POST');
    expect(request?.path).toBe('/token');
    expect(Object.fromEntries(new URLSearchParams(request?.body.toString()))).toEqual({
      grant_type: 'refresh_token',
      client_id: 'ecr-mirror',
      service: 'the service',
      scope: 'repository:app:pull',
      refresh_token: REFRESH,
    });
  });

  it('that are identity tokens are sent as a password where there is no OAuth2', async () => {
    const server = await withTokens({
      token: (_, n) => (n === 1 ? { status: 404 } : { status: 200, body: JSON.stringify({ token: TOKEN }) }),
    });
    await bench.store(server, { credentials: only({ kind: 'identity', token: REFRESH }) }).resolve('1');
    expect(server.seen[2]?.method).toBe('GET');
    expect(server.seen[2]?.headers.authorization).toBe(`Basic ${Buffer.from(`<token>:${REFRESH}`).toString('base64')}`);
  });

  it('are asked for pushing when something is pushed', async () => {
    const accesses: string[] = [];
    const credentials: Credentials = {
      get: async (_, access) => {
        accesses.push(access);
        return ALICE;
      },
    };
    const server = await withTokens({}, ({ method }) =>
      method === 'POST' ? { status: 202, headers: { location: '/up' } } : { status: 201 },
    );
    const bytes = Buffer.from('x');
    await bench
      .store(server, { credentials })
      .pushBlob({ mediaType: 'x', digest: (await import('./scripted')).sha256(bytes), size: 1 }, streamOf(bytes));
    expect(accesses).toEqual(['push']);
  });
});

describe('realms', () => {
  const challenge = (realm: string): Reply => ({
    status: 401,
    headers: { 'www-authenticate': `Bearer realm="${realm}"` },
  });

  it.each([
    ['http://tokens.example/token', /https would do/],
    ['https://user:pass@tokens.example/', /no user/],
    ['not a url', /no URL/],
    ['https://169.254.169.254/token', /never connected/],
    ['https://127.0.0.1:1/token', /private address/],
    ['https://[::ffff:10.0.0.1]/token', /private address/],
  ])('%s gets no credential', async (realm, message) => {
    const server = await bench.serve(() => challenge(realm));
    const error = (await failureOf(bench.store(server, { credentials: only(ALICE) }).resolve('1'))) as RegistryError;
    expect(error.message).toMatch(message);
    expect(error.failure).toBe('denied');
    expect(reveals(error.message)).toBe(false);
  });

  it('that pass a request on to another host do not take the credential there', async () => {
    const thief = await bench.serve(() => ({ status: 200, body: '{"token":"t"}' }));
    const server = await withTokens({ token: () => ({ status: 307, headers: { location: `${thief.url}/token` } }) });
    const store = bench.store(server, { credentials: only(ALICE), plainHttp: [thief.host] });
    expect((await failureOf(store.resolve('1'))).message).toMatch(/must not see the credential/);
    expect(thief.seen).toHaveLength(0);
  });
});
