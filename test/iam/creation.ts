import type { Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { EcrMirror, RepositoryCreation } from '../../lib/index';
import { image, pushBuilt } from '../../local/images';
import { startRegistry } from '../../local/registry';
import type { LocalStack } from '../../local/stack';
import { tell } from './deployment';
import { OTHER, OTHER_ACCOUNT, OTHER_ROLE, OWN, OWN_REGION, PLACE, REPOSITORY_KEY } from './place';
import type { Told } from './record';

/** What is granted for repositories that the worker creates, used. */
export const tellCreation = (): Promise<Told> =>
  tell({
    region: OWN_REGION,
    declare,
    startRegistries,
    places: ({ hub, publicEcr, own, other }) => ({
      'docker.io': hub,
      'public.ecr.aws': publicEcr,
      [OWN]: own,
      [OTHER]: other,
    }),
    live,
  });

function declare(stack: Stack): void {
  const own = `${stack.account}.dkr.ecr.${stack.region}.${stack.urlSuffix}`;
  new EcrMirror(stack, 'Mirror', {
    allowedDestinations: [`${own}/mirror/**`, `${own}/prod/**`, `${OTHER}/mirror/**`],
    accountRoles: [{ account: OTHER_ACCOUNT, roleArn: OTHER_ROLE }],
    repositoryCreation: RepositoryCreation.BY_WORKER,
    repositoryDefaults: {
      encryptionKey: Key.fromKeyArn(stack, 'RepositoryKey', REPOSITORY_KEY),
      tags: { team: 'platform' },
      pullOrganizations: ['o-1111111111'],
    },
  });
}

async function startRegistries() {
  const hub = await startRegistry();
  const publicEcr = await startRegistry();
  const own = await startRegistry({ personality: { kind: 'ecr', ...PLACE } });
  const other = await startRegistry({ personality: { kind: 'ecr', account: OTHER_ACCOUNT, region: OWN_REGION } });
  return { hub, publicEcr, own, other };
}

async function live(stack: LocalStack, registries: Awaited<ReturnType<typeof startRegistries>>): Promise<void> {
  const { hub, own, other } = registries;
  await pushBuilt(hub.address, 'library/nginx', image({ seed: 'nginx' }), ['1.27.3']);
  const Destination = ['mirror/team/nginx', 'prod/nginx'].map((name) => `${OWN}/${name}`);
  await stack.putRow({
    Source: 'docker.io/library/nginx:1.27.3',
    Destination: [...Destination, `${OTHER}/mirror/nginx`],
  });
  await stack.waitUntilIdle();
  if (!own.state.repositories.has('mirror/team/nginx')) throw new Error('the worker created no repository');
  if (!other.state.repositories.has('mirror/nginx')) throw new Error('the worker created none in the other account');
  if (own.state.repositories.has('prod/nginx')) throw new Error('the worker created a repository beyond the prefix');
}
