import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import type { Platform } from '../lib/model/descriptor';
import type { Digest } from '../lib/model/digest';
import { printable } from '../lib/model/invalid';
import { CopyAttribute } from '../lib/model/names';
import type { Outcome } from '../lib/model/outcome';
import { formatPlatforms } from '../lib/model/platform';
import type { Reference } from '../lib/model/reference';
import { copyKey, type Fenced } from './copy-key';
import { change, type Item, type Table } from './items';

/** What became of copies, written on their items. Times are ISO 8601 in UTC, so that they sort and people can read them. */

/** An error is for people: DynamoDB would take 400 KB. */
const LONGEST_ERROR = 1_000;
/** Keys that BatchGetItem takes at once. */
const READ_AT_ONCE = 100;
/** How often keys that DynamoDB left unread are asked for again. */
const READ_ATTEMPTS = 8;

/**
 * Writes how a copy ended and ends its lease. False, and nothing written, when the lease was taken over. A copy that was
 * stopped has not ended: give its lease back instead.
 */
export async function record(
  table: Table,
  outcome: Outcome,
  lease: { readonly fence: number; readonly job: string },
  now: number,
): Promise<boolean> {
  const ended = outcome.state === 'Mirrored' ? mirrored(outcome) : failed(outcome);
  const result = await change(table, copyKey(outcome), {
    update: ended.update,
    condition: '#Fence = :fence',
    values: {
      ...ended.values,
      ':state': outcome.state,
      ':source': outcome.source.digest,
      ':now': new Date(now).toISOString(),
      ':job': lease.job,
      ':fence': lease.fence,
      ':zero': 0,
    },
  });
  return result.written;
}

function mirrored(outcome: Outcome) {
  const part = partUpdate(outcome);
  const tags = tagUpdate(outcome);
  return {
    update:
      'SET #State = :state, #Digest = :digest, #PushedDigest = :digest, #SourceDigest = :source, ' +
      '#LastMirrored = :now, #LastChecked = :now, ' +
      `#Bytes = :bytes, #Seconds = :seconds, #Job = :job, #Failures = :zero${part.set}${tags.set} ` +
      `REMOVE #Error, #Code, #Lease, #StaleSince, #LastVerified, #Repaired, #Lacks${part.remove}${tags.remove}`,
    values: {
      ...part.values,
      ...tags.values,
      ':digest': outcome.digest ?? outcome.source.digest,
      ':bytes': outcome.bytes,
      ':seconds': outcome.seconds,
    },
  };
}

/** `Digest` and `LastMirrored` stay: the destination still holds what it held. */
function failed(outcome: Outcome) {
  const tags = outcome.state === 'Conflict' ? tagUpdate(outcome) : { set: '', remove: '', values: {} };
  return {
    update:
      'SET #State = :state, #SourceDigest = :source, #LastChecked = :now, #Job = :job, #Error = :error, #Code = :code, ' +
      `#Failures = if_not_exists(#Failures, :zero) + :one${tags.set} REMOVE #Lease${tags.remove}`,
    values: { ...tags.values, ...said(outcome), ':one': 1 },
  };
}

/** Why a copy failed, as its item says it. */
export function said({ error, code }: Pick<Outcome, 'error' | 'code'>): Item {
  return { ':error': line(error ?? 'failed without saying why'), ':code': code ?? 'INTERNAL' };
}

/** Says on a copy that still waits what it waits for, such as a queue that is blocked. */
export async function explainWait(table: Table, copy: Fenced, why: string): Promise<boolean> {
  const result = await change(table, copyKey(copy), {
    update: 'SET #Error = :error, #Code = :code',
    condition: '#Fence = :fence AND #Lease.#Kind = :queued',
    values: { ...said({ error: why, code: 'QUEUE_BLOCKED' }), ':fence': copy.fence, ':queued': 'queued' },
  });
  return result.written;
}

/** Which part of the source's image the destination holds, beside its digest, and whether one like it counts. */
function partUpdate({ platforms, compare }: Pick<Outcome, 'platforms' | 'compare'>) {
  return {
    set: `${platforms === undefined ? '' : ', #Platforms = :platforms'}${compare === undefined ? '' : ', #Compare = :compare'}`,
    remove: `${platforms === undefined ? ', #Platforms' : ''}${compare === undefined ? ', #Compare' : ''}`,
    values: {
      ...(platforms === undefined ? {} : { ':platforms': formatPlatforms(platforms) }),
      ...(compare === undefined ? {} : { ':compare': compare }),
    },
  };
}

/** Where it is, if not under its own tag, and where what was there before it is kept. */
function tagUpdate({ tag, kept }: Pick<Outcome, 'tag' | 'kept'>) {
  return {
    set: `${tag === undefined ? '' : ', #Tag = :tag'}${kept === undefined ? '' : ', #Kept = :kept'}`,
    remove: tag === undefined ? ', #Tag' : '',
    values: { ...(tag === undefined ? {} : { ':tag': tag }), ...(kept === undefined ? {} : { ':kept': kept }) },
  };
}

/** A destination that was found to hold what it should. */
export interface Unchanged {
  readonly source: Reference & { readonly digest: Digest };
  readonly destination: Reference;
  /** What it holds. @default - the source's digest */
  readonly digest?: Digest;
  /** Which part of the source's image that is. @default - all of it */
  readonly platforms?: readonly Platform[];
  /** Whether images with the same configs count as the same. @default - they do not */
  readonly compare?: 'config';
  /** The tag that holds it in place of the destination's. @default - the destination's own */
  readonly tag?: string;
}

/**
 * Brings the items of unchanged copies up to date: those without one, and those that failed when they were last tried.
 * What is already `Mirrored` with this digest is not written again. Returns how many were written.
 */
export async function recordUnchanged(table: Table, copies: readonly Unchanged[], now: number): Promise<number> {
  let count = 0;
  for (let at = 0; at < copies.length; at += READ_AT_ONCE) {
    const batch = uniqueByKey(copies.slice(at, at + READ_AT_ONCE));
    const known = await readMany(table, [...batch.values()].map(copyKey));
    for (const [key, copy] of batch) {
      const item = known.get(key);
      if (!(item !== undefined && isCurrent(item, copy)) && (await writeUnchanged(table, copy, now))) count += 1;
    }
  }
  return count;
}

function isCurrent(item: Item, { source, platforms, compare }: Unchanged): boolean {
  return (
    item[CopyAttribute.STATE] === 'Mirrored' &&
    item[CopyAttribute.SOURCE_DIGEST] === source.digest &&
    item[CopyAttribute.PLATFORMS] === (platforms === undefined ? undefined : formatPlatforms(platforms)) &&
    item[CopyAttribute.COMPARE] === compare
  );
}

async function writeUnchanged(table: Table, copy: Unchanged, now: number): Promise<boolean> {
  const part = partUpdate(copy);
  const tags = tagUpdate(copy);
  const result = await change(table, copyKey(copy), {
    update:
      `SET #State = :mirrored, #Digest = :digest, #SourceDigest = :source, #LastChecked = :now, #Failures = :zero${part.set}${tags.set} ` +
      `REMOVE #Error, #Code, #Lease, #StaleSince, #Expires${part.remove}${tags.remove}`,
    // What verification found lacking is not mended by the right digest under the tag.
    condition:
      '(attribute_not_exists(#Lease) OR #Lease.#Until < :seconds) AND (attribute_not_exists(#Lacks) OR #SourceDigest <> :source)',
    values: {
      ...part.values,
      ...tags.values,
      ':mirrored': 'Mirrored',
      ':digest': copy.digest ?? copy.source.digest,
      ':source': copy.source.digest,
      ':now': new Date(now).toISOString(),
      ':seconds': Math.floor(now / 1000),
      ':zero': 0,
    },
  });
  return result.written;
}

function uniqueByKey(copies: readonly Unchanged[]): Map<string, Unchanged> {
  return new Map(copies.map((copy) => [keyText(copyKey(copy)), copy]));
}

/** Items by {@link keyText}, eventually consistent. Those left out by a throttled table are missing. */
export async function readMany(table: Table, keys: readonly Item[]): Promise<Map<string, Item>> {
  const found = new Map<string, Item>();
  for (let at = 0; at < keys.length; at += READ_AT_ONCE) {
    let wanted: readonly Item[] = keys.slice(at, at + READ_AT_ONCE);
    for (let attempt = 0; wanted.length > 0 && attempt < READ_ATTEMPTS; attempt += 1) {
      const answer = await table.documents.send(
        new BatchGetCommand({ RequestItems: { [table.name]: { Keys: [...wanted] } } }),
      );
      for (const item of answer.Responses?.[table.name] ?? []) found.set(keyText(item), item);
      wanted = answer.UnprocessedKeys?.[table.name]?.Keys ?? [];
    }
  }
  return found;
}

export function keyText(item: Item): string {
  return `${item[CopyAttribute.SOURCE]} ${item[CopyAttribute.DESTINATION]}`;
}

export function line(text: string): string {
  const safe = printable(text);
  return safe.length > LONGEST_ERROR ? `${safe.slice(0, LONGEST_ERROR - 1)}…` : safe;
}
