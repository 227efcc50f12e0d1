import { registryCredentials } from '../../aws/registry-credentials';
import { localCredentials } from '../../bin/credentials';
import type { Access, Credential, Credentials } from '../../engine/ports';
import { parseRepository, type Repository } from '../../lib/model/reference';
import { type Stack, standingClock, startStack } from '../aws/stack';
import {
  Bench,
  blobOf,
  collect,
  failureOf,
  MANIFEST,
  MANIFEST_TYPE,
  manifest,
  type Reply,
  type Scripted,
  streamOf,
} from '../engine/registry/scripted';

const ACCOUNT = '123456789012';
const REAL = `${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com`;

describe('a host that looks like Amazon ECR', () => {
  let stack: Stack;
  const asked: string[] = [];
  beforeAll(async () => {
    stack = await startStack({
      ecr: ({ region }) => {
        asked.push(`ecr ${region}`);
        return { output: { authorizationData: [{ authorizationToken: btoa('AWS:token') }] } };
      },
      'ecr-public': () => {
        asked.push('ecr-public');
        return { output: { authorizationData: { authorizationToken: btoa('AWS:token') } } };
      },
    });
  });
  afterAll(() => stack.close());
  beforeEach(() => {
    asked.length = 0;
  });

  /** What each of the two ways to credentials gives for a repository; undefined where its name is refused already. */
  async function given(text: string): Promise<(Credential | undefined)[]> {
    let repository: Repository;
    try {
      repository = parseRepository(text);
    } catch {
      return [];
    }
    const deployed = registryCredentials({ credentials: [] }, stack.clients, standingClock());
    const local = localCredentials({ env: { DOCKER_CONFIG: '/nowhere' }, ecr: async () => deployed });
    return Promise.all([deployed, local].map((credentials) => credentials.get(repository, 'push')));
  }

  it.each([
    `${REAL}.evil.io/app`,
    `${REAL}.evil.io:443/app`,
    `${REAL}@evil.io/app`,
    `${REAL}:8443/app`,
    `${REAL}:80/app`,
    `${REAL}./app`,
    `${REAL}%2eevil.io/app`,
    `${REAL}#.evil.io/app`,
    `${REAL}?.evil.io/app`,
    `${REAL}\\.evil.io/app`,
    `evil.io/${REAL}/app`,
    `evil.io:443/${REAL}/app`,
    `evil-${REAL}/app`,
    `evil.io.${REAL}/app`,
    `xn--${REAL}/app`,
    `0${REAL}/app`,
    `${REAL.slice(1)}/app`,
    `${REAL.replaceAll('.', '。')}/app`,
    `${REAL.replaceAll('.', '．')}/app`,
    `${REAL.replace('amazonaws', 'amazonaws\u200b')}/app`,
    `${REAL.replace('amazonaws', 'аmazonaws')}/app`,
    `${REAL.replace('123456789012', '１23456789012')}/app`,
    `${REAL.replace('.com', '.com.cn')}/app`,
    `${REAL.replace('.com', '.co')}/app`,
    `${REAL.replace('us-east-1', 'us-east-1.evil.io')}/app`,
    `${REAL.replace('dkr.ecr', 'dkr-ecr')}/app`,
    `${REAL.replace('dkr.ecr', 'dkr.ecr.evil')}/app`,
    'public.ecr.aws.evil.io/app',
    'evil.public.ecr.aws/app',
    'public-ecr.aws/app',
    'public.ecr.aws:8443/app',
  ])('%s gets no token, and none is asked for', async (text) => {
    expect((await given(text)).filter((credential) => credential !== undefined)).toEqual([]);
    expect(asked).toEqual([]);
  });

  it.each([`${REAL}/app`, `${REAL.toUpperCase()}/app`, `${REAL}:443/app`])('%s is no such host', async (text) => {
    const token = { kind: 'basic', username: 'AWS', password: 'token' };
    expect(await given(text)).toEqual([token, token]);
    expect(asked).toEqual(['ecr us-east-1']);
  });
});

const bench = new Bench();
afterEach(() => bench.close());

const PASSWORDS = { 'evil.test': 'for-evil', 'good.test': 'for-good' } as const;
const found: Reply = { status: 200, headers: { 'content-type': MANIFEST_TYPE }, body: MANIFEST };
const blob = blobOf(Buffer.from('blob'));

/** A user of two registries: one that he trusts, and one that wants what he has for the other. */
async function twoRegistries(evil: (good: Scripted) => (path: string) => Reply | undefined) {
  const asked: [string, Access][] = [];
  const credentials: Credentials = {
    get: async ({ registry }, access) => {
      asked.push([registry, access]);
      return { kind: 'basic', username: 'me', password: PASSWORDS[registry as keyof typeof PASSWORDS] };
    },
  };
  const good: Scripted = await bench.serve(({ path, headers }): Reply => {
    if (path.startsWith('/token')) {
      return {
        status: 200,
        body: JSON.stringify({ token: headers.authorization === undefined ? 'anybodys' : 'mine' }),
      };
    }
    if (headers.authorization === 'Bearer mine') return found;
    return { status: 401, headers: { 'www-authenticate': `Bearer realm="${good.url}/token",service="good"` } };
  });
  const script = evil(good);
  const thief = await bench.serve(({ path }) => script(path) ?? { status: 403 });
  const registries = bench.registries(good, {
    credentials,
    endpoints: { 'good.test': good.url, 'evil.test': thief.url },
    retry: { attempts: 1 },
  });
  const store = (registry: keyof typeof PASSWORDS) => registries.store({ registry, name: 'app' });
  // Its token is known by then, and good for what it is sent on to.
  await store('good.test').fetchManifest(manifest);
  good.seen.length = 0;
  asked.length = 0;
  return { good, thief, asked, store: store('evil.test') };
}

const sentTo = ({ seen }: Scripted) => seen.map(({ headers }) => headers.authorization);
const basic = (password: string) => `Basic ${Buffer.from(`me:${password}`).toString('base64')}`;

describe('a registry that wants what another gets', () => {
  it.each([
    ['a manifest', 'manifests'],
    ['a blob', 'blobs'],
  ])('and sends there for %s: nothing that is known for the other goes along', async (_what, kind) => {
    const { good, store } = await twoRegistries(
      (other) => (path) =>
        path.includes(kind) ? { status: 307, headers: { location: `${other.url}/v2/app/${kind}/secret` } } : undefined,
    );
    const reading = kind === 'blobs' ? store.fetchBlob(blob).then(collect) : store.fetchManifest(manifest);
    await failureOf(reading);
    expect(good.seen.length).toBeGreaterThan(0);
    expect(new Set(sentTo(good))).toEqual(new Set([undefined, 'Bearer anybodys']));
  });

  it('and has an upload go there: nothing goes along', async () => {
    const { good, store } = await twoRegistries(
      (other) => (path) =>
        path.includes('uploads')
          ? { status: 202, headers: { location: `${other.url}/v2/app/blobs/uploads/1` } }
          : undefined,
    );
    await failureOf(store.pushBlob(blob, streamOf(Buffer.from('blob'))));
    expect(good.seen.map(({ method }) => method)).toContain('PUT');
    expect(sentTo(good).filter((one) => one === 'Bearer mine' || one === basic('for-good'))).toEqual([]);
  });

  it('and names its token server: that sees the own password alone, and the token is not that of the other', async () => {
    const { good, thief, store } = await twoRegistries((other) => () => ({
      status: 401,
      headers: { 'www-authenticate': `Bearer realm="${other.url}/token",service="good",scope="repository:app:pull"` },
    }));
    await failureOf(store.fetchManifest(manifest));
    expect(new Set(sentTo(good))).toEqual(new Set([basic('for-evil')]));
    expect(sentTo(thief).filter((one) => one?.includes('for-good'))).toEqual([]);
  });

  it('and asks for a password: it gets its own', async () => {
    const { thief, store } = await twoRegistries(() => () => ({
      status: 401,
      headers: { 'www-authenticate': 'Basic realm="good"' },
    }));
    await failureOf(store.fetchManifest(manifest));
    expect(new Set(sentTo(thief))).toEqual(new Set([undefined, basic('for-evil')]));
  });

  it.each(['repository:app:pull,push,delete', 'repository:prod/secret:pull,push', 'registry:catalog:*'])(
    'and asks a reader for more (%s): what is for pushing is not even looked up',
    async (scope) => {
      const { asked, store } = await twoRegistries((other) => () => ({
        status: 401,
        headers: { 'www-authenticate': `Bearer realm="${other.url}/token",service="good",scope="${scope}"` },
      }));
      await failureOf(store.fetchManifest(manifest));
      expect(asked.length).toBeGreaterThan(0);
      expect(asked.filter(([registry, access]) => registry !== 'evil.test' || access !== 'pull')).toEqual([]);
    },
  );
});

it('a credential for a part of a registry is not sent for the rest of it', async () => {
  const secret = { kind: 'basic', username: 'me', password: 'for-ours' } as const;
  const registry = await bench.serve(({ headers }) =>
    headers.authorization === undefined ? { status: 401, headers: { 'www-authenticate': 'Basic' } } : found,
  );
  const registries = bench.registries(registry, {
    credentials: { get: async ({ name }) => (name.startsWith('ours/') ? secret : undefined) },
  });
  await registries.store({ registry: 'registry.test', name: 'ours/app' }).fetchManifest(manifest);
  await failureOf(registries.store({ registry: 'registry.test', name: 'oursandtheirs/app' }).fetchManifest(manifest));
  const seen = registry.seen.map(({ path, headers }) => [path.split('/')[2], headers.authorization !== undefined]);
  expect(seen).toEqual([
    ['ours', false],
    ['ours', true],
    ['oursandtheirs', false],
  ]);
});
