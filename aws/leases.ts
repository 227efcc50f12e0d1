import { CLOCKS_APART } from '../lib/model/clocks';
import type { CopyReason } from '../lib/model/copy';
import type { OnConflict } from '../lib/model/mirror';
import { CopyAttribute } from '../lib/model/names';
import type { SignatureRequirement } from '../lib/model/signature-requirement';
import { type CopyPair, copyKey, type Fenced } from './copy-key';
import { change, type Item, type Table } from './items';
import { isQuarantined, NOT_QUARANTINED, quarantineValues } from './quarantine';
import { NOT_REMOVED, type Removed, removalValues, removedIn } from './removals';

/**
 * Who may work on a copy. One conditional write each, on the item of the copy in the table of copies.
 *
 * `Lease` is a map: `Kind` (`queued`: planned, its job has not started; `running`: a worker renews it), `Plan`, `Job`,
 * `Digest` (of the source) and `Until` (epoch seconds, by the clock of who wrote it). `Fence` counts how often the copy was
 * leased: who shows an older number has been replaced.
 */

/** Seconds that a job may wait in the queue before its copies are planned again. */
export const QUEUED_SECONDS = 2 * 3600;
/** Seconds without renewal after which a worker counts as dead. Clocks may be five minutes apart. */
export const RUNNING_SECONDS = 600;
/** Milliseconds between renewals. */
export const RENEWAL = 60_000;
/** Seconds for which a conflict stands before the same copy is tried again: the tag may have been freed. */
const CONFLICT_SECONDS = 24 * 3600;

export type Acquired = { readonly fence: number; readonly staleSince: string } | Refused;

export interface Refused {
  readonly held: string;
  readonly because: 'in-progress' | 'conflict' | 'quarantined';
  readonly staleSince?: string;
  /** The plan that it waits for, whose job has not started. @default - a worker has it, or nobody */
  readonly queued?: Queued;
  /** Nobody has it: it was mirrored and is gone. Whether it is put back is to be decided. @default - no such thing */
  readonly removed?: Removed;
}

/** Whose job a copy waits for. */
export interface Queued {
  readonly plan: string;
  /** Milliseconds since the epoch, by the clock of who planned it. */
  readonly since: number;
}

/** A copy that is wanted. */
export interface Wanted extends CopyPair {
  readonly why: CopyReason;
  /** @default 'report' */
  readonly onConflict?: OnConflict;
  /** Rows, by their key, that want it. @default - none: it is copied by hand */
  readonly rows?: readonly string[];
  /** Whether what is missing although it was mirrored is told apart, and not leased. @default false */
  readonly heedsRemovals?: boolean;
  /** Who must have signed it: an image that was refused for that is not tried again for a while. @default - nobody */
  readonly requireSignature?: SignatureRequirement;
}

/** Rows that are noted on a copy: the first will do. */
const MOST_ROWS = 20;

/**
 * Reserves a copy from plan to start. Refused while another plan or a worker has it for the same source digest; taken over
 * when they are late, or when the source has moved on since. A plan that has it already has it still, by the same number: it
 * may be carried out twice, and has one job win. A job by hand plans under its own name: when it is killed and tried again, it
 * takes over from itself.
 *
 * @param now milliseconds since the epoch
 * @param abandoned a plan for which there will be no job: it is taken over from
 */
export async function acquire(
  table: Table,
  pair: Wanted,
  plan: string,
  now: number,
  abandoned?: string,
): Promise<Acquired> {
  const unleased =
    '(attribute_not_exists(#Lease) OR #Lease.#Until < :now OR #Lease.#Until > :never OR #Lease.#Digest <> :digest ' +
    `OR #Lease.#Job = :plan${abandoned === undefined ? '' : ' OR #Lease.#Plan = :abandoned'})`;
  const unresolved = 'NOT (#State = :conflict AND #SourceDigest = :digest AND #LastChecked > :recently)';
  // An immutable tag may be one of cosign's.
  const retriesConflict = pair.why !== 'changed' && pair.why !== 'referrers';
  // A conflict that was found when the image was not to be mirrored beside says nothing.
  const taken = pair.onConflict === 'suffix' ? `${unresolved.slice(0, -1)} AND attribute_exists(#Tag))` : unresolved;
  const heeds = pair.heedsRemovals === true && pair.why === 'missing';
  const { rows = [], requireSignature } = pair;
  const refused = [
    ...(heeds ? [NOT_REMOVED] : retriesConflict ? [] : [taken]),
    ...(requireSignature === undefined ? [] : [NOT_QUARANTINED]),
  ].join(' AND ');
  // What is only looked at is what its source is, as far as anybody knows.
  const stale = pair.why === 'verify' ? '' : ', #StaleSince = if_not_exists(#StaleSince, :stale)';
  const outcome = await change(table, copyKey(pair), {
    // What was retired is in force again, and is not to be deleted.
    update:
      'SET #Lease = :lease, #Fence = if_not_exists(#Fence, :zero) + :one, #State = :queued' +
      `${stale}${rows.length === 0 ? '' : ', #Rows = :rows'} REMOVE #Expires`,
    condition: refused === '' ? unleased : `${unleased} AND (attribute_not_exists(#State) OR (${refused}))`,
    values: {
      ...(rows.length === 0 ? {} : { ':rows': rows.slice(0, MOST_ROWS) }),
      ':lease': { Kind: 'queued', Plan: plan, Digest: pair.source.digest, Until: seconds(now) + QUEUED_SECONDS },
      ':zero': 0,
      ':one': 1,
      ':queued': 'Queued',
      ':now': seconds(now),
      // A lease that ends later than any clock could have said is none.
      ':never': seconds(now) + QUEUED_SECONDS + CLOCKS_APART,
      ...(abandoned === undefined ? {} : { ':abandoned': abandoned }),
      ...(pair.why === 'verify' ? {} : { ':stale': new Date(now).toISOString() }),
      ':digest': pair.source.digest,
      ':plan': plan,
      ...(retriesConflict ? {} : { ':conflict': 'Conflict', ':recently': recently(now) }),
      ...(heeds ? removalValues(now) : {}),
      ...(requireSignature === undefined ? {} : quarantineValues(requireSignature)),
    },
  });
  if (outcome.written) return { fence: Number(outcome.item.Fence), ...staleness(outcome.item) };
  const { found } = outcome;
  const isOwn = queuedBy(found)?.plan === plan;
  if (isOwn) return { fence: Number(found?.Fence), ...staleness(found ?? {}) };
  const removed = heeds && found?.Lease === undefined ? removedIn(found, pair.source.digest) : undefined;
  if (found?.Lease === undefined && isQuarantined(found, pair.source.digest)) return quarantine(found);
  return { ...refusal(found), ...(removed === undefined ? {} : { removed }) };
}

/** Whether a conflict was found so recently that the same copy is not tried again, unless the tag is free. */
export function conflictStands(item: Item, digest: string, now: number, onConflict?: OnConflict): boolean {
  const { State, SourceDigest, LastChecked, Tag } = item;
  const isTaken = onConflict !== 'suffix' || Tag !== undefined;
  return isTaken && State === 'Conflict' && SourceDigest === digest && String(LastChecked) > recently(now);
}

function recently(now: number): string {
  return new Date(now - CONFLICT_SECONDS * 1000).toISOString();
}

function staleness(item: Item): { readonly staleSince: string } {
  return { staleSince: String(item[CopyAttribute.STALE_SINCE]) };
}

function quarantine(found: Item | undefined): Refused {
  const { held, staleSince } = refusal(found);
  return { held, because: 'quarantined', ...(staleSince === undefined ? {} : { staleSince }) };
}

function refusal(found: Item | undefined): Refused {
  const lease = found?.Lease as Item | undefined;
  const since = found?.[CopyAttribute.STALE_SINCE] === undefined ? {} : staleness(found);
  if (lease === undefined) return { held: String(found?.Error ?? 'the tag is taken'), because: 'conflict', ...since };
  const holder = lease.Job === undefined ? `plan ${lease.Plan}` : `job ${lease.Job}`;
  const queued = queuedBy(found);
  return { held: holder, because: 'in-progress', ...since, ...(queued === undefined ? {} : { queued }) };
}

function queuedBy(item: Item | undefined): Queued | undefined {
  const lease = item?.Lease as Item | undefined;
  if (lease?.Kind !== 'queued') return undefined;
  return { plan: String(lease.Plan), since: (Number(lease.Until) - QUEUED_SECONDS) * 1000 };
}

/** `mirrored`, `quarantined`: recorded so under this very lease, by an attempt of the job before this one. */
export type Started = 'started' | 'mirrored' | 'quarantined' | 'lost';

/** A job takes over the lease that was queued for it. `lost`: the fence is another's by now, or another worker is alive. */
export async function start(table: Table, copy: Fenced, job: string, now: number): Promise<Started> {
  const free =
    '(attribute_not_exists(#Lease) OR #Lease.#Kind = :queuedKind OR #Lease.#Job = :job OR #Lease.#Until < :now)';
  const outcome = await change(table, copyKey(copy), {
    update: 'SET #Lease = :lease, #State = :copying, #Job = :job',
    condition: `#Fence = :fence AND NOT #State IN (:mirrored, :quarantined) AND ${free}`,
    values: {
      ':lease': { Kind: 'running', Job: job, Digest: copy.source.digest, Until: seconds(now) + RUNNING_SECONDS },
      ':copying': 'Copying',
      ':mirrored': 'Mirrored',
      ':quarantined': 'Quarantined',
      ':queuedKind': 'queued',
      ':job': job,
      ':fence': copy.fence,
      ':now': seconds(now),
    },
  });
  if (outcome.written) return 'started';
  if (outcome.found?.Fence !== copy.fence) return 'lost';
  const { State } = outcome.found;
  return State === 'Mirrored' ? 'mirrored' : State === 'Quarantined' ? 'quarantined' : 'lost';
}

/** Says that the worker is alive. False: it has been replaced and should let the copy go. */
export async function renew(table: Table, copy: Fenced, job: string, now: number): Promise<boolean> {
  const outcome = await change(table, copyKey(copy), {
    update: 'SET #Lease.#Until = :until',
    condition: '#Fence = :fence AND #Lease.#Job = :job',
    values: { ':until': seconds(now) + RUNNING_SECONDS, ':fence': copy.fence, ':job': job },
  });
  return outcome.written;
}

/** Gives a lease back unused: whoever plans the copy next may have it at once. Nothing happens when it is another's. */
export async function giveBack(table: Table, copy: Fenced): Promise<void> {
  await change(table, copyKey(copy), {
    update: 'SET #State = :queued REMOVE #Lease',
    condition: '#Fence = :fence AND attribute_exists(#Lease)',
    values: { ':queued': 'Queued', ':fence': copy.fence },
  });
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
