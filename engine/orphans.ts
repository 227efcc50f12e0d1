import { MediaType } from '../lib/model/descriptor';
import { destinationReference, type Mirror } from '../lib/model/mirror';
import { formatReference, isTag } from '../lib/model/reference';
import type { Destinations } from './find-images';
import { mapWithin } from './gate';
import type { Wish } from './plan';
import type { Resolved } from './resolve';

const AT_ONCE = 64;

/**
 * Images that destinations hold although their source does not answer, or has them no longer: those that matter most. What a
 * destination holds is all that is known of them; of a pin it has to be that digest.
 */
export async function findOrphans(
  resolved: readonly { readonly mirror: Mirror; readonly found: readonly Resolved[] }[],
  destinations: Destinations,
): Promise<readonly Wish[]> {
  const lost = resolved.flatMap(({ mirror, found }) =>
    found.flatMap((one) => (one.kind === 'failed' ? [{ mirror, reference: one.reference }] : [])),
  );
  const wishes = await mapWithin(AT_ONCE, lost, async ({ mirror, reference }) => {
    if (reference.tag === undefined && reference.digest === undefined) return [];
    const templates = new Map(
      mirror.destinations
        .map((template) => destinationReference(template, reference))
        .filter(({ tag }) => tag !== undefined && isTag(tag))
        .map((destination) => [formatReference(destination), destination]),
    );
    const held = await Promise.all(
      [...templates.values()].map(async (destination): Promise<Wish | undefined> => {
        const observed = await destinations.look(destination);
        if (observed.kind !== 'holds' || observed.digest !== (reference.digest ?? observed.digest)) return undefined;
        const { digest } = observed;
        // The destination says what it is when it is looked at.
        const root = { mediaType: MediaType.OCI_MANIFEST, digest, size: 0 };
        return { mirror, image: { reference: { ...reference, digest }, root }, destination };
      }),
    );
    return held.filter((wish) => wish !== undefined);
  });
  return wishes.flat();
}
