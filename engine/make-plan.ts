import type { Claims } from '../lib/model/claims';
import type { Plan, Skipped } from '../lib/model/copy';
import { show } from '../lib/model/invalid';
import { type DestinationTemplate, destinationReference, type Mirror, type ParsedRow } from '../lib/model/mirror';
import { type Permissions, permits } from '../lib/model/permissions';
import { isTag, type Reference } from '../lib/model/reference';
import type { Stores } from './content';
import { claimsOf, claimsOfSelections, type Heeding, heedOthers } from './contested';
import { type Decided, decideAll } from './decide-all';
import { findImages } from './find-images';
import { mapWithin } from './gate';
import { type DestinationDigests, Observer as Destinations } from './observe';
import { findOrphans } from './orphans';
import { type PartDigests, readPartDigests } from './part-digests';
import { assemble, asVerified, standing, type Wish } from './plan';
import type { Clock } from './ports';
import { type Resolved, Resolver, type SourceImage } from './resolve';
import { Session } from './session';
import type { Sightings } from './sightings';

/** What planning asks of the world. */
export interface PlanWorld {
  readonly stores: Stores;
  readonly permissions: Permissions;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** Who writes which destination, when the rows are only some of all. @default - made from the rows */
  readonly claims?: Claims;
  /** Remembers what sources have said already. @default - nothing was asked yet */
  readonly resolver?: Resolver;
  /** Answers for destinations that a service can be asked about in batches. @default - every destination by HEAD */
  readonly destinationDigests?: DestinationDigests;
  /** Tells what parts of images come to. @default - by reading their indexes at the source, which may be pulls */
  readonly partDigests?: PartDigests;
  /** The session that copies what is planned: it is given what planning learns. @default - somebody else copies, if at all */
  readonly session?: Session;
  /** Whether a mirror's own schedule wants it now. @default - always */
  readonly isDue?: (mirror: Mirror) => boolean;
  /** Whether an image that is where it is to be is verified; others are not looked at then. @default - none is */
  readonly verifies?: (wish: Wish) => boolean;
  /** Since when digests are known, for rows that ask for an age. @default - all are seen for the first time */
  readonly sightings?: Sightings;
}

/**
 * Questions waiting for an answer. How many of them are under way at one registry is for its client to limit: there are so many
 * more that a slow registry does not keep the others idle.
 */
const QUESTIONS_AT_ONCE = 256;

/**
 * Rows to plan: resolves sources by HEAD, looks at destinations by HEAD or in batches, and decides. Every image and
 * destination of every row is either in a copy or skipped with a reason. Copies nothing; never rejects for one row's sake.
 */
export async function makePlan(rows: readonly ParsedRow[], world: PlanWorld): Promise<Plan> {
  const { mirrors, skipped } = readyRows(rows, world);
  const claims = world.claims ?? claimsOf(mirrors);
  const due = mirrors.filter((mirror) => {
    const wanted = world.isDue?.(mirror) ?? true;
    if (!wanted) skipped.push({ mirror: mirror.key, reason: 'not-due' });
    return wanted;
  });

  const allowed = due.map((mirror) => withAllowedDestinations(mirror, world.permissions, skipped));
  const wanted = allowed.filter((mirror) => mirror.destinations.length > 0);
  const resolver = world.resolver ?? new Resolver(world.stores, world.signal);
  const copies = world.session !== undefined;
  const session = world.session ?? new Session(world);
  const destinations = new Destinations(world.stores, session, copies);
  const resolved = await mapWithin(QUESTIONS_AT_ONCE, wanted, async (mirror) => ({
    mirror,
    found: await findImages(mirror, resolver, destinations, world),
  }));

  for (const { mirror } of resolved) {
    const tags = await resolver.listed(mirror.source);
    if (tags !== undefined) session.holdings.hasTags(world.stores(mirror.source), tags);
  }

  const wishes = resolved.flatMap(({ mirror, found }) => wishesOf(mirror, found, skipped));
  const heed = heedOthers([claims, await claimsOfSelections(wishes, claims, resolver)]);
  const uncontested = wishes.flatMap((wish) => heed(wish, skipped)).filter((wish) => world.verifies?.(wish) ?? true);
  const partDigests = world.partDigests ?? readPartDigests(world.stores, session);
  const decided = await decideAll(uncontested, destinations, resolver, { ...world, partDigests });
  const plan = assemble(await withVerified(decided, resolved, heed, destinations, world));
  return { copies: plan.copies, skipped: [...skipped, ...plan.skipped] };
}

/** What is where it is to be, and wanted so, is verified; also what is there although its source does not answer. */
async function withVerified(
  decided: readonly Decided[],
  resolved: Parameters<typeof findOrphans>[0],
  heed: Heeding,
  destinations: Destinations,
  { verifies }: PlanWorld,
): Promise<readonly Decided[]> {
  if (verifies === undefined) return decided;
  const found = (await findOrphans(resolved, destinations)).filter(verifies);
  const orphans = found.map((wish) => heed(wish, [])[0] ?? wish);
  const verified = decided.map((one) => asVerified(one, verifies));
  return [...verified, ...orphans.map((wish) => ({ wish, decision: 'verify' as const }))];
}

function readyRows(rows: readonly ParsedRow[], world: PlanWorld): { mirrors: Mirror[]; skipped: Skipped[] } {
  const mirrors: Mirror[] = [];
  const skipped: Skipped[] = [];
  for (const row of rows) {
    const found = standing(row, world.clock.now());
    if ('reason' in found) skipped.push(found);
    else mirrors.push(found);
  }
  return { mirrors, skipped };
}

function withAllowedDestinations(mirror: Mirror, permissions: Permissions, skipped: Skipped[]): Mirror {
  const allowed = (template: DestinationTemplate) => {
    const refusal = permits(permissions, mirror.source, template.repository);
    if (refusal === undefined) return true;
    const { key } = mirror;
    skipped.push({
      mirror: key,
      destination: { repository: template.repository },
      reason: 'not-allowed',
      detail: refusal,
    });
    return false;
  };
  return { ...mirror, destinations: mirror.destinations.filter(allowed) };
}

function wishesOf(mirror: Mirror, found: readonly Resolved[], skipped: Skipped[]): Wish[] {
  const wishes: Wish[] = [];
  for (const resolved of found) {
    if (resolved.kind === 'image') {
      for (const template of mirror.destinations) {
        const destination = destinationReference(template, resolved.image.reference);
        if (destination.tag !== undefined && !isTag(destination.tag)) {
          skipped.push(notATag(mirror, resolved.image, destination));
          continue;
        }
        wishes.push({ mirror, image: resolved.image, destination });
      }
    } else {
      skipped.push(notResolved(mirror, resolved));
    }
  }
  return wishes;
}

/** A template may make a tag of a long source tag that is too long. */
function notATag({ key }: Mirror, image: SourceImage, destination: Reference): Skipped {
  const detail = `destination: got ${show(destination.tag)} for a tag; at most 128 characters would do`;
  return { mirror: key, source: image.reference, destination, reason: 'invalid', detail };
}

function notResolved(mirror: Mirror, resolved: Exclude<Resolved, { kind: 'image' }>): Skipped {
  const skipped = { mirror: mirror.key, source: resolved.reference };
  if (resolved.kind === 'failed' && resolved.error.failure === 'put-off') {
    return { ...skipped, reason: 'put-off', detail: resolved.error.message };
  }
  if (resolved.kind === 'nothing') return { ...skipped, reason: 'nothing-selected', detail: resolved.detail };
  const { message: detail, failure: cause, code } = resolved.error;
  return { ...skipped, reason: 'source-failed', detail, cause, code };
}
