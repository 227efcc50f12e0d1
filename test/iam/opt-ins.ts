import { Duration, type Stack } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { EcrMirror, RepositoryCreation, WebhookSource } from '../../lib/index';
import { secretNamed } from '../../local/canary';
import { image, pushBuilt, signatureReferrer } from '../../local/images';
import { startRegistry } from '../../local/registry';
import type { LocalStack } from '../../local/stack';
import { changeCustomResources, request } from './custom-resources';
import { tell } from './deployment';
import { losePlan } from './happenings';
import { OWN, OWN_ACCOUNT, OWN_REGION, PLACE, REPOSITORY_KEY, TABLE_KEY } from './place';
import type { Told } from './record';

/** What is granted for opt-ins, used: keys, webhooks, a bus, repositories that a push creates, Amazon ECR Public, a deployment that waits. */
export const tellOptIns = (): Promise<Told> =>
  tell({
    region: OWN_REGION,
    declare,
    startRegistries,
    places: ({ hub, publicEcr, own }) => ({ 'docker.io': hub, 'public.ecr.aws': publicEcr, [OWN]: own }),
    settings: { second: 20, secrets: { [WEBHOOK_SECRET]: WEBHOOK_KEY } },
    live,
  });

export const WEBHOOK_SECRET = `arn:aws:secretsmanager:${OWN_REGION}:${OWN_ACCOUNT}:secret:webhook-AbCdEf`;
const WEBHOOK_KEY = secretNamed('Webhook');
const PUBLIC = 'public.ecr.aws/a1b2c3d4/open';

function declare(stack: Stack): void {
  new EcrMirror(stack, 'Mirror', {
    images: [{ source: 'docker.io/library/nginx:1.27.3' }],
    allowedDestinations: [`${stack.account}.dkr.ecr.${stack.region}.${stack.urlSuffix}/mirror/**`, `${PUBLIC}/**`],
    waitForImages: Duration.minutes(1),
    repositoryCreation: RepositoryCreation.ON_PUSH,
    blobMounting: true,
    pullTimeExclusion: true,
    metrics: true,
    verification: {},
    webhooks: {
      sources: [
        WebhookSource.harbor({
          registry: 'harbor.test',
          secret: Secret.fromSecretCompleteArn(stack, 'Webhook', WEBHOOK_SECRET),
        }),
      ],
    },
    eventBus: new EventBus(stack, 'Bus', { eventBusName: 'images' }),
    encryptionKey: Key.fromKeyArn(stack, 'TableKey', TABLE_KEY),
    repositoryDefaults: {
      encryptionKey: Key.fromKeyArn(stack, 'RepositoryKey', REPOSITORY_KEY),
      tags: { team: 'platform' },
    },
  });
}

async function startRegistries() {
  const hub = await startRegistry({ personality: { kind: 'docker-hub' } });
  const publicEcr = await startRegistry({
    auth: {
      kind: 'bearer',
      users: [],
      ecrPublic: true,
      allow: (user) => (user === undefined ? ['pull'] : ['pull', 'push']),
    },
  });
  const own = await startRegistry({ personality: { kind: 'ecr', ...PLACE } });
  return { hub, publicEcr, own };
}

async function live(stack: LocalStack, { hub, own }: Awaited<ReturnType<typeof startRegistries>>): Promise<void> {
  await stack.waitUntilIdle();
  const [waiting] = stack.template.ofType('Custom::MirroredImages');
  if (waiting === undefined) throw new Error('the template has no custom resource that waits');
  const early = await request(stack, waiting, 'Create');
  if (early.Status !== 'FAILED') throw new Error(`images that are not there: got ${early.Status}`);
  const nginx = image({ seed: 'nginx' });
  await pushBuilt(hub.address, 'library/nginx', nginx, ['1.27.3']);
  await pushBuilt(hub.address, 'library/nginx', signatureReferrer(nginx.root.descriptor), []);
  stack.runSchedule();
  await stack.waitUntilIdle();
  await changeCustomResources(stack);
  await stack.putRow({
    Source: 'docker.io/library/nginx',
    Tags: { Include: ['1.*'] },
    Destination: [`${PUBLIC}/nginx`, `${OWN}/mirror/team/new`],
  });
  await stack.waitUntilIdle();
  await losePlan(stack, {
    Source: 'lost',
    From: 'docker.io/library/nginx:1.27.3',
    Destination: `${OWN}/mirror/team/lost`,
  });
  await sendWebhook(stack);
  if (!own.state.repositories.has('mirror/team/new')) throw new Error('no repository was created by a push');
}

/** One that no row wants: what it asks for is to be read and kept. */
async function sendWebhook(stack: LocalStack): Promise<void> {
  const [url] = stack.template.ofType('AWS::Lambda::Url');
  const body = JSON.stringify({
    type: 'PUSH_ARTIFACT',
    event_data: { resources: [{ tag: '1' }], repository: { repo_full_name: 'team/app' } },
  });
  const invocation = await stack.invoke(url?.ref ?? '', {
    rawPath: '/harbor',
    requestContext: { http: { method: 'POST' } },
    headers: { authorization: WEBHOOK_KEY },
    body,
  });
  const answer = 'result' in invocation ? JSON.stringify(invocation.result) : invocation.error.errorMessage;
  if (answer !== '{"statusCode":202}') throw new Error(`a webhook: got ${answer}`);
  await stack.waitUntilIdle();
}
