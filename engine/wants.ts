import { destinationReference, type Mirror, type ParsedRow } from '../lib/model/mirror';
import { type Permissions, permits } from '../lib/model/permissions';
import { repositoryPlace, tagPlace } from '../lib/model/place';
import type { DoubtfulRow, Wants } from '../lib/model/prune';
import { isTag, parseReference } from '../lib/model/reference';
import { mapWithin } from './gate';
import { standing } from './plan';
import type { Resolver } from './resolve';

/** A row, and how it names its source: of one that cannot be understood that is all there is. */
export interface NamedRow {
  readonly row: ParsedRow;
  readonly named: unknown;
}

export interface WantsWorld {
  readonly resolver: Resolver;
  readonly permissions: Permissions;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const QUESTIONS_AT_ONCE = 16;

/**
 * What rows want, whether or not they are due. A row that is gone or has expired wants nothing; of one that is paused, cannot be
 * understood, may not do what it asks for, or selects among tags that its source does not tell, nobody knows: it is in doubt. So
 * is one that selects nothing at all, which is a mistake more often than a wish.
 */
export async function readWants(rows: readonly NamedRow[], world: WantsWorld): Promise<Wants> {
  const wanted = new Set<string>();
  const keys = new Set<string>();
  const doubtful: DoubtfulRow[] = [];
  await mapWithin(QUESTIONS_AT_ONCE, rows, async ({ row, named }) => {
    const mirror = standing(row, world.now);
    if ('reason' in mirror && mirror.reason === 'expired') return;
    keys.add(row.key);
    const doubt = 'reason' in mirror ? (mirror.detail ?? mirror.reason) : await addWishes(mirror, wanted, world);
    if (doubt !== undefined) doubtful.push({ key: row.key, why: doubt, ...placesOf(row, named) });
  });
  return { wanted, rows: keys, doubtful };
}

/** Adds what a row is known to want. @returns why that may not be all */
async function addWishes(mirror: Mirror, wanted: Set<string>, world: WantsWorld): Promise<string | undefined> {
  const { select, destinations } = mirror;
  const found = select.kind === 'tags' ? await world.resolver.selectionOf(mirror, select.selection) : [select];
  if (typeof found === 'string') return found;
  if (found.length === 0) return 'none of the tags of its source is selected';
  for (const one of found) {
    for (const template of destinations) {
      const reference = destinationReference(template, typeof one === 'string' ? { tag: one } : one);
      if (reference.tag === undefined || isTag(reference.tag)) wanted.add(tagPlace(reference));
    }
  }
  const refusals = destinations.flatMap(
    ({ repository }) => permits(world.permissions, mirror.source, repository) ?? [],
  );
  return refusals[0];
}

/** Where a row may have mirrored to and from; nothing, for anywhere, when not even its source can be read. */
function placesOf({ mirror }: ParsedRow, named: unknown): { readonly places?: ReadonlySet<string> } {
  if (mirror !== undefined) {
    const repositories = [mirror.source, ...mirror.destinations.map(({ repository }) => repository)];
    return { places: new Set(repositories.map(repositoryPlace)) };
  }
  try {
    return { places: new Set([repositoryPlace(parseReference(String(named)).repository)]) };
  } catch {
    return {};
  }
}
