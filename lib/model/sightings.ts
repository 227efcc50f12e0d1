import { CLOCKS_APART } from './clocks';
import type { Digest } from './digest';

/** A digest that a reference of a source stood for, and when that was first seen: by us, so that nobody can say otherwise. */
export interface Sighting {
  readonly digest: Digest;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** What a reference stood for, in the order in which it came to: the last is what it stands for now. Each digest is there once. */
export type History = readonly Sighting[];

/** One look at a reference. */
export interface Look {
  readonly digest: Digest;
  /** What destinations hold under it. */
  readonly held: readonly Digest[];
  /** Seconds that a digest has to be known for: the least and the most that any row asks for. */
  readonly least: number;
  readonly most: number;
}

/** Sightings of one reference that are kept. */
export const MOST_SIGHTINGS = 50;
/** Of those that are old enough for every row: for sources that have lost the newest of them. */
const MOST_OLD = 10;

/**
 * A history with one more look; the very same when it says nothing new.
 *
 * What destinations hold and nobody has seen at the source counts as newer than all that is old enough: it was mirrored before
 * there was a history, and a tag never goes back. What only a clock that is wrong can have seen, because it is yet to come, is seen now.
 *
 * @param now milliseconds since the epoch
 */
export function noteLook(history: History, { digest, held, least, most }: Look, now: number): History {
  const said = history.map((one) => (one.since > now + CLOCKS_APART * 1000 ? { ...one, since: now } : one));
  const isLast = said.at(-1)?.digest === digest;
  const known = said.find((one) => one.digest === digest) ?? { digest, since: now };
  const noted = isLast ? said : [...said.filter((one) => one !== known), known];
  const unseen = isRipe(known, least, now) ? [] : held.filter((one) => noted.every((seen) => seen.digest !== one));
  const isNew = !isLast || unseen.length > 0 || said.some((one, at) => one !== history[at]);
  return isNew ? thinned(withHeld(noted, unseen, least, now), most, now) : history;
}

function withHeld(history: History, unseen: readonly Digest[], minAge: number, now: number): History {
  const at = lastRipe(history, minAge, now) + 1;
  const held = [...new Set(unseen)].map((digest) => ({ digest, since: now }));
  return [...history.slice(0, at), ...held, ...history.slice(at)];
}

/**
 * Digests that may be copied, the best first: what the reference stands for now where that is old enough, else those before it
 * that are, the newest first, and none older than what the destination holds.
 */
export function ripeDigests(
  history: History,
  held: Digest | undefined,
  minAge: number,
  now: number,
): readonly Digest[] {
  const ripe = (some: History) => some.filter((one) => isRipe(one, minAge, now)).map(({ digest }) => digest);
  const current = ripe(history.slice(-1));
  if (current.length > 0) return current;
  const from = history.findIndex(({ digest }) => digest === held);
  return ripe(history.slice(Math.max(0, from))).reverse();
}

/** When what a reference stands for now is old enough, milliseconds since the epoch. */
export function ripeAt(history: History, minAge: number): number {
  return (history.at(-1)?.since ?? 0) + minAge * 1000;
}

function isRipe({ since }: Sighting, minAge: number, now: number): boolean {
  return since + minAge * 1000 <= now;
}

function lastRipe(history: History, minAge: number, now: number): number {
  return history.findLastIndex((one) => isRipe(one, minAge, now));
}

/** Lets go of the oldest, and of young ones that lie close together: a tag that moves hourly must not have all that ages forgotten. */
function thinned(history: History, minAge: number, now: number): History {
  if (history.length <= MOST_SIGHTINGS) return history;
  const left = history.slice(Math.max(0, lastRipe(history, minAge, now) - MOST_OLD + 1));
  while (left.length > MOST_SIGHTINGS) {
    const young = lastRipe(left, minAge, now) + 1;
    const gap = (at: number) => Math.abs((left[at + 1]?.since ?? now) - (left[at - 1]?.since ?? 0));
    let closest = Math.max(1, young);
    for (let at = closest; at < left.length - 1; at += 1) if (gap(at) < gap(closest)) closest = at;
    left.splice(closest, 1);
  }
  return left;
}
