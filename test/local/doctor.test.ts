import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { stringify } from 'yaml';
import type { Finding } from '../../bin/doctor/finding';
import { EcrMirror, RegistryCredentials } from '../../lib/index';
import type { Service } from '../../local/aws/endpoint';
import { AwsError } from '../../local/aws/error';
import { iamService, templatePolicies } from '../../local/aws/iam';
import type { Answer, AwsCall } from '../../local/aws/protocol';
import { secretNamed } from '../../local/canary';
import { image, pushBuilt } from '../../local/images';
import { type RunningRegistry, startRegistry } from '../../local/registry';
import { type LocalStack, startStack } from '../../local/stack';
import { openBench, type Ran } from '../bin/drive';

/** `doctor --stack`, on a synthesized template: each cause is broken, found and mended. */

const OWN = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
/** Of another account, which gives access by a role. */
const OTHER = '444455556666.dkr.ecr.eu-west-1.amazonaws.com';
const OTHER_ROLE = 'arn:aws:iam::444455556666:role/mirror';
const PASSWORD = secretNamed('doctor-of-a-stack');
const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
const bench = openBench();
let hub: RunningRegistry;
let own: RunningRegistry;
let stack: LocalStack;
/** What stands before a service, by the name that requests are signed for. */
const before: Record<string, (call: AwsCall) => Answer | undefined> = {};

beforeAll(async () => {
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8')) as { context: Record<string, unknown> };
  const app = new App({ outdir: folder, analyticsReporting: false, context, builtinCloudFormationValidation: false });
  const cdk = new Stack(app, 'Images');
  new EcrMirror(cdk, 'Mirror', {
    images: [{ source: 'docker.io/library/nginx:1.27.0' }],
    accountRoles: [{ account: '444455556666', roleArn: OTHER_ROLE }],
    credentials: [
      RegistryCredentials.fromParameter(
        'docker.io',
        StringParameter.fromSecureStringParameterAttributes(cdk, 'Hub', { parameterName: '/hub' }),
      ),
      // Whose ARN lacks what Secrets Manager has put behind the name.
      RegistryCredentials.fromSecret('ghcr.io', Secret.fromSecretNameV2(cdk, 'GitHub', 'github')),
    ],
  });
  app.synth();
  [hub, own] = await Promise.all([
    startRegistry({ personality: { kind: 'docker-hub', limit: 1000 } }),
    startRegistry({ personality: { kind: 'ecr', account: '111122223333', region: 'eu-west-1', blobMounting: true } }),
  ]);
  await pushBuilt(hub.address, 'library/nginx', image({ seed: 'nginx' }), ['1.27.0']);
  await pushBuilt(hub.address, 'ratelimitpreview/test', image({ seed: 'preview' }), ['latest']);
  const around =
    (name: string, service: Service): Service =>
    (call) =>
      before[name]?.(call) ?? service(call);
  stack = await startStack({
    assembly: folder,
    registries: { 'docker.io': hub, [OWN]: own },
    parameters: { '/hub': JSON.stringify({ username: 'ci', password: PASSWORD }) },
    around,
  });
  Object.assign(process.env, stack.environment);
  bench.env.REGISTRY_ENDPOINTS = stack.environment.REGISTRY_ENDPOINTS ?? '';
  await stack.waitUntilIdle();
}, 60_000);

afterAll(async () => {
  await stack.stop();
  await Promise.all([hub.close(), own.close(), bench.close()]);
  rmSync(folder, { recursive: true });
});

afterEach(() => {
  for (const name of Object.keys(before)) delete before[name];
});

const doctor = (...words: readonly string[]): Promise<Ran> =>
  bench.run(['doctor', '--stack', 'Images', '--attempts', '1', '--timeout', '5s', ...words]);
async function findings(): Promise<readonly Finding[]> {
  const { out } = await doctor('--json');
  return out.map((line) => JSON.parse(line)).filter(({ event }) => event === 'finding');
}
const wrong = async () => (await findings()).filter(({ verdict }) => verdict === 'error' || verdict === 'warning');
const well = async () => expect(await wrong()).toEqual([]);
const refuse = (operation: string) => (call: AwsCall) => {
  if (call.operation === operation) throw new AwsError('AccessDenied', `not authorized to perform ${operation}`, 403);
  return undefined;
};

describe('doctor of a deployed stack', () => {
  it('finds nothing wrong with what the construct makes: its roles may do all that doctor knows of', async () => {
    const told = await findings();
    expect(told.filter(({ verdict }) => verdict === 'error' || verdict === 'warning')).toEqual([]);
    const sound = (code: string) =>
      told.filter((one) => one.code === code && one.verdict === 'ok').map(({ saw }) => saw);
    expect(sound('DOCTOR-IAM')).toEqual([
      'the worker may do all that copying takes',
      'the controller may do all that copying takes',
    ]);
    expect(sound('DOCTOR-NETWORK')).toHaveLength(2);
    expect(sound('DOCTOR-QUEUE')).toEqual(['runs jobs, on 2 compute environments']);
    expect(sound('DOCTOR-REPOSITORY')).toEqual(['1 repository is there']);
    expect(sound('DOCTOR-PULL')).toEqual(['library/nginx can be pulled as ci']);
  });

  it('fits eighty columns', async () => {
    const { code, out, err } = await doctor('--all');
    expect({ code, err }).toEqual({ code: 0, err: [] });
    expect(out.filter((line) => line.length > 80 && line.trim().includes(' '))).toEqual([]);
    expect(out.at(-1)).toMatch(/^\d+ ok, 0 warnings, 0 errors, \d+ not checked$/);
  });

  it('an action that the worker may not do, because the organization denies it', async () => {
    const policies = templatePolicies(stack.template);
    const deny = { Effect: 'Deny', Action: 'ecr:PutImage', Resource: '*' };
    before.iam = (call) => iamService((role) => [...(policies(role) ?? []), deny])(call) as Answer;
    const repository = 'arn:aws:ecr:eu-west-1:111122223333:repository/mirror/docker-hub/library/nginx';
    expect(await wrong()).toEqual([
      expect.objectContaining({
        code: 'DOCTOR-IAM',
        verdict: 'error',
        place: expect.stringContaining('JobRole'),
        saw: `the worker may not ecr:PutImage on ${repository}: a policy denies it`,
      }),
    ]);
    delete before.iam;
    await well();
  });

  it('a secret that the worker may not read, by a name without what Secrets Manager puts behind it', async () => {
    const policies = templatePolicies(stack.template);
    const deny = { Effect: 'Deny', Action: 'secretsmanager:GetSecretValue', Resource: '*' };
    before.iam = (call) =>
      iamService((role) => [...(policies(role) ?? []), ...(role.includes('JobRole') ? [deny] : [])])(call) as Answer;
    expect(await wrong()).toEqual([
      expect.objectContaining({
        code: 'DOCTOR-IAM',
        saw: expect.stringMatching(/^the worker may not secretsmanager:GetSecretValue on \S*:secret:github: /),
      }),
    ]);
    delete before.iam;
    await well();
  });

  it('a template that was deployed as YAML', async () => {
    const template = JSON.parse(readFileSync(join(folder, 'Images.template.json'), 'utf8'));
    before.cloudformation = ({ operation }) =>
      operation === 'GetTemplate' ? { output: { TemplateBody: stringify(template) } } : undefined;
    expect(
      (await findings()).filter(({ code, verdict }) => code === 'DOCTOR-NETWORK' && verdict === 'ok'),
    ).toHaveLength(2);
    await well();
  });

  it('who may not ask IAM about the roles', async () => {
    before.iam = refuse('SimulatePrincipalPolicy');
    const told = (await findings()).filter(({ code }) => code === 'DOCTOR-IAM');
    expect(told).toEqual([
      expect.objectContaining({
        verdict: 'unknown',
        saw: expect.stringContaining('iam:SimulatePrincipalPolicy for you would do'),
      }),
      expect.objectContaining({ verdict: 'unknown' }),
    ]);
    delete before.iam;
    await well();
  });

  it('who may not read the template is told so, and all else is looked at', async () => {
    before.cloudformation = refuse('GetTemplate');
    const told = await findings();
    for (const code of ['DOCTOR-IAM', 'DOCTOR-NETWORK', 'DOCTOR-QUEUE', 'DOCTOR-POLICY']) {
      expect(told.filter((one) => one.code === code)).toEqual([
        expect.objectContaining({ verdict: 'unknown', saw: expect.stringContaining('cloudformation:GetTemplate') }),
      ]);
    }
    expect(told).toContainEqual(expect.objectContaining({ code: 'DOCTOR-REPOSITORY', verdict: 'ok' }));
    delete before.cloudformation;
    await well();
  });

  it('a compute environment that is not valid, and a job queue that is disabled', async () => {
    const bad = { computeEnvironmentName: 'Spot', state: 'ENABLED', status: 'INVALID', statusReason: 'no such subnet' };
    const good = { computeEnvironmentName: 'OnDemand', state: 'ENABLED', status: 'VALID' };
    before.batch = ({ operation }) =>
      operation === 'describecomputeenvironments' ? { output: { computeEnvironments: [bad, good] } } : undefined;
    expect(await wrong()).toEqual([
      expect.objectContaining({
        code: 'DOCTOR-QUEUE',
        verdict: 'warning',
        place: 'Spot',
        saw: 'compute environment: INVALID, no such subnet',
      }),
    ]);
    const order = [{ order: 1, computeEnvironment: 'OnDemand' }];
    before.batch = ({ operation }) =>
      operation === 'describejobqueues'
        ? {
            output: {
              jobQueues: [
                { jobQueueName: 'Queue', state: 'DISABLED', status: 'VALID', computeEnvironmentOrder: order },
              ],
            },
          }
        : undefined;
    expect(await wrong()).toEqual([
      expect.objectContaining({ code: 'DOCTOR-QUEUE', verdict: 'error', place: 'Queue', saw: 'job queue: DISABLED' }),
    ]);
    delete before.batch;
    await well();
  });

  it('a secret that cannot be read', async () => {
    const error = new AwsError('ParameterNotFound', 'no such parameter');
    before.ssm = ({ input }) => {
      if (input.Name !== undefined && String(input.Name).includes('hub')) throw error;
      return undefined;
    };
    expect(await wrong()).toEqual([
      expect.objectContaining({
        code: 'DOCTOR-CREDENTIAL',
        place: 'docker.io',
        saw: expect.stringContaining('ParameterNotFound'),
      }),
    ]);
    delete before.ssm;
    await well();
  });

  it('a row that is wrong', async () => {
    await stack.putRow({ Source: 'docker.io/library/busybox:1', Destinatoin: `${OWN}/mirror/other` });
    expect(await wrong()).toContainEqual(
      expect.objectContaining({ code: 'DOCTOR-ROW', place: 'docker.io/library/busybox:1' }),
    );
    await bench.run(['remove', 'docker.io/library/busybox:1', '--stack', 'Images']);
    await stack.waitUntilIdle();
    await well();
  });

  it('a policy in another account that denies the role which copies there, not one that denies the worker', async () => {
    const endpoints = bench.env.REGISTRY_ENDPOINTS ?? '{}';
    bench.env.REGISTRY_ENDPOINTS = JSON.stringify({ ...JSON.parse(endpoints), [OTHER]: own.address });
    await stack.putRow({ Source: 'docker.io/library/busybox:1', Destination: `${OTHER}/mirror/app`, Paused: true });
    let denied = '';
    before.ecr = ({ operation, input }): Answer | undefined => {
      if (input.registryId !== '444455556666') return undefined;
      if (operation === 'DescribeRepositories') return { output: { repositories: [{ repositoryName: 'mirror/app' }] } };
      if (operation !== 'GetRepositoryPolicy') throw new AwsError('AccessDeniedException', 'not authorized', 400);
      const Statement = [{ Effect: 'Deny', Principal: { AWS: denied }, Action: 'ecr:PutImage' }];
      return { output: { policyText: JSON.stringify({ Statement }) } };
    };
    const policies = async () =>
      (await findings()).filter(({ code, verdict }) => code === 'DOCTOR-POLICY' && verdict === 'error');
    denied = (await findings()).find(({ saw }) => saw.startsWith('the worker may do'))?.place ?? '';
    expect(denied).toContain('JobRole');
    expect(await policies()).toEqual([]);
    denied = OTHER_ROLE;
    expect(await policies()).toEqual([
      expect.objectContaining({ place: `${OTHER}/mirror/app`, saw: `statement 1 denies ${OTHER_ROLE} ecr:PutImage` }),
    ]);
    bench.env.REGISTRY_ENDPOINTS = endpoints;
    delete before.ecr;
    await bench.run(['remove', 'docker.io/library/busybox:1', '--stack', 'Images']);
    await stack.waitUntilIdle();
    await well();
  });

  it('a stack that cannot be read, and whose credentials those are', async () => {
    before.cloudformation = refuse('DescribeStacks');
    const { code, out } = await doctor('--json');
    expect(code).toBe(1);
    expect(out.map((line) => JSON.parse(line)).slice(0, 2)).toEqual([
      expect.objectContaining({ code: 'DOCTOR-STACK', verdict: 'error', place: 'Images' }),
      expect.objectContaining({
        code: 'DOCTOR-AWS',
        verdict: 'ok',
        saw: 'you are arn:aws:iam::111122223333:role/operator',
      }),
    ]);
    delete before.cloudformation;
    await well();
  });
});
