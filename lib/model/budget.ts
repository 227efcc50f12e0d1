/**
 * A quota that many share, as a line of time: who wants to send takes the next stretch of it, as long as so many requests
 * last at the rate, and sends them in that stretch. So all together keep to the rate, nothing of it is left over while
 * anybody wants some, and a worker that was killed leaves nothing behind but the stretch that it had, which passes.
 *
 * Times are milliseconds by the {@link Budget.at clock of the budget}, rates are requests a second.
 */
export interface Budget {
  /** Up to when the time is handed out. */
  readonly next: number;
  /** When it was last taken from, by the clock of who did. Whose clock is behind sets it by this: see {@link clockOffset}. */
  readonly at: number;
  readonly rate: number;
  /** The rate that is known to do. More than this is a trial. */
  readonly base: number;
  /** The rate before this one, within a trial or when that was lowered. */
  readonly prior: number;
  /** Since when the rate is what it is. Names the rate, too: no two changes have the same. */
  readonly since: number;
  /** From when on it is in force, and refusals are heeded: what was handed out before cannot be called back. */
  readonly heed: number;
  /** Rises of the trial that is on. */
  readonly steps: number;
  /** Trials in a row that came to nothing. */
  readonly refused: number;
}

/** What changes when the rate does. */
export interface Tuning extends Omit<Budget, 'next' | 'at'> {
  /** Milliseconds of the time that nobody gets: what was used up can fill again. */
  readonly pause: number;
}

/** Requests that may be sent one after another, evenly, from when on. */
export interface Stretch {
  readonly from: number;
  /** Milliseconds from one to the next. */
  readonly interval: number;
  readonly count: number;
}

/** Unused time that may be made up for, in milliseconds: what came to nothing is not lost at once, nor saved for long. */
export const MADE_UP = 500;
/** How much is handed out beforehand when there is a choice, less while more is tried, and at most. In milliseconds. */
const AHEAD = 2_000;
const AHEAD_IN_TRIAL = 500;
const FARTHEST = 20_000;
/** Of a quota: so that what is late or at an uneven pace finds some of it left. */
export const PACE = 0.97;

/** @param published requests a second */
export function openBudget(published: number, now: number): Budget {
  const rate = published * PACE;
  return { next: now - MADE_UP, at: now, rate, base: rate, prior: rate, since: now, heed: now, steps: 0, refused: 0 };
}

/** What to add to one's own clock so that it is not behind that of the budget. All follow the one that is farthest ahead. */
export function clockOffset(offset: number, own: number, { at }: Pick<Budget, 'at'>): number {
  return Math.max(offset, at - own);
}

/** Milliseconds until more may be handed out; 0: now. */
export function wait({ next }: Pick<Budget, 'next'>, now: number): number {
  return Math.max(0, next - now - FARTHEST);
}

/**
 * Where the time may stand that is taken from without looking at it first: not long past, and so near that others need not
 * wait for what is more than one request.
 */
export function takenFrom(budget: Budget, count: number, now: number): { earliest: number; latest: number } {
  const latest = count === 1 ? FARTHEST : ahead(budget) - span(budget, count);
  return { earliest: now - MADE_UP, latest: now + latest };
}

/**
 * How many requests to take at once: what is wanted, as long as others need not wait for it.
 *
 * @param wanted at least 1
 * @param backlog milliseconds that will be handed out beforehand, as far as is known
 */
export function share(budget: Budget, wanted: number, backlog: number): number {
  const free = Math.floor((budget.rate * (ahead(budget) - Math.max(0, backlog))) / 1000);
  return Math.max(1, Math.min(wanted, free));
}

function ahead({ steps }: Budget): number {
  return steps === 0 ? AHEAD : AHEAD_IN_TRIAL;
}

/** Milliseconds that so many requests last: whole ones, which are the same wherever they are added up. */
export function span({ rate }: Pick<Budget, 'rate'>, count: number): number {
  return Math.round((1000 * count) / rate);
}

/** The stretch that ends where the budget now stands. */
export function stretchBefore(budget: Budget, count: number): Stretch {
  const length = span(budget, count);
  return { from: budget.next - length, interval: length / count, count };
}
