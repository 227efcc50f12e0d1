import type { CopyReason, Skipped } from '../lib/model/copy';
import type { Digest } from '../lib/model/digest';
import { besideTag } from '../lib/model/own-tags';
import { formatReference, type Reference } from '../lib/model/reference';
import { CopyError } from './errors';
import { mapWithin } from './gate';
import { heedAge } from './heed-age';
import type { PlanWorld } from './make-plan';
import type { Observer as Destinations } from './observe';
import { findParts } from './part-digests';
import { decide, expectedOf, type Observed, type Wish } from './plan';
import type { Resolver } from './resolve';

/** A wish, and what becomes of it. */
export interface Decided {
  readonly wish: Wish;
  readonly decision: CopyReason | Skipped;
  /** What its destination should hold. @default - the image's own digest, or, of a part of it, nobody knows */
  readonly expected?: Digest;
}

/** Destinations that are looked at at once. */
const AT_ONCE = 256;

/** Looks at the destinations of wishes, in batches where a service answers them, and decides what becomes of each. */
export async function decideAll(
  wishes: readonly Wish[],
  destinations: Destinations,
  resolver: Resolver,
  world: PlanWorld & Required<Pick<PlanWorld, 'partDigests'>>,
): Promise<readonly Decided[]> {
  const learn = async (references: readonly Reference[]) => {
    if (references.length === 0 || world.destinationDigests === undefined) return;
    const distinct = new Map(references.map((reference) => [formatReference(reference), reference]));
    destinations.learn(await world.destinationDigests([...distinct.values()]));
  };
  await learn(wishes.map(({ destination }) => destination));
  const { sightings } = world;
  const granted = await heedAge(wishes, {
    resolver,
    destinations,
    now: world.clock.now(),
    ...(sightings === undefined ? {} : { sightings }),
  });
  const given = granted.flatMap((one) => ('wish' in one ? [one.wish] : []));
  const parts = await findParts(given, destinations, world.partDigests);
  const decided = await mapWithin(AT_ONCE, granted.map(withWish(wishes)), async ({ wish, ...given }) => {
    if ('decision' in given) return { wish, decision: given.decision };
    const part = parts.get(wish);
    const { observed, expected } = await observe(wish, part, destinations);
    const decision = withDetail(decide(wish, observed, expected), given.waiting);
    return { wish, decision, ...(expected === undefined ? {} : { expected }) };
  });
  await learn(decided.flatMap((one) => besideWish(one)?.destination ?? []));
  return mapWithin(AT_ONCE, decided, (one) => lookBeside(one, destinations));
}

async function observe(wish: Wish, expected: Digest | CopyError | undefined, destinations: Destinations) {
  if (!(expected instanceof CopyError)) return { observed: await destinations.observe(wish, expected), expected };
  const observed: Observed = { kind: 'failed', side: expected.side, error: expected };
  return { observed, expected: undefined };
}

type Given =
  | { readonly wish: Wish; readonly waiting: string | undefined }
  | { readonly wish: Wish; readonly decision: Skipped };

function withWish(wishes: readonly Wish[]) {
  return (given: Awaited<ReturnType<typeof heedAge>>[number], at: number): Given =>
    'reason' in given ? { wish: wishes[at] as Wish, decision: given } : { wish: given.wish, waiting: given.waiting };
}

function withDetail(decision: CopyReason | Skipped, detail: string | undefined): CopyReason | Skipped {
  if (typeof decision === 'string' || detail === undefined || decision.reason !== 'up-to-date') return decision;
  return { ...decision, detail };
}

/** The same image at the tag beside, when the destination's own may be immutable and holds another. */
function besideWish({ wish, decision, expected = expectedOf(wish) }: Decided): Wish | undefined {
  const { mirror, destination } = wish;
  if (expected === undefined) return undefined;
  if (decision !== 'changed' || mirror.onConflict !== 'suffix' || destination.tag === undefined) return undefined;
  return { ...wish, destination: { ...destination, tag: besideTag(destination.tag, expected) } };
}

/** What was mirrored beside its tag, because that is immutable, is where it is to be. */
async function lookBeside(decided: Decided, destinations: Destinations): Promise<Decided> {
  const beside = besideWish(decided);
  if (beside === undefined) return decided;
  const { wish, expected } = decided;
  const decision = decide(beside, await destinations.observe(beside, expected), expected);
  // Not there, or taken: whether the destination's own tag moves is for the copy to find out.
  if (decision === 'referrers') return { wish, decision };
  if (typeof decision === 'string') return decided;
  const { tag } = beside.destination;
  return { wish, decision: { ...decision, destination: wish.destination, ...(tag === undefined ? {} : { tag }) } };
}
