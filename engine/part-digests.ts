import type { Digest } from '../lib/model/digest';
import type { Mirror } from '../lib/model/mirror';
import { formatPlatforms } from '../lib/model/platform';
import { formatReference, type Reference } from '../lib/model/reference';
import type { Store, Stores } from './content';
import { CopyError } from './errors';
import type { Destinations } from './find-images';
import { mapWithin } from './gate';
import { type OpenPart, openPart } from './part';
import { expectedOf, type Wish } from './plan';
import { haveSameConfigs } from './same-config';
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
  const read = async ({ wish, held }: HeldPart) => {
    const { mirror, image, destination } = wish;
    const { platforms, compare } = mirror;
    const { reference } = image;
    try {
      // The length that a HEAD has told may be wrong.
      const root = { ...image.root, size: 0 };
      const part = await openPart(
        stores(reference.repository),
        platforms === undefined ? { root } : { root, platforms },
        session,
      );
      const isLike = compare === 'config' && (await isAlike(part, held, stores(destination.repository, 'destination')));
      return isLike ? held : part.root.digest;
    } catch (cause) {
      return new CopyError('source', 'read', `platforms of ${formatReference(reference)}`, cause);
    }
  };
  const isAlike = async (part: OpenPart, held: Digest, store: Store) => {
    if (part.root.digest === held) return true;
    try {
      const root = await store.resolve(held, session.options());
      return await haveSameConfigs({ store: part.source, root: part.root }, { store, root }, session);
    } catch {
      // Whoever copies meets the same.
      return false;
    }
  };
  const asked = new Map<string, Promise<Digest | CopyError>>();
  return (parts) =>
    mapWithin(AT_ONCE, parts, (part) => {
      const { image, mirror, destination } = part.wish;
      const key = partKey(image.root.digest, mirror, destination);
      const answer = asked.get(key) ?? read(part);
      asked.set(key, answer);
      return answer;
    });
}

/** What the wishes for some platforms, or for images like theirs, come to, as far as that is known, where their destinations hold anything. */
export async function findParts(
  wishes: readonly Wish[],
  destinations: Destinations,
  partDigests: PartDigests,
): Promise<ReadonlyMap<Wish, Digest | CopyError | undefined>> {
  const parts = wishes.filter((wish) => expectedOf(wish) === undefined);
  const looks = await mapWithin(LOOKS_AT_ONCE, parts, async (wish) => {
    const look = await destinations.look(wish.destination);
    return look.kind === 'holds' ? [{ wish, held: look.digest }] : [];
  });
  const isSame = ({ wish: { mirror, image }, held }: HeldPart) =>
    mirror.platforms === undefined && held === image.root.digest;
  const found = looks.flat();
  const asked = found.filter((part) => !isSame(part));
  const answers = asked.length === 0 ? [] : await partDigests(asked);
  return new Map([
    ...found.filter(isSame).map(({ wish, held }) => [wish, held] as const),
    ...asked.map(({ wish }, i) => [wish, answers[i]] as const),
  ]);
}

/** One text for one part of one image, wherever it is; or for what counts as that at one destination. */
export function partKey(
  source: Digest,
  { platforms = [], compare }: Pick<Mirror, 'platforms' | 'compare'>,
  destination: Reference,
): string {
  const alike = compare === undefined ? '' : ` ${compare} ${formatReference(destination)}`;
  return `${source} ${formatPlatforms(platforms)}${alike}`;
}
