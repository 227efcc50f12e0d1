import type { Stores } from '../engine/content';
import { successors } from '../engine/graph';
import type { Copy } from '../lib/model/copy';
import { type Descriptor, isForeignLayer } from '../lib/model/descriptor';
import type { Digest } from '../lib/model/digest';

/** What copying an image takes from its source at most, referrers left out. */
export interface ImageSize {
  readonly bytes: number;
  /** Manifests fetched, each of which a registry may count as a pull. */
  readonly pulls: number;
}

/** Manifests of one image; more is no image that anybody runs. */
const MOST_MANIFESTS = 10_000;

/** Reads an image's manifests, each once, and adds up what they name. */
export async function measure(stores: Stores, copy: Copy, signal?: AbortSignal): Promise<ImageSize> {
  const store = stores(copy.source.repository);
  const options = signal === undefined ? {} : { signal };
  const sizes = new Map<Digest, number>();
  const waiting: Descriptor[] = [copy.root];
  const seen = new Set<Digest>([copy.root.digest]);
  let pulls = 0;
  for (let next = waiting.shift(); next !== undefined && pulls < MOST_MANIFESTS; next = waiting.shift()) {
    const bytes = await store.fetchManifest(next, options);
    pulls += 1;
    sizes.set(next.digest, bytes.length);
    const { manifests, blobs } = successors(next, bytes);
    for (const blob of blobs) if (!isForeignLayer(blob.mediaType)) sizes.set(blob.digest, blob.size);
    for (const child of manifests) if (!seen.has(child.digest)) waiting.push(child);
    for (const child of manifests) seen.add(child.digest);
  }
  return { bytes: [...sizes.values()].reduce((sum, size) => sum + size, 0), pulls };
}
