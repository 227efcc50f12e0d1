import { type Claims, createClaims } from '../lib/model/claims';
import type { Skipped } from '../lib/model/copy';
import { destinationReference, type Mirror } from '../lib/model/mirror';
import { formatReference, formatRepository, sameRepository } from '../lib/model/reference';
import { mapWithin } from './gate';
import type { Wish } from './plan';
import type { Resolver } from './resolve';

/** Two rows that write one destination would overwrite each other: both are refused, each naming the other. */

/** Repositories at once of which it is found out who selects tags that are written there. */
const AT_ONCE = 256;

/** Who writes which destination, as far as rows say it by themselves; a selection of tags is known only once it is made. */
export function claimsOf(mirrors: readonly Mirror[]): Claims {
  const claims = createClaims();
  for (const mirror of mirrors) {
    if (mirror.select.kind === 'tags') claims.claimRepositories(mirror);
    else
      for (const template of mirror.destinations) {
        claims.claim(destinationReference(template, mirror.select), mirror.key);
      }
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
        for (const template of templates) found.claim(destinationReference(template, { tag }), mirror.key);
      }
    }
  });
  return found;
}

/** Whether others write the destination of a wish, which is then skipped. */
export function isContested(
  { mirror, image, destination }: Wish,
  claims: readonly Claims[],
  skipped: Skipped[],
): boolean {
  const holders = new Set(claims.flatMap((some) => some.holders(destination)));
  const rivals = [...holders].filter((key) => key !== mirror.key);
  if (rivals.length === 0) return false;
  const detail = `${formatReference(destination)} is also written by ${rivals.join(', ')}; one row for each destination would do`;
  skipped.push({ mirror: mirror.key, source: image.reference, destination, reason: 'contested', detail });
  return true;
}
