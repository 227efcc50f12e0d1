import type { Digest } from '../lib/model/digest';
import { CopyAttribute } from '../lib/model/names';
import { MOST_REMOVALS, REMOVAL_SECONDS, type Removals, SETTLED_SECONDS } from '../lib/model/removal';
import { type CopyPair, copyKey } from './copy-key';
import { change, type Item, type Table } from './items';
import { said } from './outcomes';

/**
 * What is written down about images that were mirrored and are gone. `Removals` counts how often, `LastRemoved` says when last,
 * and `Removal` what the count is about: the `Digest` of the source and, by its fingerprint, the lifecycle `Policy`.
 */

/** A copy that is missing although it was mirrored, as its item says. */
export interface Removed {
  readonly before?: Removals;
  /** Why it is not put back for now. @default - it is not known yet whether it is */
  readonly stopped?: string;
}

/** Conditions under which a copy that is missing is neither a removal nor refused because of removals. */
export const NOT_REMOVED =
  'NOT (#State = :mirrored AND #SourceDigest = :digest AND ' +
  '(#LastMirrored < :settled OR (attribute_not_exists(#LastMirrored) AND #LastChecked < :settled))) AND ' +
  'NOT (#State = :conflict AND #Removal.#Digest = :digest AND #Removals >= :most AND #LastRemoved > :recent)';

/** The values of {@link NOT_REMOVED}, but for `:digest`. */
export function removalValues(now: number): Item {
  return {
    ':mirrored': 'Mirrored',
    ':conflict': 'Conflict',
    ':settled': iso(now - SETTLED_SECONDS * 1000),
    ':recent': iso(now - REMOVAL_SECONDS * 1000),
    ':most': MOST_REMOVALS,
  };
}

/** What an item says that {@link NOT_REMOVED} did not hold for. Undefined when it is about something else. */
export function removedIn(item: Item | undefined, digest: Digest): Removed | undefined {
  if (item === undefined) return undefined;
  const { State, SourceDigest, Error: error } = item;
  const before = countIn(item, digest);
  if (State === 'Mirrored' && SourceDigest === digest) return before === undefined ? {} : { before };
  if (State !== 'Conflict' || before === undefined || before.times < MOST_REMOVALS) return undefined;
  return { before, stopped: String(error) };
}

function countIn(item: Item, digest: Digest): Removals | undefined {
  const removal = item[CopyAttribute.REMOVAL] as { Digest?: unknown; Policy?: unknown } | undefined;
  if (removal?.Digest !== digest) return undefined;
  const { Policy: policy } = removal;
  return {
    times: Number(item[CopyAttribute.REMOVALS]),
    ...(typeof policy === 'string' ? { policy } : {}),
  };
}

const UNLEASED = '(attribute_not_exists(#Lease) OR #Lease.#Until < :seconds)';
const COUNT = 'SET #Removals = :times, #LastRemoved = :now, #Removal = :removal';

/** Counts a removal after which the copy is wanted again. False: somebody else has counted it, or put it back. */
export async function recordRemoval(table: Table, pair: CopyPair, removals: Removals, now: number): Promise<boolean> {
  const { written } = await change(table, copyKey(pair), {
    update: `${COUNT}, #State = :queued, #StaleSince = if_not_exists(#StaleSince, :now)`,
    condition: `#State = :mirrored AND #SourceDigest = :digest AND ${UNLEASED}`,
    values: { ...countValues(pair, removals, now), ':queued': 'Queued' },
  });
  return written;
}

/** Counts a removal after which the copy is not put back, and says why. */
export async function recordStop(
  table: Table,
  pair: CopyPair,
  removals: Removals,
  error: string,
  now: number,
): Promise<boolean> {
  const { written } = await change(table, copyKey(pair), {
    update:
      `${COUNT}, #State = :conflict, #Error = :error, #Code = :code, #LastChecked = :now, ` +
      '#StaleSince = if_not_exists(#StaleSince, :now)',
    condition: `#State = :mirrored AND #SourceDigest = :digest AND ${UNLEASED}`,
    values: { ...countValues(pair, removals, now), ':conflict': 'Conflict', ...said({ error, code: 'IMAGE_REMOVED' }) },
  });
  return written;
}

function countValues(pair: CopyPair, { times, policy }: Removals, now: number): Item {
  return {
    ':times': times,
    ':now': iso(now),
    ':removal': { Digest: pair.source.digest, ...(policy === undefined ? {} : { Policy: policy }) },
    ':mirrored': 'Mirrored',
    ':digest': pair.source.digest,
    ':seconds': Math.floor(now / 1000),
  };
}

/** What was counted says nothing any more: the copy may be planned as if it had never been removed. */
export async function forgetRemovals(table: Table, pair: CopyPair, now: number): Promise<void> {
  await change(table, copyKey(pair), {
    update: 'SET #State = :queued REMOVE #Removals, #LastRemoved, #Removal, #Error, #Code',
    condition: `#State = :conflict AND #Removal.#Digest = :digest AND ${UNLEASED}`,
    values: {
      ':queued': 'Queued',
      ':conflict': 'Conflict',
      ':digest': pair.source.digest,
      ':seconds': Math.floor(now / 1000),
    },
  });
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
