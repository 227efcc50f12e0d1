import { newSecret } from '../../local/canary';
import { type SecretsApi, startSecretsApi } from '../../local/kubernetes-secrets';
import { type Bench, openBench } from './drive';
import { type Manifest, manifestsOf, runPod } from './rotation-pod';

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const OTHER = '210987654321.dkr.ecr.us-east-1.amazonaws.com';
const TYPE = 'kubernetes.io/dockerconfigjson';
const LATER = '2099-01-01T06:00:00.000Z';
const SOON = '2098-12-31T18:00:00.000Z';

let bench: Bench;
let api: SecretsApi;
beforeEach(async () => {
  bench = openBench();
  api = await startSecretsApi();
});
afterEach(async () => {
  await api.close();
  await bench.close();
});

/** The manifests of a rotation, whose roles are those that the API goes by. */
async function rotation(...flags: readonly string[]): Promise<readonly Manifest[]> {
  const hosts = flags.includes('--hosts') ? [] : ['--hosts', HOST];
  const { out, code } = await bench.run(['pull-config', 'token-rotation', '--quiet', ...hosts, ...flags]);
  expect(code).toBe(0);
  const manifests = manifestsOf(out.join('\n'));
  const roles = manifests.filter(({ kind }) => kind === 'Role');
  api.grants = roles.map(({ metadata, rules }) => ({ namespace: metadata.namespace, rules }));
  return manifests;
}

/** A password, and Amazon ECR's answer with it. */
function token(expiresAt: string | number = LATER, ending = '') {
  const password = newSecret();
  const authorizationToken = Buffer.from(`AWS:${password}${ending}`).toString('base64');
  return { password, answer: JSON.stringify({ authorizationData: [{ authorizationToken, expiresAt }] }) };
}

const auth = (password: string) => Buffer.from(`AWS:${password}`).toString('base64');
const encoded = (text: string) => ({ '.dockerconfigjson': Buffer.from(text).toString('base64') });
const textAt = (place: string) =>
  Buffer.from(api.secrets.get(place)?.data['.dockerconfigjson'] ?? '', 'base64').toString();
const expiryAt = (place: string) => api.secrets.get(place)?.metadata.annotations?.['ecr-mirror/expires'];

describe('a pull secret', () => {
  it('is made where it is missing, and says until when it is good', async () => {
    const { password, answer } = token();
    const { code, said } = await runPod(await rotation('--secrets', 'apps/ecr'), api, { 'eu-west-1': answer });
    expect({ code, said }).toEqual({ code: 0, said: `secret apps/ecr: wrote ${HOST}; good until ${LATER}\n` });
    expect(api.secrets.get('apps/ecr')?.type).toBe(TYPE);
    expect(JSON.parse(textAt('apps/ecr'))).toEqual({ auths: { [HOST]: { auth: auth(password) } } });
    expect(expiryAt('apps/ecr')).toBe(LATER);
  });
  it('keeps each other entry byte for byte, however it is written', async () => {
    const before = `\n{ "auths" : {\t"quay.io":{"auth":"\\u0061Z8=" , "n":1.00e2},\n "${HOST}": {"auth":"old","email":"x"},"__proto__":{}, "a\\"}":[1,{"x":"]"}]},"credHelpers":{} }\n`;
    api.put('apps/ecr', { type: TYPE, data: { ...encoded(before), other: 'b3RoZXI=' } });
    const { password, answer } = token();
    expect((await runPod(await rotation('--secrets', 'apps/ecr'), api, { 'eu-west-1': answer })).code).toBe(0);
    expect(textAt('apps/ecr')).toBe(before.replace('{"auth":"old","email":"x"}', `{"auth":"${auth(password)}"}`));
    expect(api.secrets.get('apps/ecr')?.data.other).toBe('b3RoZXI=');
  });
  it.each([
    '{}',
    '{"auths":{}}',
    ' {"x":[{}]}\n',
    '{"auths":{"a.io":{"auth":"eA=="}}}',
    '{"auths":{"a.io":{}},"auths":{}}',
  ])('gets an entry where it has none: %s', async (before) => {
    api.put('apps/ecr', { type: TYPE, data: encoded(before) });
    const { password, answer } = token();
    expect((await runPod(await rotation('--secrets', 'apps/ecr'), api, { 'eu-west-1': answer })).code).toBe(0);
    const old = JSON.parse(before);
    const auths = { ...old.auths, [HOST]: { auth: auth(password) } };
    expect(JSON.parse(textAt('apps/ecr'))).toEqual({ ...old, auths });
  });
  it.each([
    ['text that is not JSON', 'not json'],
    ['JSON that is not a map', '[]'],
    ['auths that are not a map', '{"auths":[]}'],
    ['auths that are not a map', '{"auths":null}'],
    ['text that is not JSON', ''],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]).toString('latin1')],
  ])('with %s (%j) is left as it is', async (problem, text) => {
    const data = { '.dockerconfigjson': Buffer.from(text, 'latin1').toString('base64') };
    api.put('apps/ecr', { type: TYPE, data });
    const { code, said } = await runPod(await rotation('--secrets', 'apps/ecr'), api, { 'eu-west-1': token().answer });
    expect(code).toBe(1);
    expect(said).toBe(`secret apps/ecr: got ${problem}; a Docker configuration would do\n`);
    expect(api.secrets.get('apps/ecr')?.data).toEqual(data);
    expect(api.asked).toEqual(['get apps/ecr 200']);
  });
  it('of another type is left as it is', async () => {
    api.put('apps/ecr', { type: 'Opaque', data: encoded('{}') });
    const { code, said } = await runPod(await rotation('--secrets', 'apps/ecr'), api, { 'eu-west-1': token().answer });
    expect(code).toBe(1);
    expect(said).toContain(`got a secret of another type; ${TYPE} would do`);
  });
  it('of an OpenShift cluster is written beside those of its projects, with the right to no other', async () => {
    api.put('openshift-config/pull-secret', {
      type: TYPE,
      data: encoded('{"auths":{"cloud.openshift.com":{"auth":"eA=="}}}'),
    });
    const { password, answer } = token();
    const { code } = await runPod(await rotation('--secrets', 'apps/a,apps/b', '--openshift'), api, {
      'eu-west-1': answer,
    });
    expect(code).toBe(0);
    expect(JSON.parse(textAt('openshift-config/pull-secret')).auths).toEqual({
      'cloud.openshift.com': { auth: 'eA==' },
      [HOST]: { auth: auth(password) },
    });
    expect([...api.secrets.keys()].sort()).toEqual(['apps/a', 'apps/b', 'openshift-config/pull-secret']);
  });
});

describe('somebody else who writes the secret at the same moment', () => {
  it('is not written over: it is read again', async () => {
    api.put('apps/ecr', { type: TYPE, data: encoded('{"auths":{}}') });
    let others = 2;
    api.before = (verb) => {
      if (verb === 'patch' && others-- > 0)
        api.put('apps/ecr', { type: TYPE, data: encoded(`{"auths":{"o${others}.io":{}}}`) });
      return undefined;
    };
    const { password, answer } = token();
    expect((await runPod(await rotation('--secrets', 'apps/ecr'), api, { 'eu-west-1': answer })).code).toBe(0);
    expect(api.asked.filter((line) => line.startsWith('patch'))).toEqual([
      'patch apps/ecr 409',
      'patch apps/ecr 409',
      'patch apps/ecr 200',
    ]);
    expect(JSON.parse(textAt('apps/ecr')).auths).toEqual({ 'o0.io': {}, [HOST]: { auth: auth(password) } });
  });
  it('may make it first', async () => {
    api.before = (verb) => {
      if (verb === 'create') api.put('apps/ecr', { type: TYPE, data: encoded('{"auths":{"o.io":{}}}') });
      return undefined;
    };
    const { code } = await runPod(await rotation('--secrets', 'apps/ecr'), api, { 'eu-west-1': token().answer });
    expect(code).toBe(0);
    expect(Object.keys(JSON.parse(textAt('apps/ecr')).auths)).toEqual(['o.io', HOST]);
  });
  it('is given up after five times', async () => {
    api.put('apps/ecr', { type: TYPE, data: encoded('{}') });
    api.before = (verb) => (verb === 'patch' ? 409 : undefined);
    const { code, said } = await runPod(await rotation('--secrets', 'apps/ecr'), api, { 'eu-west-1': token().answer });
    expect(code).toBe(1);
    expect(said).toBe('secret apps/ecr: patch: got 409 5 times; an API that answers would do\n');
  });
});

describe('the Kubernetes API', () => {
  it('that does not answer for a moment is asked again', async () => {
    let busy = 3;
    api.before = () => (busy-- > 0 ? [429, 500, 503][busy] : undefined);
    const { code } = await runPod(await rotation('--secrets', 'apps/ecr'), api, { 'eu-west-1': token().answer });
    expect(code).toBe(0);
  });
  it('that refuses a secret keeps the others from nothing', async () => {
    const manifests = await rotation('--secrets', 'apps/ecr,shut/ecr,tools/ecr');
    api.grants = api.grants.filter(({ namespace }) => namespace !== 'shut');
    const { code, said } = await runPod(manifests, api, { 'eu-west-1': token().answer });
    expect(code).toBe(1);
    expect(said).toContain('secret shut/ecr: get: got 403; a role that may get this secret would do\n');
    expect([...api.secrets.keys()]).toEqual(['apps/ecr', 'tools/ecr']);
  });
  it('is asked to make nothing where that is not wanted, and would refuse', async () => {
    const manifests = await rotation('--secrets', 'apps/ecr', '--no-create');
    const { code, said } = await runPod(manifests, api, { 'eu-west-1': token().answer });
    expect([code, said]).toEqual([1, 'secret apps/ecr: get: got 404; a secret that is there would do\n']);
    expect(api.grants.flatMap(({ rules }) => rules.flatMap(({ verbs }) => verbs))).toEqual(['get', 'patch']);
  });
  it('that is not that of the cluster is told nothing', async () => {
    const manifests = await rotation('--secrets', 'apps/ecr');
    const other = await startSecretsApi();
    try {
      const elsewhere = { ...api, port: other.port };
      const { code } = await runPod(manifests, elsewhere, { 'eu-west-1': token().answer });
      expect(code).toBe(1);
      expect(other.asked).toEqual([]);
    } finally {
      await other.close();
    }
  });
});

describe('a token', () => {
  it('has no line ending in it, whatever Amazon ECR’s has', async () => {
    const { password, answer } = token(LATER, '\n');
    await runPod(await rotation('--secrets', 'apps/ecr'), api, { 'eu-west-1': answer });
    expect(JSON.parse(textAt('apps/ecr')).auths[HOST].auth).toBe(auth(password));
  });
  it('that one region does not give keeps those of the others from nothing, and the job fails', async () => {
    api.put('apps/ecr', {
      type: TYPE,
      data: encoded(`{"auths":{"${OTHER}":{"auth":"old"}}}`),
      metadata: { annotations: { 'ecr-mirror/expires': SOON } },
    });
    const { password, answer } = token();
    const manifests = await rotation('--hosts', `${HOST},${OTHER}`, '--secrets', 'apps/ecr');
    const { code, said, calls } = await runPod(manifests, api, { 'eu-west-1': answer });
    expect(code).toBe(1);
    expect(calls).toHaveLength(2);
    expect(said).toContain('us-east-1: aws ecr get-authorization-token: got exit code 254');
    expect(said).toContain(`${OTHER}: got no token; the log of the container get-tokens says why`);
    expect(JSON.parse(textAt('apps/ecr')).auths).toEqual({
      [HOST]: { auth: auth(password) },
      [OTHER]: { auth: 'old' },
    });
    // The old one ends first.
    expect(expiryAt('apps/ecr')).toBe(SOON);
  });
  it('that no region gives leaves the secrets alone', async () => {
    const { code } = await runPod(await rotation('--secrets', 'apps/ecr'), api, {});
    expect([code, api.asked]).toEqual([1, []]);
  });
  it.each([
    ['got a token that expired at 2020-01-01T00:00:00.000Z', token('2020-01-01T00:00:00Z').answer],
    ['got a token that expired at 2020-01-01T00:00:00.000Z', token(1_577_836_800).answer],
    ['got a token without expiresAt', token('soon').answer],
    ['got no token that can be read', '{"authorizationData":[{"authorizationToken":"AAAA"}]}'],
    ['got no token that can be read', '{"authorizationData":[]}'],
    ['got no token;', 'Unable to locate credentials'],
  ])('is not written when it is none: %s', async (problem, answer) => {
    const { code, said } = await runPod(await rotation('--secrets', 'apps/ecr'), api, { 'eu-west-1': answer });
    expect([code, api.asked]).toEqual([1, []]);
    expect(said).toContain(problem);
  });
  it('is asked for once a region, and by FIPS where the registry’s host is one', async () => {
    const hosts = [
      HOST,
      `210987654321.${HOST.split('.').slice(1).join('.')}`,
      '123456789012.dkr.ecr-fips.us-east-1.amazonaws.com',
    ];
    const manifests = await rotation('--hosts', hosts.join(','), '--secrets', 'apps/ecr');
    const fips = token(SOON);
    const { code, calls } = await runPod(manifests, api, {
      'eu-west-1': token().answer,
      'us-east-1-fips': fips.answer,
    });
    expect(code).toBe(0);
    expect([...calls].sort()).toEqual([
      'ecr get-authorization-token --region eu-west-1 --output json fips=false home=/tmp',
      'ecr get-authorization-token --region us-east-1 --output json fips=true home=/tmp',
    ]);
    expect(Object.keys(JSON.parse(textAt('apps/ecr')).auths).sort()).toEqual([...hosts].sort());
    // Until the first of them ends.
    expect(expiryAt('apps/ecr')).toBe(SOON);
  });
});
