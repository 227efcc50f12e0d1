import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ecrApi, ecrPushEvent } from '../ecr';
import { type Built, pushBuilt } from '../images';
import { type RunningRegistry, startRegistry } from '../registry';
import { type LocalStack, startStack } from '../stack';
import { synthesize } from '../synth';
import { alpine, app, busybox, nginx, redis, redisSignature } from './upstream';

export const ACCOUNT = '111122223333';
export const REGION = 'eu-west-1';
export const OWN = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com`;

/** Repositories that an operator has created; those of declared images come with the stack. */
const REPOSITORIES = [
  'released/app',
  'prod/app',
  'mirror/team-a/alpine',
  'mirror/team-b/alpine',
  'mirror/tools/alpine',
  'mirror/tools/busybox',
];

export interface World {
  readonly hub: RunningRegistry;
  readonly publicEcr: RunningRegistry;
  readonly partner: RunningRegistry;
  readonly own: RunningRegistry;
  /** By the names that rows have for them. */
  readonly registries: Readonly<Record<string, RunningRegistry>>;
  readonly stack: LocalStack;
  /** Pushes to a registry as its owner would. */
  push(registry: RunningRegistry, repository: string, built: Built, tags?: readonly string[]): Promise<void>;
  /** Amazon ECR's API of the own account. */
  readonly ecr: ReturnType<typeof ecrApi>;
  stop(): Promise<void>;
}

/** Four registries, what lies in them, and the sample app's stack. The rows that it declares are there from the beginning. */
export async function startWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'ecr-mirror-demo-'));
  const synthesis = synthesize(folder);
  const deployed: { stack?: LocalStack } = {};
  const [hub, publicEcr, partner] = await Promise.all([
    startRegistry({ personality: { kind: 'docker-hub' } }),
    startRegistry(),
    startRegistry(),
  ]);
  const own: RunningRegistry = await startRegistry({
    personality: { kind: 'ecr', account: ACCOUNT, region: REGION, repositories: REPOSITORIES },
    onPush: (push) => {
      if (own.ecr !== undefined) deployed.stack?.deliver(ecrPushEvent(own.ecr, push));
    },
  });
  const push: World['push'] = (registry, repository, built, tags) =>
    pushBuilt(registry.address, repository, built, tags, ownersOf(registry));
  await stock({ hub, publicEcr, own, push });
  const registries = { 'docker.io': hub, 'public.ecr.aws': publicEcr, [OWN]: own, 'ghcr.io': partner };
  const all = Object.values(registries);
  for (const registry of all) registry.forgetRequests();
  await synthesis;
  const stack = await startStack({ assembly: folder, account: ACCOUNT, region: REGION, registries });
  deployed.stack = stack;
  return {
    hub,
    publicEcr,
    partner,
    own,
    registries,
    stack,
    push,
    ecr: ecrApi(own),
    stop: async () => {
      await stack.stop();
      await Promise.all(all.map((registry) => registry.close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function ownersOf({ ecr }: RunningRegistry): { authorization?: string } {
  return ecr === undefined ? {} : { authorization: `Basic ${ecr.authorizationToken().token}` };
}

async function stock({ hub, publicEcr, own, push }: Pick<World, 'hub' | 'publicEcr' | 'own' | 'push'>): Promise<void> {
  await push(hub, 'library/nginx', nginx('1.24.0'), ['1.24.0']);
  await push(hub, 'library/nginx', nginx('1.27.0'), ['1.27.0']);
  await push(hub, 'library/alpine', alpine(1), ['3.20']);
  await push(hub, 'library/busybox', busybox, ['1.36', 'latest']);
  await push(publicEcr, 'docker/library/redis', redis, ['8']);
  await push(publicEcr, 'docker/library/redis', redisSignature);
  await push(own, 'released/app', app('1.0.0'), ['1.0.0']);
}
