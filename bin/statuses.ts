import type { CopyFacts } from '../lib/model/freshness';
import {
  DEFAULT_STALE_AFTER,
  type Freshness,
  type FreshnessContext,
  freshnessOf,
  VERDICTS,
  type Verdict,
} from '../lib/model/freshness';
import { type Entry, inventory, type RowFacts } from '../lib/model/inventory';
import type { ParsedRow } from '../lib/model/mirror';
import { lastWholeRun, type RunFacts, silence } from '../lib/model/run-history';

/** What was seen and done, from the tables or from a state file. */
export interface Observation {
  readonly copies: readonly CopyFacts[];
  readonly rows: ReadonlyMap<string, RowFacts>;
  /** Newest first. */
  readonly runs: readonly RunFacts[];
}

/** A copy, or a row as a whole, and how fresh it is. */
export type CopyStatus = Entry & Freshness;

/** How a mirror is. */
export interface Statuses {
  /** Those that somebody should look at first. */
  readonly copies: readonly CopyStatus[];
  readonly counts: Readonly<Record<Verdict, number>>;
  readonly controller: ControllerStatus;
  /** Of the controller, newest first. */
  readonly runs: readonly RunFacts[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface ControllerStatus {
  /** The newest run of any kind. */
  readonly lastRun?: RunFacts;
  /** The newest run on schedule that went through all rows. */
  readonly lastWholeRun?: RunFacts;
  /** Seconds without a run on schedule, when there should have been one. */
  readonly silentFor?: number;
}

export interface JudgeOptions {
  readonly now: number;
  /** Seconds. @default - what the row says, or a day */
  readonly staleAfter?: number;
}

/** How fresh each copy is that rows want or that is there. */
export function judge(rows: readonly ParsedRow[], observed: Observation, { now, staleAfter }: JudgeOptions): Statuses {
  const whole = lastWholeRun(observed.runs);
  const copies = inventory(rows, observed.copies, observed.rows, now).map((entry) => ({
    ...entry,
    ...freshnessOf(entry.facts, contextOf(entry, whole, now, staleAfter ?? entry.staleAfter ?? DEFAULT_STALE_AFTER)),
  }));
  const counts = { failed: 0, stale: 0, waiting: 0, fresh: 0, idle: 0 };
  for (const { verdict } of copies) counts[verdict] += 1;
  const [lastRun] = observed.runs;
  const silentFor = silence(observed.runs, now);
  return {
    copies: copies.sort(byUrgency),
    counts,
    controller: {
      ...(lastRun === undefined ? {} : { lastRun }),
      ...(whole === undefined ? {} : { lastWholeRun: whole }),
      ...(silentFor === undefined ? {} : { silentFor }),
    },
    runs: observed.runs,
    now,
  };
}

function contextOf(
  { row, every, idle, rowFacts }: Entry,
  whole: RunFacts | undefined,
  now: number,
  staleAfter: number,
): FreshnessContext {
  const looked = rowFacts?.lastChecked;
  const seen = every === undefined ? newest(whole?.started, looked) : looked;
  // Since something is wrong with the row, runs that went over it may not have come as far as this copy.
  const until = rowFacts?.problem === undefined ? undefined : rowFacts.staleSince;
  const lookedAt = seen === undefined || until === undefined ? seen : Math.min(seen, until);
  return {
    now,
    staleAfter,
    ...(row === undefined || lookedAt === undefined ? {} : { lookedAt }),
    ...(every === undefined ? {} : { every }),
    ...(idle === undefined ? {} : { idle }),
  };
}

function newest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);
}

function byUrgency(one: CopyStatus, other: CopyStatus): number {
  const urgency = VERDICTS.indexOf(one.verdict) - VERDICTS.indexOf(other.verdict);
  return urgency || compare(one.source, other.source) || compare(one.destination, other.destination);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
