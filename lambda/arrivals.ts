import type { SkipReason } from '../lib/model/copy';
import { InvalidValue } from '../lib/model/invalid';
import { dryRun } from './dry-run';
import type { World } from './world';

/** No waiting mends these. */
const HOPELESS: ReadonlySet<SkipReason> = new Set<SkipReason>(['invalid', 'not-allowed', 'contested', 'conflict']);
/** A deployment need not wait for these: nothing is wanted now. */
const SETTLED: ReadonlySet<SkipReason> = new Set<SkipReason>(['up-to-date', 'paused', 'expired', 'not-due']);

/**
 * Whether every image of these rows is where it is to be. Rows that are not in the table yet are not.
 *
 * @throws Error when waiting would be in vain, saying why
 */
export async function haveArrived(sources: readonly string[], world: World): Promise<boolean> {
  const { copies, skipped, left } = await dryRun(sources, world);
  const hopeless = skipped.find((one) => HOPELESS.has(one.reason));
  if (hopeless !== undefined) throw new Error(`${hopeless.mirror}: ${hopeless.detail ?? hopeless.reason}`);
  const told = new Set(skipped.map(({ mirror }) => mirror));
  const unsettled = skipped.filter(({ reason }) => !SETTLED.has(reason));
  const unread = sources.filter((source) => !told.has(source));
  world.log('waiting', {
    copies: copies.slice(0, 5).map(({ source }) => source),
    rows: [...unsettled.map(({ mirror }) => mirror), ...unread].slice(0, 5),
  });
  return copies.length + unsettled.length + unread.length + left === 0;
}

/** A custom resource's request, as CDK's provider framework hands it on. */
export interface DeploymentRequest {
  readonly sources: readonly string[];
  readonly removed: boolean;
}

/** @throws InvalidValue for an event that is none */
export function readDeploymentRequest(event: unknown): DeploymentRequest {
  const { RequestType, ResourceProperties } = (event ?? {}) as Record<string, unknown>;
  const { Sources } = (ResourceProperties ?? {}) as Record<string, unknown>;
  if (typeof RequestType === 'string' && Array.isArray(Sources) && Sources.every((one) => typeof one === 'string')) {
    return { sources: Sources, removed: RequestType === 'Delete' };
  }
  throw new InvalidValue('deployment', event, 'a request of CloudFormation with Sources would do');
}
