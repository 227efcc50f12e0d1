import { mapWithin } from '../engine/gate';
import type { Copy } from '../lib/model/copy';
import type { Descriptor } from '../lib/model/descriptor';
import type { BytePrice } from '../lib/model/price';
import { formatRepository, type Repository } from '../lib/model/reference';
import type { Measured } from './image-size';
import type { World } from './world';

const AT_ONCE = 16;
/** Questions to destinations; what is beyond counts as new. */
const MOST_ASKED = 5_000;

/** Content that goes to a registry, and a repository there that wants it. */
interface Wanted {
  readonly content: Descriptor;
  readonly repository: Repository;
}

/**
 * Bytes that are new at each destination registry: distinct content of all images that were measured, less what the repository
 * that it goes to says that it holds (a HEAD each). What another repository there holds counts as new: not every registry
 * lets it be taken over.
 */
export async function priceBytes(
  sizes: ReadonlyMap<Copy, Measured | undefined>,
  { stores }: Pick<World, 'stores'>,
  signal: AbortSignal | undefined,
): Promise<readonly BytePrice[]> {
  const prices: BytePrice[] = [];
  let asked = 0;
  for (const [registry, wanted] of wantedBy(sizes)) {
    const held = await mapWithin(AT_ONCE, wanted, async ({ content, repository }) => {
      asked += 1;
      if (asked > MOST_ASKED) return false;
      const options = signal === undefined ? {} : { signal };
      return stores(repository, 'destination')
        .exists(content, options)
        .catch(() => false);
    });
    const bytes = (isHeld: boolean) =>
      wanted.reduce((sum, { content }, i) => sum + (held[i] === isHeld ? content.size : 0), 0);
    prices.push({ registry, new: bytes(false), held: bytes(true) });
  }
  return prices;
}

function wantedBy(sizes: ReadonlyMap<Copy, Measured | undefined>): ReadonlyMap<string, readonly Wanted[]> {
  const registries = new Map<string, Map<string, Wanted>>();
  for (const [{ destinations }, size] of sizes) {
    const repositories = new Map(
      destinations.map(({ reference: { repository } }) => [formatRepository(repository), repository]),
    );
    for (const repository of repositories.values()) {
      const wanted = registries.get(repository.registry) ?? new Map<string, Wanted>();
      registries.set(repository.registry, wanted);
      for (const [digest, content] of size?.contents ?? []) {
        if (!wanted.has(digest)) wanted.set(digest, { content, repository });
      }
    }
  }
  return new Map([...registries].map(([registry, wanted]) => [registry, [...wanted.values()]]));
}
