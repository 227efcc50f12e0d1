import { CfnParameter, Lazy } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { CredentialDirection, RegistryCredentials } from '../../lib/index';
import { type Permissions, permits } from '../../lib/model/permissions';
import { parseRepository } from '../../lib/model/reference';
import {
  allowedTo,
  CONTROLLER_ROLE,
  emptyStack,
  filled,
  only,
  resourcesOf,
  settingsOf,
  synthesize,
  WORKER_ROLE,
} from './stack';

const OWN = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const arn = (name: string, place = 'eu-west-1:123456789012') => `arn:aws:ecr:${place}:repository/${name}`;
const permissions = (settings: Record<string, never>) => settings.permissions as unknown as Permissions;

describe('what rows may ask for, by default', () => {
  const template = synthesize().template();
  const worker = allowedTo(template, WORKER_ROLE);
  const controller = allowedTo(template, CONTROLLER_ROLE);
  const verdict = (source: string, destination: string) =>
    permits(permissions(settingsOf(template)), parseRepository(source), parseRepository(destination));

  it('is any source, into the own registry under the prefix', () => {
    expect(verdict('nginx', `${OWN}/mirror/docker-hub/library/nginx`)).toBeUndefined();
    expect(verdict('nginx', `${OWN}/prod/app`)).toMatch(/not allowed/);
    expect(verdict(`${OWN}/prod/app`, 'ghcr.io/stranger/app')).toMatch(/not allowed/);
  });

  it('is what the worker may push in ECR, too', () => {
    expect(resourcesOf(worker, 'ecr:PutImage')).toEqual([arn('mirror/*')]);
    expect(resourcesOf(worker, 'ecr:BatchGetImage')).toContain(arn('*'));
  });

  it('lets the controller look and not touch', () => {
    expect(resourcesOf(controller, 'ecr:DescribeImages')).toContain(arn('mirror/*'));
    expect(resourcesOf(controller, 'ecr:PutImage')).toEqual([]);
    expect(resourcesOf(controller, 'ecr:GetDownloadUrlForLayer')).toEqual([]);
  });

  it.each([
    ['controller', controller],
    ['worker', worker],
  ])('gives the %s everything only where the service has no resource', (_, statements) => {
    const open = statements.filter(({ resources }) => resources.includes('*')).flatMap(({ actions }) => actions);
    expect([...new Set(open)].sort()).toEqual([
      'ecr-public:GetAuthorizationToken',
      'ecr:GetAuthorizationToken',
      'sts:GetServiceBearerToken',
    ]);
    expect(statements.flatMap(({ actions }) => actions).filter((action) => action.includes('*'))).toEqual([]);
  });

  it('lets the worker write copies and never rows', () => {
    expect(resourcesOf(worker, 'dynamodb:UpdateItem')).toEqual([expect.stringMatching(/^MirrorTablesCopies/)]);
    expect(worker.flatMap(({ resources }) => resources).filter((one) => one.startsWith('MirrorTablesMirrors'))).toEqual(
      [],
    );
  });

  it('lets the controller read rows and never write them', () => {
    const onRows = controller.filter(({ resources }) =>
      resources.some((one) => /^MirrorTablesMirrors\w+\.Arn$/.test(one)),
    );
    expect(onRows.flatMap(({ actions }) => actions).sort()).toEqual(['dynamodb:GetItem', 'dynamodb:Scan']);
  });
});

describe('patterns', () => {
  it('narrow sources in settings and policies alike', () => {
    const template = synthesize({ allowedSources: ['docker.io/library/*'] }).template();
    const worker = allowedTo(template, WORKER_ROLE);
    expect(permissions(settingsOf(template)).sources).toEqual(['docker.io/library/*']);
    expect(resourcesOf(worker, 'ecr:BatchGetImage')).toEqual([arn('mirror/*')]);
    expect(resourcesOf(worker, 'sts:GetServiceBearerToken')).toEqual([]);
  });

  it('reach into other accounts and regions where they name them', () => {
    const other = '210987654321.dkr.ecr.us-east-1.amazonaws.com/team/*';
    const template = synthesize({ allowedDestinations: [other] }).template();
    expect(resourcesOf(allowedTo(template, WORKER_ROLE), 'ecr:PutImage')).toEqual([
      arn('team/*', 'us-east-1:210987654321'),
    ]);
  });

  it('reach into any region of a partition where they leave it open', () => {
    const suffixes = ['amazonaws.com', 'amazonaws.com.cn', 'sc2s.sgov.gov', 'amazonaws.eu'];
    const open = suffixes.map((suffix, at) => `210987654321.dkr.ecr.*.${suffix}/team-${at}/*`);
    const template = synthesize({ allowedDestinations: open }).template();
    expect(resourcesOf(allowedTo(template, WORKER_ROLE), 'ecr:PutImage')).toEqual(
      suffixes.map((_, at) => arn(`team-${at}/*`, '*:210987654321')),
    );
  });

  it('are not taken for ECR by a host that only looks like it', () => {
    const template = synthesize({ allowedDestinations: [`${OWN}.example.com/team/*`] }).template();
    expect(resourcesOf(allowedTo(template, WORKER_ROLE), 'ecr:PutImage')).toEqual([]);
  });

  it('may name the own registry before account and region are known', () => {
    const { template } = synthesize(({ account, region, urlSuffix }) => ({
      allowedDestinations: [`${account}.dkr.ecr.${region}.${urlSuffix}/shared/**`],
    }));
    expect(resourcesOf(allowedTo(template(), WORKER_ROLE), 'ecr:PutImage')).toEqual([arn('shared/*')]);
    expect(permissions(settingsOf(template())).destinations).toEqual([`${OWN}/shared/**`]);
  });

  it('give no access to Amazon ECR where nothing of them is known, which is said', () => {
    const { stack, template } = synthesize((scope) => ({
      allowedSources: Lazy.list({ produce: () => [`${OWN}/team/**`] }),
      allowedDestinations: [new CfnParameter(scope, 'Place').valueAsString],
    }));
    const worker = allowedTo(template(), WORKER_ROLE);
    expect(resourcesOf(worker, 'ecr:BatchGetImage')).toEqual([]);
    expect(resourcesOf(worker, 'ecr:PutImage')).toEqual([]);
    for (const prop of ['allowedSources', 'allowedDestinations'])
      Annotations.fromStack(stack).hasWarning(
        '/Test/Mirror',
        Match.stringLikeRegexp(`${prop}: got patterns that are known`),
      );
  });

  it('let out only what was declared to where it was declared', () => {
    const outward = [{ from: `${OWN}/released/**`, to: 'ghcr.io/example/*' }];
    const settings = settingsOf(synthesize({ outward, allowedSources: ['quay.io/**'] }).template());
    const verdict = (source: string, destination: string) =>
      permits(permissions(settings), parseRepository(source), parseRepository(destination));
    expect(verdict(`${OWN}/released/app`, 'ghcr.io/example/app')).toBeUndefined();
    expect(verdict(`${OWN}/internal/app`, 'ghcr.io/example/app')).toMatch(/not allowed/);
    expect(verdict(`${OWN}/released/app`, 'ghcr.io/stranger/app')).toMatch(/not allowed/);
  });
});

describe('roles of other accounts', () => {
  const theirs = '210987654321.dkr.ecr.us-east-1.amazonaws.com/team/**';
  const role = { account: '210987654321', roleArn: 'arn:aws:iam::210987654321:role/mirror', externalId: 'we' };
  const template = synthesize({ allowedDestinations: [theirs], accountRoles: [role] }).template();

  it('are taken by controller and worker, and by name alone', () => {
    for (const party of [CONTROLLER_ROLE, WORKER_ROLE]) {
      expect(resourcesOf(allowedTo(template, party), 'sts:AssumeRole')).toEqual([role.roleArn]);
    }
    expect(settingsOf(template).roles).toEqual([role]);
  });

  it('stand for their accounts: nothing else is granted there', () => {
    expect(resourcesOf(allowedTo(template, WORKER_ROLE), 'ecr:PutImage')).toEqual([]);
    expect(resourcesOf(allowedTo(template, CONTROLLER_ROLE), 'ecr:DescribeImages')).toEqual([]);
    expect(resourcesOf(allowedTo(template, CONTROLLER_ROLE), 'ecr:ListImages')).toEqual([arn('*')]);
  });

  it('do not widen what rows may ask for', () => {
    const verdict = (destination: string) =>
      permits(permissions(settingsOf(template)), parseRepository('nginx'), parseRepository(destination));
    expect(verdict('210987654321.dkr.ecr.us-east-1.amazonaws.com/team/app')).toBeUndefined();
    expect(verdict('210987654321.dkr.ecr.us-east-1.amazonaws.com/prod/app')).toMatch(/not allowed/);
  });
});

it('pushes to Amazon ECR Public where that is named, to the own repositories under any alias', () => {
  const outward = [{ from: `${OWN}/released/**`, to: 'public.ecr.aws/our-alias/tools/*' }];
  const worker = allowedTo(synthesize({ outward }).template(), WORKER_ROLE);
  expect(resourcesOf(worker, 'ecr-public:PutImage')).toEqual(['arn:aws:ecr-public::123456789012:repository/tools/*']);
  expect(resourcesOf(allowedTo(synthesize().template(), WORKER_ROLE), 'ecr-public:PutImage')).toEqual([]);
});

describe('credentials', () => {
  it('are named in the settings, kept in their secret, and readable to controller and worker', () => {
    const { template } = synthesize((stack) => ({
      credentials: [
        RegistryCredentials.fromSecret('index.docker.io', new Secret(stack, 'Hub')),
        RegistryCredentials.fromSecret('ghcr.io/example', new Secret(stack, 'Ghcr'), CredentialDirection.BOTH),
      ],
    }));
    expect(settingsOf(template()).credentials).toEqual([
      { for: 'docker.io', direction: 'pull', secretArn: expect.stringMatching(/^Hub/) },
      { for: 'ghcr.io/example', direction: 'both', secretArn: expect.stringMatching(/^Ghcr/) },
    ]);
    for (const role of [CONTROLLER_ROLE, WORKER_ROLE]) {
      expect(resourcesOf(allowedTo(template(), role), 'secretsmanager:GetSecretValue')).toHaveLength(2);
    }
  });

  it('may be a parameter, read and decrypted alone', () => {
    const { template } = synthesize((stack) => {
      const encryptionKey = new Key(stack, 'Key');
      const found = { parameterName: '/mirror/quay', encryptionKey };
      const parameter = StringParameter.fromSecureStringParameterAttributes(stack, 'Quay', found);
      return { credentials: [RegistryCredentials.fromParameter('quay.io', parameter)] };
    });
    const made = template();
    const parameterArn = 'arn:aws:ssm:eu-west-1:123456789012:parameter/mirror/quay';
    expect(settingsOf(made).credentials).toEqual([{ for: 'quay.io', direction: 'pull', parameterArn }]);
    const worker = allowedTo(made, WORKER_ROLE);
    expect(resourcesOf(worker, 'ssm:GetParameter')).toContain(parameterArn);
    expect(resourcesOf(worker, 'kms:Decrypt')).toHaveLength(1);
    expect(worker.flatMap(({ actions }) => actions).filter((action) => /^(?:ssm|secretsm)/.test(action))).toEqual([
      'ssm:GetParameter',
    ]);
  });

  it('are read and nothing else', () => {
    const { template } = synthesize((stack) => ({
      credentials: [RegistryCredentials.fromSecret('docker.io', Secret.fromSecretNameV2(stack, 'Hub', 'hub'))],
    }));
    const statements = allowedTo(template(), WORKER_ROLE);
    expect(resourcesOf(statements, 'secretsmanager:GetSecretValue')).toEqual([
      'arn:aws:secretsmanager:eu-west-1:123456789012:secret:hub-??????',
    ]);
    expect(resourcesOf(statements, 'secretsmanager:DescribeSecret')).toEqual([]);
  });

  it('can be added later', () => {
    const { stack, mirror, template } = synthesize();
    mirror.addCredentials(RegistryCredentials.fromSecret('quay.io', new Secret(stack, 'Quay')));
    expect(settingsOf(template()).credentials).toEqual([expect.objectContaining({ for: 'quay.io' })]);
  });

  it.each(['nginx', 'example/team', 'https://ghcr.io', ''])('are refused for %j, which is no registry', (place) => {
    expect(() => RegistryCredentials.fromSecret(place, new Secret(emptyStack(), 'Secret'))).toThrow(/would do/);
  });
});

it('keeps the settings in one parameter', () => {
  const parameter = only(synthesize().template(), 'AWS::SSM::Parameter');
  expect(parameter.Tier).toBe('Intelligent-Tiering');
  expect(JSON.parse(filled(parameter.Value))).toEqual({
    permissions: { sources: ['**'], destinations: [`${OWN}/mirror/**`], outward: [] },
    mapping: { registry: OWN, prefix: 'mirror' },
    credentials: [],
  });
});
