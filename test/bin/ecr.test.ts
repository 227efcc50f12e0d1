import { type AwsEndpoint, startAwsEndpoint } from '../../local/aws/endpoint';
import { AwsError } from '../../local/aws/error';
import { secretNamed } from '../../local/canary';
import { ecrApi } from '../../local/ecr';
import { image } from '../../local/images';
import type { RunningRegistry } from '../../local/registry';
import { type Bench, digestAt, openBench, QUICK } from './drive';

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const DAY = 24 * 3_600_000;

describe('Amazon ECR from the command line', () => {
  let bench: Bench;
  let aws: AwsEndpoint;
  let source: RunningRegistry;
  let ecr: RunningRegistry;
  const before = { ...process.env };
  let now = Date.now();
  let refused: string | undefined;
  /** Amazon ECR's API by region. */
  let planes: Record<string, ReturnType<typeof ecrApi>>;

  beforeEach(async () => {
    refused = undefined;
    bench = openBench();
    source = await bench.registry();
    const personality = {
      kind: 'ecr',
      account: '123456789012',
      region: 'eu-west-1',
      repositories: ['mirror/app'],
    } as const;
    ecr = await bench.registry({ personality, clock: { now: () => now, sleep: async () => undefined } });
    planes = { 'eu-west-1': ecrApi(ecr) };
    aws = await startAwsEndpoint({
      ecr: ({ operation, input, accessKeyId, region }) => {
        if (operation === refused)
          throw new AwsError('AccessDeniedException', `not authorized to perform: ecr:${operation}`);
        return { output: planes[region]?.(operation, input, accessKeyId) as never };
      },
    });
    const endpoints = { [HOST]: ecr.address, [String(ecr.bucketHost)]: `http://${ecr.bucketHost}` };
    bench.env.REGISTRY_ENDPOINTS = JSON.stringify(endpoints);
    const keys = {
      AWS_ACCESS_KEY_ID: 'AKIALOCALLOCALLOCALL',
      AWS_SECRET_ACCESS_KEY: secretNamed('key'),
      AWS_ENDPOINT_URL: aws.url,
    };
    Object.assign(process.env, keys);
    source.state.place('app', image({ seed: 'ecr from the command line' }), 'v1');
  });

  afterEach(async () => {
    await aws.close();
    await bench.close();
    process.env = { ...before };
  });

  const copy = () =>
    bench.run(['copy', `${source.host}/app:v1`, `${HOST}/mirror/app`, `--plain-http=${source.host}`, ...QUICK]);

  it('uses a token that the SDK has asked for in the region of the host', async () => {
    const { code, err } = await copy();
    expect({ code, err }).toEqual({ code: 0, err: [] });
    expect(digestAt(ecr, 'mirror/app', 'v1')).toBe(digestAt(source, 'app', 'v1'));
    expect(aws.calls.map(({ operation, region }) => `${operation} ${region}`)).toEqual([
      'GetAuthorizationToken eu-west-1',
    ]);
  });

  it('asks the SDK when what docker login has written is too old', async () => {
    const { authorizationData } = ecrApi(ecr)('GetAuthorizationToken', {}) as {
      authorizationData: [{ authorizationToken: string }];
    };
    const auth = authorizationData[0].authorizationToken;
    bench.write('config.json', JSON.stringify({ auths: { [HOST]: { auth } } }));
    now += DAY;
    const { code, err } = await copy();
    expect({ code, err }).toEqual({ code: 0, err: [] });
    expect(aws.calls).toHaveLength(1);
  });

  it('says that a repository is not there, and which', async () => {
    const to = `${HOST}/mirror/absent`;
    const { code, err } = await bench.run([
      'copy',
      `${source.host}/app:v1`,
      to,
      `--plain-http=${source.host}`,
      ...QUICK,
    ]);
    expect(code).toBe(64);
    expect(err).toEqual([
      expect.stringMatching(/^failed {3}.*destination: push blob .*mirror\/absent.*NAME_UNKNOWN.*create on push/),
    ]);
  });

  it('creates what is not there where that is wanted, kept as the construct keeps it, and nothing else', async () => {
    const to = (name: string) => `${HOST}/mirror/${name}`;
    const flags = ['--create-repositories', `--plain-http=${source.host}`, ...QUICK];
    const { code, err } = await bench.run(['copy', `${source.host}/app:v1`, to('absent'), to('app'), ...flags]);
    expect({ code, err }).toEqual({ code: 0, err: [] });
    expect(digestAt(ecr, 'mirror/absent', 'v1')).toBe(digestAt(source, 'app', 'v1'));
    const made = ecr.state.repositories.get('mirror/absent')?.settings;
    expect(made).toMatchObject({ scanOnPush: true, tagMutability: 'MUTABLE' });
    expect(JSON.parse(String(made?.lifecyclePolicy)).rules).toEqual([
      expect.objectContaining({ selection: expect.objectContaining({ tagStatus: 'untagged', countNumber: 14 }) }),
    ]);
    expect(ecr.state.repositories.get('mirror/app')?.settings.lifecyclePolicy).toBeUndefined();
    bench.write(
      'mirrors.yaml',
      JSON.stringify({ mirrors: [{ source: `${source.host}/app:v1`, destination: to('new') }] }),
    );
    expect((await bench.run(['sync', '-f', 'mirrors.yaml', ...flags])).code).toBe(0);
    const asked = aws.calls.map(({ operation }) => operation);
    expect(asked.filter((operation) => operation !== 'GetAuthorizationToken')).toEqual([
      'CreateRepository',
      'PutLifecyclePolicy',
      'CreateRepository',
      'PutLifecyclePolicy',
    ]);
  });

  it('writes to two regions from one read, with a token and a repository of each', async () => {
    const far = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
    const other = await bench.registry({
      personality: { kind: 'ecr', account: '123456789012', region: 'us-east-1', repositories: [] },
    });
    planes['us-east-1'] = ecrApi(other);
    const endpoints = JSON.parse(bench.env.REGISTRY_ENDPOINTS ?? '');
    const more = { [far]: other.address, [String(other.bucketHost)]: `http://${other.bucketHost}` };
    bench.env.REGISTRY_ENDPOINTS = JSON.stringify({ ...endpoints, ...more });
    const to = [`${HOST}/mirror/app`, `${far}/mirror/app`].join(',');
    const flags = ['--create-repositories', `--plain-http=${source.host}`, ...QUICK];
    expect((await bench.run(['copy', `${source.host}/app:v1`, to, ...flags])).code).toBe(0);
    for (const registry of [ecr, other]) {
      expect(digestAt(registry, 'mirror/app', 'v1')).toBe(digestAt(source, 'app', 'v1'));
    }
    const read = source.requests
      .filter(({ method, kind }) => method === 'GET' && kind === 'blob')
      .map(({ path }) => path);
    expect(read.length).toBeGreaterThan(1);
    expect(new Set(read).size).toBe(read.length);
    const asked = aws.calls.map(({ operation, region }) => `${operation} ${region}`);
    expect(asked.sort()).toEqual([
      'CreateRepository us-east-1',
      'GetAuthorizationToken eu-west-1',
      'GetAuthorizationToken us-east-1',
      'PutLifecyclePolicy us-east-1',
    ]);
  });

  it('says what creating asks for where it may not', async () => {
    refused = 'CreateRepository';
    const { code, err } = await bench.run([
      'copy',
      `${source.host}/app:v1`,
      `${HOST}/mirror/absent`,
      '--create-repositories',
      `--plain-http=${source.host}`,
      ...QUICK,
    ]);
    expect(code).toBe(77);
    expect(err).toEqual([expect.stringMatching(/mirror\/absent: create it: .*needs ecr:CreateRepository/)]);
  });

  it('finds an image that was archived, which cannot be pulled, and pushes it again, which restores it', async () => {
    expect((await copy()).code).toBe(0);
    const mirrors = [{ source: `${source.host}/app:v1`, destination: `${HOST}/mirror/app` }];
    bench.write('mirrors.yaml', JSON.stringify({ mirrors }));
    const verify = (...flags: string[]) =>
      bench.run(['verify', '-f', 'mirrors.yaml', `--plain-http=${source.host}`, ...QUICK, ...flags]);
    const stored = [...(ecr.state.repositories.get('mirror/app')?.manifests.values() ?? [])][0];
    if (stored === undefined) throw new Error('nothing was copied');
    stored.archived = true;
    expect(await verify()).toMatchObject({ code: 1, err: [`lacking  ${HOST}/mirror/app:v1: tag v1 is not there`] });
    expect((await verify('--repair')).out).toContain(`repaired ${HOST}/mirror/app:v1: tag v1 is not there`);
    expect(stored.archived).toBe(false);
    expect((await verify()).code).toBe(0);
  });
});
