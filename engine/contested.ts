import { type Claims, createClaims } from '../lib/model/claims';
import type { Skipped } from '../lib/model/copy';
import { destinationReference, type Mirror } from '../lib/model/mirror';
import {
  formatReference,
  formatRepository,
  type Reference,
  type Repository,
  sameRepository,
} from '../lib/model/reference';
import { eligibleTags } from '../lib/model/tag-selection';
import { type Claimant, type Difference, differenceOf, putsThere, type Terms, unite } from '../lib/model/union';
import { mapWithin } from './gate';
import type { Wish } from './plan';
import type { Resolver } from './resolve';

/**
 * Rows that put the same image at the same destination want one copy. Others that write one destination would overwrite each
 * other: they are refused, each naming the others.
 */

/** Repositories at once of which it is found out who selects tags that are written there. */
const AT_ONCE = 256;

/** Who writes which destination, as far as rows say it by themselves; a selection of tags is known only once it is made. */
export function claimsOf(mirrors: readonly Mirror[]): Claims {
  const claims = createClaims();
  for (const mirror of mirrors) {
    if (mirror.select.kind === 'tags') claims.claimRepositories(mirror);
    else
      for (const template of mirror.destinations) claims.claim(destinationReference(template, mirror.select), mirror);
  }
  return claims;
}

/**
 * Who selects tags that are written into the repositories of these wishes, whether or not it is planned now: of rows that are not,
 * the sources are asked for their tags. A row whose source does not say is heeded wherever it may select what a wish is for.
 */
export async function claimsOfSelections(wishes: readonly Wish[], claims: Claims, resolver: Resolver): Promise<Claims> {
  const found = createClaims();
  const wanted = new Map<string, { readonly repository: Repository; readonly images: Reference[] }>();
  for (const { image, destination } of wishes) {
    const { repository } = destination;
    const name = formatRepository(repository);
    const known = wanted.get(name) ?? { repository, images: [] };
    wanted.set(name, known);
    known.images.push(image.reference);
  }
  await mapWithin(AT_ONCE, [...wanted.values()], async ({ repository, images }) => {
    for (const mirror of claims.selecting(repository)) {
      const templates = mirror.destinations.filter((one) => sameRepository(one.repository, repository));
      for (const tag of (await resolver.tagsOf(mirror)) ?? eligibleOf(mirror, images)) {
        for (const template of templates) found.claim(destinationReference(template, { tag }), mirror);
      }
    }
  });
  return found;
}

/** Of images those that a row may select, by their tags. */
function eligibleOf({ source, select }: Claimant, images: readonly Reference[]): readonly string[] {
  if (select.kind !== 'tags') return [];
  const own = images.filter(({ repository }) => sameRepository(repository, source));
  return eligibleTags(
    own.flatMap(({ tag }) => tag ?? []),
    select.selection,
  );
}

/** Gives a wish what other rows ask of the same image at the same destination; none, and that is said, when they write something else there. */
export type Heeding = (wish: Wish, skipped: Skipped[]) => readonly Wish[];

/** What the rows come to that write one destination, of which some put one image there. */
interface Union {
  readonly rows: ReadonlyMap<string, Claimant>;
  readonly sameImage: boolean;
  readonly difference?: Difference;
  readonly terms: Terms;
}

/** Rows that are named beside one that is refused. */
const MOST_NAMED = 10;

/** What each destination comes to is found out once, however many rows write it. */
export function heedOthers(claims: readonly Claims[]): Heeding {
  const known = new Map<string, Union>();
  return (wish, skipped) => {
    const { mirror, image, destination } = wish;
    const asked = askedOf(mirror, image.reference);
    const key = `${formatReference(destination)} ${formatReference(asked)}`;
    const found = known.get(key) ?? unionOf(asked, destination, claims);
    if (found.rows.size > 1) known.set(key, found);
    // A row that has come since claims were made.
    const union = found.rows.has(mirror.key) ? found : unionOf(asked, destination, claims, mirror);
    if (union.rows.size === 1) return [wish];
    const refusal = contradiction(mirror, union);
    if (refusal === undefined) return [{ ...wish, mirror: { ...mirror, ...union.terms } }];
    const detail = `${formatReference(destination)} is also written by ${refusal}`;
    skipped.push({ mirror: mirror.key, source: image.reference, destination, reason: 'contested', detail });
    return [];
  };
}

function unionOf(asked: Reference, destination: Reference, claims: readonly Claims[], more?: Claimant): Union {
  const holders = claims.flatMap((some) => some.holders(destination));
  const rows = new Map([...(more === undefined ? [] : [more]), ...holders].map((row) => [row.key, row]));
  const all = [...rows.values()];
  const difference = differenceOf(all);
  return {
    rows,
    sameImage: all.every((row) => putsThere(row, asked, destination)),
    ...(difference === undefined ? {} : { difference }),
    terms: unite(all),
  };
}

/** By whom, and what would do, in words; undefined when all put the same there. */
function contradiction({ key }: Mirror, { rows, sameImage, difference }: Union): string | undefined {
  if (!sameImage) return `${namesOf(rows.values(), key)}; one row for each destination would do`;
  const row = rows.get(key);
  if (difference === undefined || row === undefined) return undefined;
  const rivals = namesOf(difference.rivalsOf(row), key);
  return `${rivals} with ${difference.what}; the same in both, or one row for each destination, would do`;
}

function namesOf(rows: Iterable<Claimant>, own: string): string {
  const names: string[] = [];
  for (const { key } of rows) {
    if (key === own) continue;
    if (names.length === MOST_NAMED) return `${names.join(', ')} and others`;
    names.push(key);
  }
  return names.join(', ');
}

/** An image as its row asks for it: the digest of a tag is what it came to. */
function askedOf({ select }: Mirror, { repository, tag, digest }: Reference): Reference {
  return select.kind === 'digest' ? { repository, tag, digest } : { repository, tag };
}
