import { Duration, RemovalPolicy, Size, type Stack } from 'aws-cdk-lib';
import { SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { type EcrMirrorProps, RegistryCredentials, RepositoryCreation, WebhookSource } from '../../lib/index';
import { emptyStack, synthesize } from '../lib/stack';
import { quoted, read, section, tableRows } from './documents';
import { grantsOf } from './granted';

const page = read('docs/security.md');
const NGINX = { source: 'docker.io/library/nginx' };
const secret = (stack: Stack) => Secret.fromSecretNameV2(stack, 'Secret', 'a-secret');

/** What the page says of each prop that grants something, by the first cell of its rows. */
const OPT_INS: Readonly<Record<string, (stack: Stack) => EcrMirrorProps>> = {
  '`images`': () => ({ images: [NGINX] }),
  '`waitForImages`': () => ({ images: [NGINX], waitForImages: Duration.minutes(20) }),
  '`credentials`, a secret': (stack) => ({ credentials: [RegistryCredentials.fromSecret('quay.io', secret(stack))] }),
  '`credentials`, a parameter': (stack) => {
    const parameter = { parameterName: '/a-parameter' };
    const made = StringParameter.fromSecureStringParameterAttributes(stack, 'Parameter', parameter);
    return { credentials: [RegistryCredentials.fromParameter('quay.io', made)] };
  },
  '`accountRoles`': () => ({
    accountRoles: [{ account: '222233334444', roleArn: 'arn:aws:iam::222233334444:role/mirror' }],
  }),
  '`repositoryCreation: ON_PUSH`': () => ({ repositoryCreation: RepositoryCreation.ON_PUSH }),
  '`repositoryCreation: BY_WORKER`': () => ({ repositoryCreation: RepositoryCreation.BY_WORKER }),
  '`eventBus`': (stack) => ({ eventBus: new EventBus(stack, 'EventBus') }),
  '`blobMounting`': () => ({ blobMounting: true }),
  '`encryptionKey`': (stack) => ({ encryptionKey: new Key(stack, 'Key') }),
  '`webhooks`': (stack) => ({ webhooks: { sources: [WebhookSource.ghcr({ secret: secret(stack) })] } }),
  '`outward`': ({ account, region }) => ({
    outward: [{ from: `${account}.dkr.ecr.${region}.amazonaws.com/released/**`, to: 'ghcr.io/our-organisation/*' }],
  }),
  '`allowedDestinations`, ECR Public': () => ({ allowedDestinations: ['public.ecr.aws/our-alias/**'] }),
};

/** Others change what is granted where they name other places, or nothing of it. */
const NAMES_PLACES = [
  'prefix',
  'existingTable',
  'repositoryDefaults',
  'allowedSources',
  'registryMappings',
  'workerImage',
];
const GRANTS_NOTHING = (stack: Stack): EcrMirrorProps => ({
  verification: {},
  registryAliases: { 'quay.io': 'red-hat' },
  dropLibrary: true,
  pullTimeExclusion: true,
  schedule: ScheduleExpression.rate(Duration.hours(6)),
  scheduleEnabled: true,
  vpc: new Vpc(stack, 'Vpc'),
  securityGroups: [],
  vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
  vpcEndpoints: true,
  spot: false,
  architecture: CpuArchitecture.X86_64,
  cpu: 2048,
  memory: Size.gibibytes(4),
  storage: Size.gibibytes(30),
  maxvCpus: 16,
  attempts: 2,
  timeout: Duration.hours(2),
  metrics: true,
  trustedRoot: undefined,
  logRetention: RetentionDays.ONE_MONTH,
  removalPolicy: RemovalPolicy.DESTROY,
});

/** A grant of the page or of a template, each action by itself: `role may action on thing`. */
type Said = readonly string[];

function granted(props: (stack: Stack) => EcrMirrorProps): Said {
  const { stack } = synthesize(props, { env: { region: 'eu-west-1' } });
  return grantsOf(stack).flatMap(({ role, actions, on }) => actions.map((action) => `${role} may ${action} on ${on}`));
}

function said([roles = '', actions = '', on = '']: readonly string[]): Said {
  return roles.split(', ').flatMap((role) => quoted(actions).map((action) => `${role} may ${action} on ${on}`));
}

const byDefault = granted(() => ({}));
const optIns = tableRows(section(page, '## What opt-ins add'));

describe('the page for reviewers', () => {
  it('has each action of each role of the default stack, and no other', () => {
    const rows = tableRows(section(page, '## What each role may do'));
    expect(rows.flatMap(said).sort()).toEqual([...byDefault].sort());
  });

  it.each(Object.entries(OPT_INS))('has what %s adds, and no more', (name, props) => {
    const more = granted(props).filter((one) => !byDefault.includes(one));
    const rows = optIns.filter(([prop]) => prop === name).map(([, ...cells]) => cells);
    expect(rows.flatMap(said).sort()).toEqual([...new Set(more)].sort());
  });

  it('leaves out no opt-in, and says of each action why', () => {
    expect([...new Set(optIns.map(([prop]) => prop))].sort()).toEqual(Object.keys(OPT_INS).sort());
    const why = [...tableRows(section(page, '## What each role may do')), ...optIns].map((cells) => cells.at(-1) ?? '');
    expect(why.filter((text) => text.split(' ').length < 2)).toEqual([]);
  });

  it('is right that other props grant nothing', () => {
    expect(granted(GRANTS_NOTHING).filter((one) => !byDefault.includes(one))).toEqual([]);
  });

  it('knows every prop', () => {
    const props = [...read('lib/ecr-mirror-props.ts').matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, name]) => name);
    const optIn = Object.keys(OPT_INS).flatMap((name) => /\w+/.exec(name)?.[0] ?? []);
    const nothing = Object.keys(GRANTS_NOTHING(emptyStack()));
    expect(props.filter((name = '') => ![...optIn, ...nothing, ...NAMES_PLACES].includes(name))).toEqual([]);
  });
});
