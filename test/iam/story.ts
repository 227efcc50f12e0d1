import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BatchClient, SubmitJobCommand } from '@aws-sdk/client-batch';
import { App, Fn, Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { CredentialDirection, EcrMirror, RegistryCredentials, TagSelection } from '../../lib/index';
import { Env } from '../../lib/model/names';
import { makePrincipals } from '../../local/aws/principals';
import { ecrPushEvent } from '../../local/ecr';
import { makeEvent } from '../../local/events';
import { image, multiPlatform, pushBuilt, signatureReferrer } from '../../local/images';
import { type RunningRegistry, startRegistry } from '../../local/registry';
import { type LocalStack, startStack } from '../../local/stack';
import type { Resolver } from '../../local/template/resolver';
import { mapOf } from '../../local/template/value';
import { type Access, accessOf, registryAccess } from './actions';
import { KEY, OTHER_ACCOUNT, OTHER_ROLE, OWN_ACCOUNT, OWN_REGION } from './place';
import { platformAccess } from './platform';

const PLACE = { account: OWN_ACCOUNT, region: OWN_REGION };
const OWN = `${PLACE.account}.dkr.ecr.${PLACE.region}.amazonaws.com`;
const OTHER = `${OTHER_ACCOUNT}.dkr.ecr.${PLACE.region}.amazonaws.com`;
const SECRETS = {
  hub: `arn:aws:secretsmanager:${PLACE.region}:${PLACE.account}:secret:docker-hub-AbCdEf`,
  partner: `arn:aws:secretsmanager:${PLACE.region}:${PLACE.account}:secret:partner-GhIjKl`,
};
const PARTNER = { username: 'mirror', password: 'only-for-this-test' };
const TAGS = Array.from({ length: 12 }, (_, number) => `1.${number}.0`);

/** What happened, as IAM sees it. */
export interface Told {
  readonly template: Resolver;
  /** What each role did, by its ARN; each thing once. */
  readonly done: ReadonlyMap<string, readonly Access[]>;
  /** What went wrong that was not meant to. */
  readonly failures: readonly string[];
  readonly unknown: readonly string[];
}

/**
 * Everything that a mirror does, done by the bundles of its own template: schedule, changed rows, push, job by hand, dry run,
 * a run that is handed over, refusals, failed jobs, credentials, into the own ECR and out of it.
 */
export async function tellStory(): Promise<Told> {
  const folder = mkdtempSync(join(tmpdir(), 'iam-'));
  const deployed: { stack?: LocalStack } = {};
  const registries = await startRegistries(() => deployed.stack);
  try {
    synthesizeMirror(folder);
    const stack = await startStack({
      assembly: folder,
      ...PLACE,
      registries: {
        'docker.io': registries.hub,
        'public.ecr.aws': registries.publicEcr,
        'ghcr.io': registries.partner,
        'quay.io': registries.hub,
        [OWN]: registries.own,
        [OTHER]: registries.other,
      },
      secrets: {
        [SECRETS.hub]: JSON.stringify(PARTNER),
        [SECRETS.partner]: `${PARTNER.username}:${PARTNER.password}`,
      },
    });
    deployed.stack = stack;
    try {
      await live(stack, registries);
      return { template: stack.template, ...recorded(stack, registries.own) };
    } finally {
      await stack.stop();
    }
  } finally {
    for (const registry of Object.values(registries)) await registry.close();
    rmSync(folder, { recursive: true });
  }
}

/** CDK's function that makes calls of the SDK for custom resources. */
const SDK_CALLS = 'AWS679f53fac002430cb0da5b7982bd2287';

/** A mirror with all that lets it do more. */
function synthesizeMirror(outdir: string): void {
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8'));
  const app = new App({ outdir, context, analyticsReporting: false, builtinCloudFormationValidation: false });
  const stack = new Stack(app, 'Proof');
  const secret = Secret.fromSecretCompleteArn(stack, 'Hub', SECRETS.hub);
  const encryptionKey = Key.fromKeyArn(stack, 'Key', KEY);
  const encrypted = Secret.fromSecretAttributes(stack, 'Partner', {
    secretCompleteArn: SECRETS.partner,
    encryptionKey,
  });
  const stringValue = `${PARTNER.username}:${PARTNER.password}`;
  const parameter = new StringParameter(stack, 'Quay', { parameterName: '/registries/quay', stringValue });
  const own = `${stack.account}.dkr.ecr.${stack.region}.${stack.urlSuffix}`;
  const mirror = new EcrMirror(stack, 'Mirror', {
    images: [
      { source: 'docker.io/library/nginx', tags: TagSelection.semver('>=1.0').latest(12) },
      { source: 'public.ecr.aws/docker/library/redis:8' },
      { source: 'docker.io/library/alpine', tags: TagSelection.semver('>=1.0'), repositoryName: 'base/alpine' },
    ],
    credentials: [
      RegistryCredentials.fromSecret('docker.io', secret),
      RegistryCredentials.fromSecret('ghcr.io/example', encrypted, CredentialDirection.BOTH),
      RegistryCredentials.fromParameter('quay.io', parameter),
    ],
    allowedDestinations: [`${own}/mirror/**`, `${OTHER}/shared/**`],
    accountRoles: [{ account: OTHER_ACCOUNT, roleArn: OTHER_ROLE, externalId: 'mirror' }],
    outward: [{ from: `${own}/released/**`, to: 'ghcr.io/example/*' }],
  });
  const controller = mirror.controller.node.defaultChild as CfnFunction;
  // With so little time a run of several lots is handed over after the first.
  controller.timeout = 60;
  // A revision that is gone already, as while a stack is updated.
  const revision = Fn.join('', [mirror.jobDefinition.jobDefinitionArn, '99']);
  const custom = stack.node.tryFindChild(SDK_CALLS)?.node.defaultChild as CfnFunction;
  custom.addPropertyOverride('Environment.Variables', {
    NODE_OPTIONS: `--require ${join(__dirname, 'answer.cjs')}`,
    NODE_PATH: join(process.cwd(), 'node_modules'),
  });
  controller.addPropertyOverride(`Environment.Variables.${Env.JOB_DEFINITION}`, revision);
  app.synth();
}

interface Registries {
  readonly hub: RunningRegistry;
  readonly publicEcr: RunningRegistry;
  readonly partner: RunningRegistry;
  readonly own: RunningRegistry;
  readonly other: RunningRegistry;
}

async function startRegistries(stack: () => LocalStack | undefined): Promise<Registries> {
  const users = [PARTNER];
  const hub = await startRegistry({ auth: { kind: 'basic', users } });
  const publicEcr = await startRegistry({
    auth: { kind: 'bearer', users: [{ username: 'AWS', password: 'local-stack' }], allow: () => ['pull', 'push'] },
  });
  const partner = await startRegistry({ auth: { kind: 'basic', users } });
  const own = await startRegistry({
    personality: {
      kind: 'ecr',
      ...PLACE,
      blobMounting: true,
      repositories: ['released/app', 'mirror/team/a', 'mirror/team/b', 'prod/app'],
    },
    onPush: (push) => own.ecr && stack()?.deliver(ecrPushEvent(own.ecr, push)),
  });
  const other = await startRegistry({
    personality: { kind: 'ecr', account: OTHER_ACCOUNT, region: PLACE.region, repositories: ['shared/alpine'] },
  });
  return { hub, publicEcr, partner, own, other };
}

const pair = Buffer.from(`${PARTNER.username}:${PARTNER.password}`).toString('base64');
const asOwner = (registry: RunningRegistry) => ({
  authorization: `Basic ${registry.ecr?.authorizationToken().token ?? pair}`,
});

async function tokenFor({ address }: RunningRegistry, repository: string): Promise<{ authorization: string }> {
  const scope = `repository:${repository}:pull,push`;
  const answer = await fetch(`${address}/token?service=registry.example&scope=${scope}`);
  const { token } = (await answer.json()) as { token: string };
  return { authorization: `Bearer ${token}` };
}

async function live(stack: LocalStack, { hub, publicEcr, own }: Registries): Promise<void> {
  await stack.waitUntilIdle();
  const redis = image({ seed: 'redis' });
  await pushBuilt(hub.address, 'library/nginx', multiPlatform({ seed: 'nginx' }), TAGS, asOwner(hub));
  const alpine = image({ seed: 'alpine' });
  await pushBuilt(hub.address, 'library/alpine', alpine, TAGS, asOwner(hub));
  await pushBuilt(hub.address, 'library/alpine', signatureReferrer(alpine.root.descriptor), [], asOwner(hub));
  const asAnybody = await tokenFor(publicEcr, 'docker/library/redis');
  await pushBuilt(publicEcr.address, 'docker/library/redis', redis, ['8'], asAnybody);
  await pushBuilt(publicEcr.address, 'docker/library/redis', signatureReferrer(redis.root.descriptor), [], asAnybody);
  stack.runSchedule();
  await stack.waitUntilIdle();
  await changeRows(stack);
  await pushOut(stack, own);
  await submitByHand(stack);
  await stack.invoke(controllerOf(stack), { dryRun: true });
  await stack.invoke(controllerOf(stack), { continue: { hops: 0, run: 'handed-over', rows: 1, onSchedule: false } });
  await stack.waitUntilIdle();
  blockQueue(stack);
  stack.runSchedule();
  await stack.waitUntilIdle();
  await updateCustomResources(stack);
}

/** A good row with two destinations, one with a mistake, one that asks for too much, one whose source is not there; and one goes. */
async function changeRows(stack: LocalStack): Promise<void> {
  const nginx = 'docker.io/library/nginx';
  await Promise.all([
    stack.putRow({ Source: `${nginx}:1.3.0`, Destination: [`${OWN}/mirror/team/a`, `${OWN}/mirror/team/b`] }),
    stack.putRow({ Source: `${nginx}:1.9.0`, Destination: [`${OWN}/base/alpine:nginx`, `${OWN}/mirror/team/b`] }),
    stack.putRow({ Source: 'quay.io/library/alpine:1.2.0', Destination: `${OTHER}/shared/alpine` }),
    stack.putRow({ Source: `${nginx}:1.4.0`, Destinatoin: `${OWN}/mirror/team/a` }),
    stack.putRow({ Source: `${nginx}:1.5.0`, Destination: `${OWN}/prod/app` }),
    stack.putRow({ Source: 'docker.io/library/nobody:1', Destination: `${OWN}/mirror/team/a` }),
    stack.putRow({ Source: `${nginx}:1.6.0`, Destination: `${OWN}/mirror/nowhere/to-be-found` }),
  ]);
  await stack.waitUntilIdle();
  await stack.deleteRow(`${nginx}:1.4.0`);
  await stack.waitUntilIdle();
}

/** As CloudFormation does when declarations are added, changed and removed: by CDK's own function. */
async function updateCustomResources(stack: LocalStack): Promise<void> {
  const resources = stack.template.ofType(/^Custom::/).filter(({ properties }) => properties.Create !== undefined);
  for (const { id, properties } of resources) {
    for (const RequestType of ['Create', 'Update', 'Delete']) {
      const event = {
        RequestType,
        ResponseURL: 'https://cloudformation.example.com/answer',
        StackId: 'arn:aws:cloudformation:eu-west-1:111122223333:stack/Proof/1',
        RequestId: `${id}-${RequestType}`,
        LogicalResourceId: id,
        PhysicalResourceId: id,
        ResourceProperties: properties,
      };
      await stack.invoke(String(properties.ServiceToken), event);
    }
  }
  const answers = stack.logs.filter(({ text }) => text.startsWith('{"Status":"SUCCESS"')).length;
  if (answers !== 3 * resources.length)
    throw new Error(`${answers} of ${3 * resources.length} custom resources succeed`);
  await stack.waitUntilIdle();
}

/** What is released goes to the partner: by its row, and by the event of its push. */
async function pushOut(stack: LocalStack, own: RunningRegistry): Promise<void> {
  await pushBuilt(own.address, 'released/app', multiPlatform({ seed: 'app 1' }), ['1.0.0'], asOwner(own));
  await stack.putRow({ Source: `${OWN}/released/app`, Tags: { Semver: '>=1' }, Destination: 'ghcr.io/example/app' });
  await stack.waitUntilIdle();
  const app = image({ seed: 'app 2' });
  await pushBuilt(own.address, 'released/app', signatureReferrer(app.root.descriptor), [], asOwner(own));
  await pushBuilt(own.address, 'released/app', app, ['1.1.0'], asOwner(own));
  await stack.waitUntilIdle();
}

/** One that may be done, one that may not and fails, one that is stopped before it has run. */
async function submitByHand(stack: LocalStack): Promise<void> {
  const { AWS_REGION: region = '', AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = stack.environment;
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID ?? '', secretAccessKey: AWS_SECRET_ACCESS_KEY ?? '' };
  const batch = new BatchClient({ endpoint: stack.aws.url, region, credentials });
  const [queue] = stack.template.ofType('AWS::Batch::JobQueue');
  const [definition] = stack.template.ofType('AWS::Batch::JobDefinition');
  const submit = (source: string, dest: string) =>
    batch.send(
      new SubmitJobCommand({
        jobName: 'by-hand',
        jobQueue: queue?.ref,
        jobDefinition: definition?.ref,
        parameters: { source, dest },
      }),
    );
  await submit('docker.io/library/nginx:1.7.0', `${OWN}/mirror/team/a:by-hand`);
  await submit('docker.io/library/nginx:1.7.0', `${OWN}/prod/app:stolen`);
  const stopped = await submit('docker.io/library/nginx:1.8.0', `${OWN}/mirror/team/a:stopped`);
  const job = stack.runner.find(stopped.jobId ?? '');
  if (job !== undefined) stack.runner.terminate(job, 'an operator ended it');
  batch.destroy();
  await stack.waitUntilIdle();
}

/** As AWS Batch says that the first job in a queue cannot start. */
function blockQueue(stack: LocalStack): void {
  const [queue] = stack.template.ofType('AWS::Batch::JobQueue');
  const plans = stack.runner.list().filter(({ submission }) => submission.parameters.plan !== undefined);
  const [job] = plans;
  if (queue === undefined || job === undefined) throw new Error('the story has no job of a plan');
  stack.deliver(
    makeEvent({
      source: 'aws.batch',
      detailType: 'Batch Job Queue Blocked',
      detail: {
        jobQueue: queue.ref,
        jobId: job.id,
        parameters: job.submission.parameters,
        statusReason: 'no capacity',
      },
      resources: [job.arn],
      ...PLACE,
      id: 'blocked',
      time: Date.now(),
    }),
  );
}

function controllerOf({ template }: LocalStack): string {
  const functions = template.ofType('AWS::Lambda::Function');
  return functions.find(({ id }) => id.startsWith('MirrorController'))?.ref ?? '';
}

const DECRYPTION: Access = {
  action: 'kms:Decrypt',
  resource: KEY,
  context: { 'kms:ViaService': `secretsmanager.${PLACE.region}.amazonaws.com` },
};

function recorded(stack: LocalStack, own: RunningRegistry): Omit<Told, 'template'> {
  const { keyOf } = makePrincipals(PLACE.account);
  const roles = stack.template.ofType('AWS::IAM::Role').map(({ attributes }) => attributes.Arn ?? '');
  const known = new Map(roles.map((role) => [keyOf(role).accessKeyId, role] as const));
  const done = new Map<string, Map<string, Access>>(roles.map((role) => [role, new Map()]));
  const keep = (role: string | undefined, access: Access) => {
    if (role !== undefined) done.get(role)?.set(`${access.action} ${access.resource}`, access);
  };
  for (const call of stack.aws.calls) {
    const role = known.get(call.accessKeyId);
    if (role !== undefined) for (const access of accessOf(call, PLACE.account)) keep(role, access);
    // Secrets Manager decrypts on behalf of whoever reads.
    if (mapOf(call.input).SecretId === SECRETS.partner) keep(role, DECRYPTION);
  }
  for (const request of own.requests) {
    const role = known.get(request.caller ?? '');
    if (role !== undefined) for (const access of registryAccess(request, PLACE)) keep(role, access);
  }
  for (const { role, ...access } of platformAccess(stack.template, PLACE)) keep(role, access);
  return {
    done: new Map([...done].map(([role, accesses]) => [role, [...accesses.values()]])),
    failures: stack.failures,
    unknown: stack.aws.unknown,
  };
}
