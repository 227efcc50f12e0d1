import { Fn, type Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { CredentialDirection, EcrMirror, RegistryCredentials, TagSelection } from '../../lib/index';
import { Env } from '../../lib/model/names';
import { ecrPushEvent } from '../../local/ecr';
import { image, multiPlatform, pushBuilt, signatureReferrer } from '../../local/images';
import { startRegistry } from '../../local/registry';
import type { LocalStack } from '../../local/stack';
import { changeCustomResources } from './custom-resources';
import { tell } from './deployment';
import {
  blockQueue,
  changeRows,
  controllerOf,
  loseImages,
  loseJob,
  pushOut,
  repeatPlan,
  submitByHand,
} from './happenings';
import { asOwner, PARTNER, tokenFor } from './people';
import { KEY, OTHER, OTHER_ACCOUNT, OTHER_ROLE, OWN, PARAMETER, PLACE, SECRETS } from './place';
import type { Told } from './record';

const TAGS = Array.from({ length: 12 }, (_, number) => `1.${number}.0`);

/**
 * Everything that a mirror does, done by the bundles of its own template: schedule, changed rows, push, job by hand, dry run,
 * a run that is handed over, refusals, failed jobs, credentials, into the own ECR and out of it.
 */
export const tellStory = (): Promise<Told> =>
  tell({
    declare,
    startRegistries,
    places: ({ hub, publicEcr, partner, own, other }) => ({
      'docker.io': hub,
      'public.ecr.aws': publicEcr,
      'ghcr.io': partner,
      'quay.io': hub,
      [OWN]: own,
      [OTHER]: other,
    }),
    settings: {
      secrets: {
        [SECRETS.hub]: JSON.stringify(PARTNER),
        [SECRETS.partner]: `${PARTNER.username}:${PARTNER.password}`,
      },
      parameters: { [PARAMETER]: `${PARTNER.username}:${PARTNER.password}` },
    },
    live,
  });

/** A mirror with all that lets it do more. */
function declare(stack: Stack): void {
  const secret = Secret.fromSecretCompleteArn(stack, 'Hub', SECRETS.hub);
  const encryptionKey = Key.fromKeyArn(stack, 'Key', KEY);
  const encrypted = Secret.fromSecretAttributes(stack, 'Partner', {
    secretCompleteArn: SECRETS.partner,
    encryptionKey,
  });
  const parameter = StringParameter.fromSecureStringParameterAttributes(stack, 'Quay', { parameterName: PARAMETER });
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
  controller.timeout = 170;
  // A revision that is gone already, as while a stack is updated.
  const revision = Fn.join('', [mirror.jobDefinition.jobDefinitionArn, '99']);
  controller.addPropertyOverride(`Environment.Variables.${Env.JOB_DEFINITION}`, revision);
}

async function startRegistries(deliver: LocalStack['deliver']) {
  const users = [PARTNER];
  const hub = await startRegistry({ auth: { kind: 'basic', users } });
  const publicEcr = await startRegistry({
    auth: { kind: 'bearer', users: [], ecrPublic: true, allow: () => ['pull', 'push'] },
  });
  const partner = await startRegistry({ auth: { kind: 'basic', users } });
  const own = await startRegistry({
    personality: {
      kind: 'ecr',
      ...PLACE,
      blobMounting: true,
      repositories: ['released/app', 'mirror/team/a', 'mirror/team/b', 'prod/app'],
    },
    onPush: (push) => own.ecr && deliver(ecrPushEvent(own.ecr, push)),
  });
  const other = await startRegistry({
    personality: { kind: 'ecr', account: OTHER_ACCOUNT, region: PLACE.region, repositories: ['shared/alpine'] },
  });
  return { hub, publicEcr, partner, own, other };
}

type Registries = Awaited<ReturnType<typeof startRegistries>>;

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
  await loseJob(stack, 'docker.io/library/nginx:1.8.0', `${OWN}/mirror/team/a:stopped`);
  await repeatPlan(stack);
  await stack.invoke(controllerOf(stack), { dryRun: true });
  await stack.invoke(controllerOf(stack), { continue: { hops: 0, run: 'handed-over', rows: 1, onSchedule: false } });
  await stack.waitUntilIdle();
  blockQueue(stack);
  await loseImages(stack, own);
  stack.runSchedule();
  await stack.waitUntilIdle();
  await changeCustomResources(stack);
}
