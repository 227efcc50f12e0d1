import { type Claims, createClaims } from '../lib/model/claims';
import type { Skipped } from '../lib/model/copy';
import { destinationReference, type Mirror } from '../lib/model/mirror';
import { formatReference, formatRepository, type Reference, sameRepository } from '../lib/model/reference';
import { type Claimant, differenceOf, putsThere, unite } from '../lib/model/union';
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
 * the sources are asked for their tags.
 */
export async function claimsOfSelections(wishes: readonly Wish[], claims: Claims, resolver: Resolver): Promise<Claims> {
  const found = createClaims();
  const repositories = new Map(
    wishes.map(({ destination: { repository } }) => [formatRepository(repository), repository]),
  );
  await mapWithin(AT_ONCE, [...repositories.values()], async (repository) => {
    for (const mirror of claims.selecting(repository)) {
      const templates = mirror.destinations.filter((one) => sameRepository(one.repository, repository));
      for (const tag of await resolver.tagsOf(mirror)) {
        for (const template of templates) found.claim(destinationReference(template, { tag }), mirror);
      }
    }
  });
  return found;
}

/**
 * A wish, with what other rows ask of the same image at the same destination, so that all of these wish for one copy. None, and
 * that is said, when others write something else there.
 */
export function heedOthers(wish: Wish, claims: readonly Claims[], skipped: Skipped[]): readonly Wish[] {
  const { mirror, image, destination } = wish;
  const holders = new Map(claims.flatMap((some) => some.holders(destination)).map((row) => [row.key, row]));
  const others = [...holders.values()].filter(({ key }) => key !== mirror.key);
  if (others.length === 0) return [wish];
  // In one order, whichever of them wishes.
  const rows = [...holders.values()].map((row) => (row.key === mirror.key ? mirror : row));
  const all = holders.has(mirror.key) ? rows : [mirror, ...rows];
  const refusal = contradiction(wish, all, others);
  if (refusal === undefined) return [{ ...wish, mirror: { ...mirror, ...unite(all) } }];
  const detail = `${formatReference(destination)} is also written by ${refusal}`;
  skipped.push({ mirror: mirror.key, source: image.reference, destination, reason: 'contested', detail });
  return [];
}

/** By whom, and what would do, in words; undefined when all put the same there. */
function contradiction(
  { mirror, image, destination }: Wish,
  all: readonly Claimant[],
  others: readonly Claimant[],
): string | undefined {
  const named = (rows: readonly Claimant[]) => rows.map(({ key }) => key).join(', ');
  const asked = askedOf(mirror, image.reference);
  if (!all.every((row) => putsThere(row, asked, destination))) {
    return `${named(others)}; one row for each destination would do`;
  }
  const difference = differenceOf(all);
  if (difference === undefined) return undefined;
  const rivals = others.filter((row) => differenceOf([mirror, row]) !== undefined);
  return `${named(rivals.length === 0 ? others : rivals)} with ${difference}; the same in both, or one row for each destination, would do`;
}

/** An image as its row asks for it: the digest of a tag is what it came to. */
function askedOf({ select }: Mirror, { repository, tag, digest }: Reference): Reference {
  return select.kind === 'digest' ? { repository, tag, digest } : { repository, tag };
}
