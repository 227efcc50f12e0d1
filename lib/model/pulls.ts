/**
 * Registries that count pulls, as Docker Hub does: reading a manifest (GET) is a pull, asking for its digest (HEAD) is none,
 * and both say what is left in a window that slides. Whoever pulls is counted by account, or without one by address.
 *
 * Times are milliseconds since the epoch.
 */

/** What a registry says of whoever asks. */
export interface PullLimit {
  /** Pulls in a window. */
  readonly limit: number;
  readonly remaining: number;
  /** Seconds. */
  readonly window: number;
  /** Who is counted: an address, or an account's id; {@link UNNAMED} when the registry does not say. */
  readonly source: string;
}

/** What is left of a {@link PullLimit}, shared by all who are counted as the same. */
export interface PullBudget {
  readonly limit: number;
  /** Seconds. */
  readonly window: number;
  /** What the registry last said, less what was taken since. */
  readonly left: number;
  /** When it was last taken from. @default - never: it was only heard of */
  readonly taken?: number;
  /** When the registry last said something that changed it. */
  readonly heard: number;
}

export const UNNAMED = '-';
/** Of a limit, what is left for people who are counted as the same. */
export const PULL_RESERVE = 0.1;
/** Seconds: no window that is longer, or limit that is higher, is believed. */
const LONGEST_WINDOW = 31 * 24 * 3600;
const HIGHEST_LIMIT = 1_000_000_000;
/** Milliseconds after which a pull that was taken is one that the registry has counted, or one that was never sent. */
const SETTLED = 60_000;

/** Whether a registry is known to count pulls before it was asked anything: what it asks of others it tells by itself. */
export function isKnownToCount(registry: string): boolean {
  return registry === 'docker.io';
}

/**
 * Docker Hub's `ratelimit-limit: 100;w=21600`, `ratelimit-remaining: 76;w=21600` and `docker-ratelimit-source`. Undefined for
 * anything else: who is not limited gets none of them, and what cannot be read limits nobody.
 */
export function parsePullLimit(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): PullLimit | undefined {
  const limit = parseAmount(headers['ratelimit-limit']);
  const remaining = parseAmount(headers['ratelimit-remaining']);
  if (limit === undefined || remaining === undefined || limit.amount === 0) return undefined;
  const source = headers['docker-ratelimit-source'];
  return {
    limit: limit.amount,
    remaining: Math.min(remaining.amount, limit.amount),
    window: limit.window,
    source: typeof source === 'string' && /^[\x21-\x7e]{1,128}$/.test(source) ? source : UNNAMED,
  };
}

function parseAmount(text: string | string[] | undefined): { amount: number; window: number } | undefined {
  const match = typeof text === 'string' ? /^\s*(\d{1,10})\s*;\s*w=(\d{1,8})\s*$/.exec(text) : null;
  if (match === null) return undefined;
  const [amount, window] = [Number(match[1]), Number(match[2])];
  return amount > HIGHEST_LIMIT || window === 0 || window > LONGEST_WINDOW ? undefined : { amount, window };
}

/** Whether who is counted is an address: others who pull may then be counted by another one. */
export function isAddress(source: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(source) || /^[0-9a-f]*:[0-9a-f:.]*(\/\d+)?$/i.test(source);
}

/** A budget as it begins with what a registry says. */
export function openPulls({ limit, remaining, window }: PullLimit, now: number): PullBudget {
  return { limit, window, left: remaining, heard: now };
}

/**
 * What hearing from the registry changes. `lower`: somebody else has pulled. `raise`: the window has moved on, or pulls were
 * taken and never sent; not believed while what was taken may be under way, because the registry has not counted that yet.
 */
export function heardChange(budget: PullBudget | undefined, said: PullLimit, now: number) {
  if (budget === undefined || budget.limit !== said.limit || budget.window !== said.window) return 'open';
  if (said.remaining < budget.left) return 'lower';
  return said.remaining > budget.left && isSettled(budget, now) ? 'raise' : undefined;
}

function isSettled({ taken, window }: PullBudget, now: number): boolean {
  return taken === undefined || now - taken >= settledAfter(window);
}

/** Milliseconds. Of windows shorter than anybody has, a quarter. */
export function settledAfter(window: number): number {
  return Math.min(SETTLED, window * 250);
}

/** Pulls of a limit that are not taken. */
export function reserveOf(limit: number, share = PULL_RESERVE): number {
  return Math.floor(limit * share);
}

/** Pulls that may be taken now. After a whole window without any, all of them are back. */
export function freePulls(budget: PullBudget, now: number, share?: number): number {
  const left = now >= backAt(budget) ? budget.limit : budget.left;
  return Math.max(0, left - reserveOf(budget.limit, share));
}

/** When all pulls are back if nobody takes any; some are before. */
export function backAt({ window, taken, heard }: PullBudget): number {
  return (taken ?? heard) + window * 1000;
}

/** Why a pull has to wait, and how long at most. */
export function shortLine(registry: string, source: string, budget: PullBudget, now: number, share?: number): string {
  const who = source === UNNAMED ? 'whoever asks so' : source;
  const kept = reserveOf(budget.limit, share);
  const some = `${budget.left} of ${budget.limit} pulls in ${hours(budget.window)} are left to ${who}`;
  const until = new Date(Math.max(now, backAt(budget))).toISOString().replace(/:\d\d\.\d+Z$/, 'Z');
  return `${registry}: ${some}${kept === 0 ? '' : `, ${kept} of them kept for people`}; more by ${until}, or at once with an account that has more`;
}

function hours(seconds: number): string {
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
