import type { Digest } from './digest';
import { parseEcrHost } from './ecr-host';
import { type InUse, useOf } from './in-use';
import { printable, show } from './invalid';
import { repositoryPlace, tagPlace } from './place';
import type { Reference } from './reference';

/** What may be deleted from destinations, and why all else stays. Deciding alone: nothing here deletes. */

/** A copy, as the table of copies knows it. */
export interface MadeCopy {
  readonly source: Reference;
  readonly destination: Reference;
  /** What the mirror itself put there last. @default - nothing that is known */
  readonly pushed?: Digest;
  /** Rows, by their key, that wanted it. Empty: it was copied by hand. */
  readonly rows: readonly string[];
  /** A job waits or works. */
  readonly isBusy: boolean;
}

/** What a destination's tag holds now. */
export interface HeldImage {
  readonly digest: Digest;
  /** All tags of the image, this one included. */
  readonly tags: readonly string[];
  /** Milliseconds since the epoch. @default - nobody says */
  readonly pushedAt?: number;
  /** Milliseconds since the epoch, exact to a day. @default - never, as far as Amazon ECR has recorded */
  readonly pulledAt?: number;
  readonly isArchived: boolean;
  readonly isIndex: boolean;
}

/** What rows want, as far as that is known. */
export interface Wants {
  /** {@link tagPlace} of each destination that a row wants. */
  readonly wanted: ReadonlySet<string>;
  /** Rows that are there and in force. */
  readonly rows: ReadonlySet<string>;
  /** Rows of which is not known what they want now. */
  readonly doubtful: readonly DoubtfulRow[];
}

export interface DoubtfulRow {
  readonly key: string;
  /** One line. */
  readonly why: string;
  /** {@link repositoryPlace} of its source and destinations: all of there may be its. @default - anything may be its */
  readonly places?: ReadonlySet<string>;
}

/** Something that could not be looked into. */
export interface Unseen {
  /** One line: what, and what was got. */
  readonly what: string;
  /** The account whose images it may use. @default - any image may be used there */
  readonly account?: string;
}

export interface Evidence {
  readonly wants: Wants;
  readonly inUse: InUse;
  readonly unseen: readonly Unseen[];
  /** Milliseconds: what was pulled or pushed less than that ago stays. */
  readonly unusedFor: number;
  readonly now: number;
}

export type Verdict =
  | { readonly kind: 'wanted' }
  /** May go: why nobody wants it. */
  | { readonly kind: 'prune'; readonly why: string }
  /** The mirror made it and nobody wants it, but it is not there any more. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'kept'; readonly reason: KeptReason; readonly detail: string };

export type KeptReason =
  | 'elsewhere'
  | 'not-ours'
  | 'row-in-doubt'
  | 'busy'
  | 'unknown'
  | 'archived'
  | 'in-use'
  | 'not-seen'
  | 'pulled'
  | 'new';

/** Whether the rows and the table of copies let a copy go. `prune` then asks for what its destination holds. */
export function judgeWish(copy: MadeCopy, wants: Wants): Verdict {
  const { destination, pushed, rows, isBusy } = copy;
  if (wants.wanted.has(tagPlace(destination))) return { kind: 'wanted' };
  if (parseEcrHost(destination.repository.registry) === undefined) {
    return kept('elsewhere', 'only destinations in Amazon ECR are pruned');
  }
  if (pushed === undefined) return kept('not-ours', 'it was there before the mirror came');
  if (rows.length === 0) return kept('not-ours', 'it was copied by hand, for no row');
  const doubt = wants.doubtful.find((row) => mayWant(row, copy));
  if (doubt !== undefined) return kept('row-in-doubt', `row ${show(doubt.key)}: ${printable(doubt.why)}`);
  if (isBusy) return kept('busy', 'a job has it; once that has ended, prune again');
  return { kind: 'prune', why: whyUnwanted(rows, wants) };
}

function mayWant({ key, places }: DoubtfulRow, { source, destination, rows }: MadeCopy): boolean {
  if (places === undefined || rows.includes(key)) return true;
  return places.has(repositoryPlace(source.repository)) || places.has(repositoryPlace(destination.repository));
}

function whyUnwanted(rows: readonly string[], wants: Wants): string {
  const there = rows.find((row) => wants.rows.has(row));
  return there === undefined ? `row ${show(rows[0])} is gone` : `row ${show(there)} does not select it any more`;
}

/** Whether a copy that {@link judgeWish} lets go may go, by what its destination holds and who uses that. */
export function judgeImage(copy: MadeCopy, why: string, held: HeldImage | Error | undefined, by: Evidence): Verdict {
  if (held instanceof Error) return kept('unknown', held.message);
  if (held === undefined) return { kind: 'gone' };
  if (held.digest !== copy.pushed) return kept('not-ours', `the tag holds another image, ${held.digest}`);
  if (held.isArchived) return kept('archived', 'it is in the archive, whose own rules delete it');
  const use = useOf(by.inUse, copy, held);
  if (use !== undefined) return kept('in-use', printable(use));
  const account = parseEcrHost(copy.destination.repository.registry)?.account;
  const unseen = by.unseen.find((one) => one.account === undefined || one.account === account);
  if (unseen !== undefined) return kept('not-seen', printable(unseen.what));
  const since = by.now - by.unusedFor;
  if (held.pulledAt !== undefined && held.pulledAt > since)
    return kept('pulled', `it was pulled on ${day(held.pulledAt)}`);
  if (held.pushedAt === undefined) return kept('new', 'nobody says when it was pushed');
  if (held.pushedAt > since) return kept('new', `it was pushed on ${day(held.pushedAt)}`);
  return { kind: 'prune', why };
}

function kept(reason: KeptReason, detail: string): Verdict {
  return { kind: 'kept', reason, detail };
}

function day(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10);
}
