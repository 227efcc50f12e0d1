import { type Budget, PACE, type Tuning } from './budget';

/**
 * What a quota really is, found out by what it refuses. The published one is believed at first. A refusal lowers the rate;
 * after a time without one, and only while somebody waits, more is tried: a little, then in bigger steps, until that is
 * refused. Trials in vain become rare, and so do refusals.
 */

/** Milliseconds before more is tried: below the published rate, and above it. Each trial in vain makes it longer. */
const BELOW = { first: 8_000, growth: 1.5, longest: 20_000 };
const ABOVE = { first: 90_000, growth: 2, longest: 15 * 60_000 };
/**
 * A step lasts until a quota that it exceeds by as much as it rises has been used up, for a quota lets through a second's
 * worth at once after a pause; and a second longer. The first is small, as most trials are in vain.
 */
const FIRST_STEP = { factor: 1.25, lasts: 6_000 };
const FURTHER_STEP = { factor: 1.4, lasts: 4_500 };
/** A first refusal may be an accident; one more soon after it is none. */
const LOWER = 0.8;
const MUCH_LOWER = 0.5;
const SOON = 20_000;
/** Milliseconds for which refusals are those of before a change, at least. */
const ECHO = 1_000;
/** Milliseconds of rest after a refusal, without which there would be others of what is just right. */
const REST = 500;
/** Of the published rate: the least and the most that is believed. */
const LEAST = 1 / 20;
const MOST = 100;

/** The rate after a refusal of a request that was sent under the budget's present rate; undefined: as it is. */
export function lowered(budget: Budget, published: number, now: number): Tuning | undefined {
  const { rate, base, prior, steps, refused, heed, since } = budget;
  if (now < heed) return undefined;
  if (steps === 1) return settled(budget, base, refused + 1, now);
  // More than the first step did, so the quota is another one by now: what is right is tried again soon.
  if (steps > 1) return settled(budget, prior, prior > published ? 0 : refused, now);
  const again = prior > rate && now - since < SOON;
  const less = Math.max(published * LEAST, rate * (again ? MUCH_LOWER : LOWER));
  return { ...settled(budget, less, 0, now), prior: rate };
}

/** The rate that is tried next, by somebody who had to wait; undefined: it is too early. */
export function raised(budget: Budget, published: number, now: number): Tuning | undefined {
  const { rate, base, heed, steps, refused } = budget;
  const lasts = steps === 0 ? patience(budget, published) : stepOf(steps).lasts;
  if (rate >= published * MOST || now - heed < lasts) return undefined;
  const next = Math.min(published * MOST, rate * stepOf(steps + 1).factor);
  const usual = published * PACE;
  return {
    // What is most likely right is not jumped over.
    rate: rate < usual && next > usual ? usual : next,
    base,
    prior: rate,
    since: later(budget, now),
    heed: Math.max(now, budget.next),
    steps: steps + 1,
    refused,
    pause: 0,
  };
}

function settled(budget: Budget, rate: number, refused: number, now: number): Tuning {
  const heed = Math.max(now + ECHO, budget.next + REST);
  return { rate, base: rate, prior: rate, since: later(budget, now), heed, steps: 0, refused, pause: REST };
}

function later({ since }: Budget, now: number): number {
  return Math.max(now, since + 1);
}

function stepOf(step: number) {
  return step === 1 ? FIRST_STEP : FURTHER_STEP;
}

/** Below the published rate something is amiss that will pass; above it, somebody must have asked AWS for more. */
function patience({ base, refused }: Budget, published: number): number {
  const { first, growth, longest } = base < published * PACE * 0.95 ? BELOW : ABOVE;
  return Math.min(longest, first * growth ** Math.min(refused, 20));
}
