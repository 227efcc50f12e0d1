import type { Copy, CopyDestination } from '../lib/model/copy';
import type { Descriptor } from '../lib/model/descriptor';
import { type Digest, isDigest } from '../lib/model/digest';
import type { Branch } from './branch';
import type { Store } from './content';
import { mapWithin } from './gate';
import { parseManifest } from './graph';
import { heldBy } from './held-by';
import { type ImageTree, readTree } from './image-tree';
import { readConfig } from './part';
import type { Session } from './session';

/** An image and where it is read. */
export interface Held {
  readonly store: Store;
  readonly root: Descriptor;
}

const AT_ONCE = 4;

/**
 * Whether two images have the same configs, of all their platforms: then they run the same, whatever their manifests say in
 * other ways (Docker's types or OCI's, other compression). What has no platform is like nothing else.
 *
 * @throws what the stores answer; Unsupported for what is no image that could be told
 */
export async function haveSameConfigs(one: Held, other: Held, session: Session): Promise<boolean> {
  const [ours, theirs] = await Promise.all([configsOf(one, session), configsOf(other, session)]);
  return ours.size > 0 && ours.size === theirs.size && [...ours].every((config) => theirs.has(config));
}

async function configsOf({ store, root }: Held, session: Session): Promise<ReadonlySet<Digest>> {
  const manifest = (descriptor: Descriptor) => session.manifest(store, descriptor);
  const config = (descriptor: Descriptor) => readConfig(store, descriptor, session.options());
  // The length that a HEAD has told may be wrong.
  const tree = await readTree({ ...root, size: 0 }, { manifest, config });
  const found = await mapWithin(AT_ONCE, imagesIn(tree), async (image) => {
    const { config } = parseManifest(image, await manifest(image)) as { config?: { digest?: unknown } };
    return isDigest(config?.digest) ? [config.digest] : [];
  });
  return new Set(found.flat());
}

function imagesIn(tree: ImageTree): readonly Descriptor[] {
  if (tree.kind === 'index') return tree.children.flatMap(imagesIn);
  return tree.kind === 'image' && tree.platform !== undefined ? [tree.descriptor] : [];
}

/**
 * Destinations whose tags hold an image with the same configs as the copy, with its digest: nothing is sent to them. One that
 * does not say is no such destination. Never rejects.
 */
export async function findAlike(
  copy: Copy,
  source: Store,
  branches: readonly Branch[],
  session: Session,
): Promise<ReadonlyMap<CopyDestination, Digest>> {
  if (copy.compare !== 'config') return new Map();
  const ours = { store: source, root: copy.root };
  const asked = branches.flatMap(({ store, destinations }) =>
    destinations.map((destination) => ({ store, destination })),
  );
  const found = await mapWithin(AT_ONCE, asked, async ({ store, destination }) => {
    const { tag } = destination.reference;
    if (destination.why !== 'changed' || tag === undefined) return [];
    try {
      const root = await heldBy(store, tag, session);
      if (root === undefined || !(await haveSameConfigs(ours, { store, root }, session))) return [];
      return [[destination, root.digest] as const];
    } catch {
      return [];
    }
  });
  return new Map(found.flat());
}
