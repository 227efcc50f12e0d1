import type { Digest } from '../lib/model/digest';
import { formatPlatforms } from '../lib/model/platform';
import { formatReference } from '../lib/model/reference';
import type { Stores } from './content';
import { CopyError } from './errors';
import type { Destinations } from './find-images';
import { mapWithin } from './gate';
import { openPart } from './part';
import type { Wish } from './plan';
import type { Session } from './session';

/** A wish for some platforms of an image, and what its destination holds. */
export interface HeldPart {
  readonly wish: Wish;
  readonly held: Digest;
}

/**
 * Tells which digest each of these wishes comes to, in their order, or why that could not be found out; undefined where it is not
 * known: then whoever copies finds out that nothing is to be done.
 */
export type PartDigests = (asked: readonly HeldPart[]) => Promise<readonly (Digest | CopyError | undefined)[]>;

/** Indexes read at once: of each there may be 4 MiB. */
const AT_ONCE = 8;
const LOOKS_AT_ONCE = 256;

/** By reading the images' indexes at the source, which a registry may count as pulls. */
export function readPartDigests(stores: Stores, session: Session): PartDigests {
  const read = async ({ mirror: { platforms }, image }: Wish) => {
    const { reference } = image;
    try {
      // The length that a HEAD has told may be wrong.
      const root = { ...image.root, size: 0 };
      const part = await openPart(
        stores(reference.repository),
        platforms === undefined ? { root } : { root, platforms },
        session,
      );
      return part.root.digest;
    } catch (cause) {
      return new CopyError('source', 'read', `platforms of ${formatReference(reference)}`, cause);
    }
  };
  const asked = new Map<string, Promise<Digest | CopyError>>();
  return (parts) =>
    mapWithin(AT_ONCE, parts, ({ wish }) => {
      const key = partKey(wish);
      const answer = asked.get(key) ?? read(wish);
      asked.set(key, answer);
      return answer;
    });
}

/** What the wishes for some platforms come to, as far as that is known, where their destinations hold anything. */
export async function findParts(
  wishes: readonly Wish[],
  destinations: Destinations,
  partDigests: PartDigests,
): Promise<ReadonlyMap<Wish, Digest | CopyError | undefined>> {
  const parts = wishes.filter(({ mirror }) => mirror.platforms !== undefined);
  const looks = await mapWithin(LOOKS_AT_ONCE, parts, async (wish) => {
    const look = await destinations.look(wish.destination);
    return look.kind === 'holds' ? [{ wish, held: look.digest }] : [];
  });
  const asked = looks.flat();
  const answers = asked.length === 0 ? [] : await partDigests(asked);
  return new Map(asked.map(({ wish }, i) => [wish, answers[i]]));
}

/** One text for one part of one image, wherever it is. */
export function partKey({ mirror: { platforms = [] }, image }: Pick<Wish, 'mirror' | 'image'>): string {
  return `${image.root.digest} ${formatPlatforms(platforms)}`;
}
