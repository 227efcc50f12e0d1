import { type Claims, createClaims } from '../lib/model/claims';
import type { Plan, Skipped } from '../lib/model/copy';
import { show } from '../lib/model/invalid';
import { type DestinationTemplate, destinationReference, type Mirror, type ParsedRow } from '../lib/model/mirror';
import { type Permissions, permits } from '../lib/model/permissions';
import { formatReference, isTag, type Reference } from '../lib/model/reference';
import type { Stores } from './content';
import { mapWithin } from './gate';
import { type DestinationDigests, Observer as Destinations } from './observe';
import { assemble, decide, standing, type Wish } from './plan';
import type { Clock } from './ports';
import { type Resolved, Resolver, type SourceImage } from './resolve';
import { Session } from './session';

/** What planning asks of the world. */
export interface PlanWorld {
  readonly stores: Stores;
  readonly permissions: Permissions;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** Who writes which destination, when the rows are only some of all. @default - made from the rows */
  readonly claims?: Claims;
  /** Questions under way at once. @default 16 */
  readonly concurrency?: number;
  /** Answers for destinations that a service can be asked about in batches. @default - every destination by HEAD */
  readonly destinationDigests?: DestinationDigests;
  /** Whether a mirror's own schedule wants it now. @default - always */
  readonly isDue?: (mirror: Mirror) => boolean;
}

const DEFAULT_CONCURRENCY = 16;

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

  const most = world.concurrency ?? DEFAULT_CONCURRENCY;
  const allowed = due.map((mirror) => withAllowedDestinations(mirror, world.permissions, skipped));
  const wanted = allowed.filter((mirror) => mirror.destinations.length > 0);
  const resolver = new Resolver(world.stores, world.signal);
  const resolved = await mapWithin(most, wanted, async (mirror) => ({ mirror, found: await resolver.resolve(mirror) }));

  const wishes = resolved.flatMap(({ mirror, found }) => wishesOf(mirror, found, claims, skipped));
  const uncontested = wishes.filter((wish) => !isContested(wish, claims, skipped));
  const plan = assemble(await decideAll(uncontested, world, most));
  return { copies: plan.copies, skipped: [...skipped, ...plan.skipped] };
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

/** Who writes which destination, as far as rows say it by themselves; a selection of tags is known only once it is made. */
export function claimsOf(mirrors: readonly Mirror[], claims: Claims = createClaims()): Claims {
  for (const mirror of mirrors) {
    if (mirror.select.kind === 'tags') continue;
    for (const template of mirror.destinations) {
      claims.claim(destinationReference(template, mirror.select), mirror.key);
    }
  }
  return claims;
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

function wishesOf(mirror: Mirror, found: readonly Resolved[], claims: Claims, skipped: Skipped[]): Wish[] {
  const wishes: Wish[] = [];
  for (const resolved of found) {
    if (resolved.kind === 'image') {
      for (const template of mirror.destinations) {
        const destination = destinationReference(template, resolved.image.reference);
        if (destination.tag !== undefined && !isTag(destination.tag)) {
          skipped.push(notATag(mirror, resolved.image, destination));
          continue;
        }
        if (mirror.select.kind === 'tags') claims.claim(destination, mirror.key);
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
  return resolved.kind === 'failed'
    ? { ...skipped, reason: 'source-failed', detail: resolved.error.message, cause: resolved.error.failure }
    : { ...skipped, reason: 'nothing-selected', detail: resolved.detail };
}

function isContested({ mirror, image, destination }: Wish, claims: Claims, skipped: Skipped[]): boolean {
  const rivals = claims.contested(destination).filter((key) => key !== mirror.key);
  if (rivals.length === 0) return false;
  const detail = `${formatReference(destination)} is also written by ${rivals.join(', ')}; one row for each destination would do`;
  skipped.push({ mirror: mirror.key, source: image.reference, destination, reason: 'contested', detail });
  return true;
}

async function decideAll(wishes: readonly Wish[], world: PlanWorld, most: number) {
  const references = new Map<string, Reference>(
    wishes.map(({ destination }) => [formatReference(destination), destination]),
  );
  const known = (await world.destinationDigests?.([...references.values()])) ?? new Map();
  const session = new Session(world);
  const destinations = new Destinations(world.stores, session, known);
  return mapWithin(most, wishes, async (wish) => ({ wish, decision: decide(wish, await destinations.observe(wish)) }));
}
