import type { Stores } from '../engine/content';
import { successors } from '../engine/graph';
import { readTree, type TreeReader } from '../engine/image-tree';
import { narrow, type Part } from '../engine/narrow';
import { readConfig } from '../engine/part';
import type { Copy } from '../lib/model/copy';
import { type Descriptor, isForeignLayer } from '../lib/model/descriptor';
import type { Digest } from '../lib/model/digest';

/** What copying an image takes from its source at most, referrers left out. */
export interface ImageSize {
  readonly bytes: number;
  /** Manifests fetched, each of which a registry may count as a pull. */
  readonly pulls: number;
}

/** An image with all that it consists of, referrers and what is kept elsewhere left out. Sizes of manifests are as read. */
export interface Measured extends ImageSize {
  readonly contents: ReadonlyMap<Digest, Descriptor>;
}

/** Manifests of one image; more is no image that anybody runs. */
const MOST_MANIFESTS = 10_000;

/** Reads the manifests of an image, or of the part of it that is wanted, each once, and adds up what they name. */
export async function measure(stores: Stores, copy: Copy, signal?: AbortSignal): Promise<Measured> {
  const store = stores(copy.source.repository);
  const options = signal === undefined ? {} : { signal };
  const manifests = new Map<Digest, Uint8Array>();
  const read = async (manifest: Descriptor) => {
    const bytes = manifests.get(manifest.digest) ?? (await store.fetchManifest(manifest, options));
    manifests.set(manifest.digest, bytes);
    return bytes;
  };
  const part = await partOf(copy, { manifest: read, config: (config) => readConfig(store, config, options) });
  const contents = new Map<Digest, Descriptor>();
  const waiting: Descriptor[] = [part.root];
  const seen = new Set<Digest>([part.root.digest]);
  for (let next = waiting.shift(); next !== undefined && manifests.size < MOST_MANIFESTS; next = waiting.shift()) {
    const bytes = part.rewritten.get(next.digest) ?? (await read(next));
    contents.set(next.digest, { ...next, size: bytes.length });
    const named = successors(next, bytes);
    for (const blob of named.blobs) if (!isForeignLayer(blob.mediaType)) contents.set(blob.digest, blob);
    for (const child of named.manifests) if (!seen.has(child.digest)) waiting.push(child);
    for (const child of named.manifests) seen.add(child.digest);
  }
  const bytes = [...contents.values()].reduce((sum, { size }) => sum + size, 0);
  return { bytes, pulls: manifests.size, contents };
}

async function partOf({ root, platforms }: Copy, reader: TreeReader): Promise<Part> {
  if (platforms === undefined) return { root, rewritten: new Map() };
  // The length that a HEAD has told may be wrong.
  return narrow(await readTree({ ...root, size: 0 }, reader), platforms);
}
