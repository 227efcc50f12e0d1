import type { Skipped, SkipReason } from '../lib/model/copy';
import type { ErrorCode } from '../lib/model/error-code';
import { printable } from '../lib/model/invalid';
import { formatReference } from '../lib/model/reference';
import { codeOfSkipped } from '../lib/model/skip-code';

/** What an invocation did, as JSON for who asked. */
export interface Reply {
  readonly run: string;
  readonly trigger: string;
  /** Rows looked at. */
  readonly rows: number;
  /** Destinations that a job was submitted for. */
  readonly copies: number;
  readonly jobs: readonly string[];
  /** How many rows, images or destinations were left alone, by reason. */
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>;
  /** The first of those that somebody may want to do something about. */
  readonly notes: readonly Note[];
  readonly errors: readonly string[];
  /** Another invocation does the rest. */
  readonly continued: boolean;
}

/**
 * What an invocation fails for, so that Lambda tries it again. One that has handed on does not fail: tried again, it would hand
 * on again. What went wrong goes with what is left, and the last invocation of the run fails for it.
 */
export function failuresOf({ errors, continued }: Pick<Reply, 'errors' | 'continued'>): readonly string[] {
  return continued ? [] : errors;
}

export interface Note {
  readonly mirror: string;
  readonly source?: string;
  readonly destination?: string;
  readonly reason: SkipReason;
  /** What stands in the way is called. */
  readonly code?: ErrorCode;
  readonly detail?: string;
}

/** Notes in a reply: it must stay below Lambda's 6 MB however many rows are wrong. */
const MOST_NOTES = 200;

/** Nothing needs to be done about these. */
const ORDINARY: ReadonlySet<SkipReason> = new Set<SkipReason>([
  'up-to-date',
  'not-due',
  'paused',
  'in-progress',
  'too-young',
]);

/** Counts what is skipped and keeps the first notes, so that memory stays flat. */
export interface SkipTally {
  add(skipped: readonly Skipped[]): void;
  counts(): Partial<Record<SkipReason, number>>;
  notes(): readonly Note[];
}

export function skipTally(): SkipTally {
  const counts: Partial<Record<SkipReason, number>> = {};
  const notes: Note[] = [];
  return {
    add(skipped) {
      for (const one of skipped) {
        counts[one.reason] = (counts[one.reason] ?? 0) + 1;
        if (!ORDINARY.has(one.reason) && notes.length < MOST_NOTES) notes.push(noteOf(one));
      }
    },
    counts: () => counts,
    notes: () => notes,
  };
}

export function noteOf(skipped: Skipped): Note {
  const { mirror, source, destination, reason, detail } = skipped;
  const code = codeOfSkipped(skipped);
  return {
    mirror: printable(mirror),
    ...(source === undefined ? {} : { source: formatReference(source) }),
    ...(destination === undefined ? {} : { destination: formatReference(destination) }),
    reason,
    ...(code === undefined ? {} : { code }),
    ...(detail === undefined ? {} : { detail: printable(detail) }),
  };
}
