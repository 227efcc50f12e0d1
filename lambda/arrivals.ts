import { copyKey } from '../aws/copy-key';
import type { Item } from '../aws/items';
import { conflictStands } from '../aws/leases';
import { isGivenUp } from '../aws/losses';
import { keyText, readMany } from '../aws/outcomes';
import { isQuarantined } from '../aws/quarantine';
import type { SkipReason } from '../lib/model/copy';
import { InvalidValue, printable } from '../lib/model/invalid';
import { CopyAttribute } from '../lib/model/names';
import { parseReference } from '../lib/model/reference';
import { type DryRun, dryRun } from './dry-run';
import type { Note } from './reply';
import type { World } from './world';

/** No waiting mends these. */
const HOPELESS: ReadonlySet<SkipReason> = new Set<SkipReason>(['invalid', 'not-allowed', 'contested', 'conflict']);
/** A deployment need not wait for these: nothing is wanted now, or for days. */
const SETTLED: ReadonlySet<SkipReason> = new Set<SkipReason>([
  'up-to-date',
  'paused',
  'expired',
  'not-due',
  'too-young',
]);

/** What a deployment waits for. */
export interface Expected {
  /** Rows by their key. */
  readonly sources: readonly string[];
  /** Milliseconds since the epoch: what failed before then is tried again. @default - a failed copy is waited for */
  readonly since?: number;
}

/**
 * Whether every image of these rows is where it is to be. Rows that are not in the table yet are not.
 *
 * @throws Error when waiting would be in vain, saying why: a row that asks for what it may not have, a tag that is taken, a
 * copy that failed since while no attempt of its job is left
 */
export async function haveArrived({ sources, since }: Expected, world: World): Promise<boolean> {
  const { copies, skipped, left } = await dryRun(sources, world);
  const hopeless = skipped.find((one) => HOPELESS.has(one.reason));
  if (hopeless !== undefined) throw new Error(`${hopeless.mirror}: ${hopeless.detail ?? hopeless.reason}`);
  const lost = await findLost(copies, since, world);
  if (lost !== undefined) throw new Error(lost);
  const young = skipped.filter(({ reason }) => reason === 'too-young');
  if (young.length > 0) world.log('not-waited-for', shownOf(young));
  const told = new Set(skipped.map(({ mirror }) => mirror));
  const unsettled = skipped.filter(({ reason }) => !SETTLED.has(reason));
  const unread = sources.filter((source) => !told.has(source));
  world.log('waiting', {
    copies: copies.slice(0, 5).map(({ source }) => source),
    rows: [...unsettled.map(({ mirror }) => mirror), ...unread].slice(0, 5),
  });
  return copies.length + unsettled.length + unread.length + left === 0;
}

function shownOf(notes: readonly Note[]) {
  const shown = notes.slice(0, 5);
  return { rows: shown.map(({ mirror }) => mirror), because: shown.map(({ detail = '' }) => detail) };
}

/** Why a copy will not come unless somebody acts, or the next run has better luck. */
async function findLost(
  copies: DryRun['copies'],
  since: number | undefined,
  world: World,
): Promise<string | undefined> {
  const pairs = copies.flatMap(({ source, digest, destinations }) =>
    destinations.map(({ to, why, onConflict }) => {
      const key = copyKey({ source: parseReference(source), destination: parseReference(to) });
      return { key, digest, taken: why === 'changed' || why === 'referrers', onConflict };
    }),
  );
  const items = await readMany(
    world.copies,
    pairs.map(({ key }) => key),
  );
  for (const { key, digest, taken, onConflict } of pairs) {
    const item = items.get(keyText(key));
    if (item === undefined) continue;
    const conflict = taken && conflictStands(item, digest, world.clock.now(), onConflict);
    const refused = isGivenUp(item) || isQuarantined(item, digest);
    if (conflict || (refused && isSince(item, since))) return describe(item);
  }
  return undefined;
}

function isSince(item: Item, since: number | undefined): boolean {
  return since !== undefined && Date.parse(String(item[CopyAttribute.LAST_CHECKED])) >= since;
}

function describe(item: Item): string {
  const { SOURCE, DESTINATION, STATE, ERROR } = CopyAttribute;
  return printable(`${item[SOURCE]} to ${item[DESTINATION]}: ${item[STATE]}: ${item[ERROR] ?? 'no reason was given'}`);
}

/** A custom resource's request, as CDK's provider framework hands it on. */
export interface DeploymentRequest extends Expected {
  readonly removed: boolean;
}

/**
 * An update is about the rows that it adds: so that going back to what was there before, after one of them did not come, waits
 * for nothing.
 *
 * @throws InvalidValue for an event that is none
 */
export function readDeploymentRequest(event: unknown): DeploymentRequest {
  const { RequestType, ResourceProperties, OldResourceProperties, Since } = (event ?? {}) as Record<string, unknown>;
  const sources = sourcesOf(ResourceProperties);
  if (typeof RequestType !== 'string' || sources === undefined) {
    throw new InvalidValue('deployment', event, 'a request of CloudFormation with Sources would do');
  }
  const before = new Set(sourcesOf(OldResourceProperties));
  return {
    sources: sources.filter((source) => !before.has(source)),
    removed: RequestType === 'Delete',
    ...(typeof Since === 'number' ? { since: Since } : {}),
  };
}

function sourcesOf(properties: unknown): readonly string[] | undefined {
  const { Sources } = (properties ?? {}) as Record<string, unknown>;
  return Array.isArray(Sources) && Sources.every((one) => typeof one === 'string') ? Sources : undefined;
}
