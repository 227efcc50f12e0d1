import { formatAge } from '../lib/model/age';
import type { Skipped } from '../lib/model/copy';
import type { Digest } from '../lib/model/digest';
import type { Mirror } from '../lib/model/mirror';
import { formatReference, type Reference } from '../lib/model/reference';
import { type History, ripeAt, ripeDigests } from '../lib/model/sightings';
import { NotFound } from './errors';
import type { Destinations } from './find-images';
import { mapWithin } from './gate';
import type { Wish } from './plan';
import type { Resolver, SourceImage } from './resolve';
import { type NamedLook, noSightings, type Sightings } from './sightings';

/** What rows ask about the age of digests, and who answers. */
export interface AgeWorld {
  readonly resolver: Pick<Resolver, 'resolve'>;
  readonly destinations: Destinations;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** @default - nothing was ever seen before */
  readonly sightings?: Sightings;
}

/** A wish that may be granted; with a line when its image is not what the source has now, which has to wait. */
export interface Granted {
  readonly wish: Wish;
  readonly waiting?: string;
}

const AT_ONCE = 64;
/** Older digests that a source is asked for, one after the other, when it has lost them. */
const MOST_TRIED = 8;

/**
 * Puts wishes off whose image was not known for as long as their row asks for (`MinAge`): in its place comes the newest image of
 * the tag that is old enough, if the source still has it. Other wishes are granted as they are.
 */
export async function heedAge(wishes: readonly Wish[], world: AgeWorld): Promise<readonly (Granted | Skipped)[]> {
  const considered = await mapWithin(AT_ONCE, wishes, (wish) => consider(wish, world.destinations));
  const looks = looksOf(considered);
  const histories = looks.size === 0 ? [] : await (world.sightings ?? noSightings).note([...looks.values()], world.now);
  const known = new Map([...looks.keys()].map((name, at) => [name, histories[at] ?? []]));
  return mapWithin(AT_ONCE, considered, async (one) =>
    one.minAge === undefined ? { wish: one.wish } : grant(one, known.get(nameOf(one.wish)) ?? [], world),
  );
}

interface Considered {
  readonly wish: Wish;
  /** What the destination holds. */
  readonly held?: Digest;
  readonly minAge: number;
}

async function consider(
  wish: Wish,
  destinations: Destinations,
): Promise<Considered | { readonly wish: Wish; readonly minAge?: undefined }> {
  const { minAge, platforms, compare } = wish.mirror;
  if (minAge === undefined) return { wish };
  // What a destination holds of a part is no digest of the source's: there is nothing to compare.
  if (platforms !== undefined || compare !== undefined) return { wish, minAge };
  const observed = await destinations.look(wish.destination);
  return { wish, minAge, ...(observed.kind === 'holds' ? { held: observed.digest } : {}) };
}

/** One for each reference, however many rows and destinations it has. */
function looksOf(considered: readonly Awaited<ReturnType<typeof consider>>[]): Map<string, NamedLook> {
  const looks = new Map<string, NamedLook>();
  for (const one of considered) {
    if (one.minAge === undefined) continue;
    const { wish, minAge, held } = one;
    const name = nameOf(wish);
    const { digest } = wish.image.root;
    const look = looks.get(name) ?? { name, digest, held: [], least: minAge, most: minAge };
    looks.set(name, {
      ...look,
      held: held === undefined ? look.held : [...look.held, held],
      least: Math.min(look.least, minAge),
      most: Math.max(look.most, minAge),
    });
  }
  return looks;
}

/** A pin is about its digest, whatever tag it names beside it. */
function nameOf({ mirror, image: { reference } }: Wish): string {
  const { repository, tag, digest } = reference;
  return formatReference(
    mirror.select.kind === 'digest' || tag === undefined ? { repository, digest } : { repository, tag },
  );
}

async function grant(
  { wish, minAge, held }: Considered,
  history: History,
  world: AgeWorld,
): Promise<Granted | Skipped> {
  const { digest } = wish.image.root;
  if (held === digest) return { wish };
  const ripe = ripeDigests(history, held, minAge, world.now);
  if (ripe[0] === digest) return { wish };
  const waiting = whyWait(history, minAge);
  for (const older of ripe.slice(0, MOST_TRIED)) {
    const found = await imageOf(wish, older, world.resolver);
    if (found !== undefined && 'reason' in found) return found;
    if (found !== undefined) return { wish: { ...wish, image: found }, waiting };
    // Whether the source still has what the destination holds is nothing to the destination.
    if (older === held) return { ...placeOf(wish, older), reason: 'up-to-date', detail: waiting };
  }
  return { ...placeOf(wish, digest), reason: 'too-young', detail: waiting };
}

/** Undefined when the source has it no more. */
async function imageOf(
  wish: Wish,
  digest: Digest,
  resolver: Pick<Resolver, 'resolve'>,
): Promise<SourceImage | Skipped | undefined> {
  const { tag } = wish.image.reference;
  const select: Mirror['select'] = { kind: 'digest', digest, ...(tag === undefined ? {} : { tag }) };
  const [resolved] = await resolver.resolve({ ...wish.mirror, select });
  if (resolved?.kind === 'image') return resolved.image;
  if (resolved?.kind !== 'failed' || resolved.error.cause instanceof NotFound) return undefined;
  const { error } = resolved;
  const { message: detail, failure: cause, code } = error;
  return { ...placeOf(wish, digest), reason: 'source-failed', detail, cause, code };
}

function placeOf(
  { mirror, image, destination }: Wish,
  digest: Digest,
): { readonly mirror: string; readonly source: Reference; readonly destination: Reference } {
  return { mirror: mirror.key, source: { ...image.reference, digest }, destination };
}

function whyWait(history: History, minAge: number): string {
  const { digest, since } = history.at(-1) ?? { digest: '', since: 0 };
  const when = (time: number) => new Date(time).toISOString();
  return `${digest} is known since ${when(since)} and is copied from ${when(ripeAt(history, minAge))} on, ${formatAge(minAge)} later`;
}
