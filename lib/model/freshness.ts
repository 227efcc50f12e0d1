import { CLOCKS_APART } from './clocks';
import type { ErrorCode } from './error-code';
import { nextDue } from './every';
import type { Every } from './mirror';
import type { CopyState } from './outcome';

/** What is known of one copy. Times are milliseconds since the epoch, by the clock of who wrote them. */
export interface CopyFacts {
  /** Canonical, with its tag. */
  readonly source: string;
  readonly destination: string;
  readonly state: CopyState;
  /** What the destination holds, and what the source had. */
  readonly digest?: string;
  readonly sourceDigest?: string;
  readonly lastMirrored?: number;
  readonly lastChecked?: number;
  /** Since when the destination is not what the source is. */
  readonly staleSince?: number;
  readonly bytes?: number;
  /** How often in a row. */
  readonly failures?: number;
  readonly error?: string;
  /** What the error is called. */
  readonly code?: string;
  /** It failed in a job that is not over: it may be tried again without a run. */
  readonly retried?: boolean;
}

/**
 * `fresh`: the destination was what the source was when it was last looked at, and that is not long ago. `waiting`: it is being
 * brought up to date, not yet for long. `stale`: neither, for longer than it may be. `failed`: somebody should look. `idle`:
 * nobody wants it to be fresh now.
 */
export type Verdict = 'fresh' | 'waiting' | 'stale' | 'failed' | 'idle';

/** The order in which people want to see them. */
export const VERDICTS: readonly Verdict[] = ['failed', 'stale', 'waiting', 'fresh', 'idle'];

/** How fresh one copy is. */
export interface Freshness {
  readonly verdict: Verdict;
  /** When source and destination were last compared, in milliseconds since the epoch. */
  readonly checked?: number;
  /** Seconds for which it has not been what its source is, or has not been looked at although it was due. */
  readonly staleFor?: number;
  /** One line, where the state alone does not say it. */
  readonly why?: string;
  /** What that is called, when it is a finding of its own. */
  readonly code?: ErrorCode;
}

export interface FreshnessContext {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Seconds that a copy may not be what its source is, or may be due without being looked at. */
  readonly staleAfter: number;
  /** When a run last looked at it without writing so: an unchanged copy is not written. @default - none did */
  readonly lookedAt?: number;
  /** How often it is to be looked at. @default - at every run */
  readonly every?: Every;
  /** Why nobody wants it to be fresh now. @default - somebody does */
  readonly idle?: string;
}

/** What an alarm and `status` go by when nothing else is said: a day, in seconds. */
export const DEFAULT_STALE_AFTER = 24 * 3600;

const TROUBLED: ReadonlySet<CopyState> = new Set<CopyState>(['Failed', 'Invalid', 'Conflict']);

/** @param facts undefined when nothing is known of the copy: no run has looked at it yet */
export function freshnessOf(facts: CopyFacts | undefined, context: FreshnessContext): Freshness {
  const { now, staleAfter, every, idle } = context;
  const checked = latest([facts?.lastChecked, context.lookedAt], now);
  const known = checked === undefined ? {} : { checked };
  if (idle !== undefined) return { verdict: 'idle', ...known, why: idle };
  if (facts?.state === 'Retired') return { verdict: 'idle', ...known };

  const due = checked === undefined ? undefined : every === undefined ? checked : nextDue(every, checked);
  const unchecked = due === undefined || due === Number.POSITIVE_INFINITY ? 0 : secondsSince(due, now);
  const stale = facts?.staleSince === undefined ? 0 : secondsSince(facts.staleSince, now);
  const overdue = unchecked > staleAfter;
  const staleFor = overdue ? Math.max(stale, unchecked) : stale;
  const late = staleFor > 0 ? { staleFor } : {};
  if (facts === undefined)
    return { verdict: 'stale', ...known, why: 'never mirrored, nor looked at', code: 'NEVER_MIRRORED' };
  if (isTroubled(facts)) return { verdict: 'failed', ...known, ...late };
  if (overdue) {
    return { verdict: 'stale', ...known, ...late, why: 'not looked at, although it is due', code: 'NOT_LOOKED_AT' };
  }
  if (stale > staleAfter) return { verdict: 'stale', ...known, ...late, code: 'STALE' };
  return { verdict: facts.state === 'Mirrored' ? 'fresh' : 'waiting', ...known, ...late };
}

/** A copy that failed and waits to be tried again has failed still; one in quarantine that never failed waits to be old enough. */
function isTroubled({ state, failures }: CopyFacts): boolean {
  return TROUBLED.has(state) || (state !== 'Mirrored' && (failures ?? 0) > 0);
}

/** A time that has yet to come was said by a clock that is wrong, and counts for nothing. */
function latest(times: readonly (number | undefined)[], now: number): number | undefined {
  const sane = times.filter((time) => time !== undefined && time <= now + CLOCKS_APART * 1000) as number[];
  return sane.length === 0 ? undefined : Math.max(...sane);
}

function secondsSince(time: number, now: number): number {
  return Math.max(0, Math.floor((now - time) / 1000));
}
