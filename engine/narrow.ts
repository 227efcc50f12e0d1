import { createHash } from 'node:crypto';
import type { Descriptor, Platform } from '../lib/model/descriptor';
import { type Digest, parseDigest } from '../lib/model/digest';
import { printable } from '../lib/model/invalid';
import { formatPlatform } from '../lib/model/platform';
import { Unsupported } from './errors';
import { entriesOf, type ImageIndex, type ImageTree } from './image-tree';

/** What of an image some platforms are. */
export interface Part {
  readonly root: Descriptor;
  /** Indexes that no source holds, by their digests: those that lost something. Empty when the root is one of the source's own. */
  readonly rewritten: ReadonlyMap<Digest, Uint8Array>;
}

/** Of an image without a platform, and of one with many, an error names not more than this. */
const MOST_NAMED = 12;

/**
 * The part of an image that has these platforms. Of one platform: that image's own manifest. Of several: the index with just
 * these and their attestations, its other fields and its order as they are, as JSON without spaces: the same bytes each time. An
 * index that would lose no image stays as it is, and one platform that an image has in several forms (Windows' `os.version`)
 * keeps all of them.
 *
 * @throws Unsupported when a platform is not there: nothing that is asked for is silently left out
 */
export function narrow(tree: ImageTree, platforms: readonly Platform[]): Part {
  const wanted = new Set(platforms.map(formatPlatform));
  const images = imagesIn(tree);
  const there = new Set(images.map(({ name }) => name));
  const missing = [...wanted].filter((name) => !there.has(name));
  if (missing.length > 0) throw lacks(missing, [...there]);

  const kept = new Map(images.filter(({ name }) => wanted.has(name)).map((image) => [image.descriptor.digest, image]));
  const [only, ...others] = kept.values();
  if (wanted.size === 1 && only !== undefined && others.length === 0) return ownManifest(only.descriptor);
  if (tree.kind !== 'index' || isWhole(tree, wanted)) return ownManifest(tree.descriptor);

  const rewritten = new Map<Digest, Uint8Array>();
  const root = rewrite(tree, { wanted, kept: new Set(kept.keys()), rewritten });
  if (root === undefined) throw lacks([...wanted], []);
  return { root, rewritten };
}

function ownManifest({ mediaType, digest, size }: Descriptor): Part {
  return { root: { mediaType, digest, size }, rewritten: new Map() };
}

interface NamedImage {
  readonly descriptor: Descriptor;
  /** Its platform's. */
  readonly name: string;
}

/** The images with a platform, in their order. */
function imagesIn(tree: ImageTree): readonly NamedImage[] {
  if (tree.kind === 'index') return tree.children.flatMap(imagesIn);
  if (tree.kind !== 'image' || tree.platform === undefined) return [];
  return [{ descriptor: tree.descriptor, name: formatPlatform(tree.platform) }];
}

/** An index that has images, and would lose none. */
function isWhole(tree: ImageIndex, wanted: ReadonlySet<string>): boolean {
  const images = imagesIn(tree);
  return images.length > 0 && images.every(({ name }) => wanted.has(name));
}

interface Narrowing {
  readonly wanted: ReadonlySet<string>;
  readonly kept: ReadonlySet<Digest>;
  readonly rewritten: Map<Digest, Uint8Array>;
}

/** The descriptor of what is left of an index; undefined when that is nothing. */
function rewrite(index: ImageIndex, narrowing: Narrowing): Descriptor | undefined {
  const entries = entriesOf(index.document);
  const manifests = index.children.flatMap((child, position) => {
    const left = whatIsLeft(child, narrowing);
    return left === undefined ? [] : [{ ...entries[position], digest: left.digest, size: left.size }];
  });
  if (manifests.length === 0) return undefined;
  const bytes = Buffer.from(JSON.stringify({ ...index.document, manifests }));
  const digest = parseDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
  narrowing.rewritten.set(digest, bytes);
  return { mediaType: index.descriptor.mediaType, digest, size: bytes.byteLength };
}

function whatIsLeft(child: ImageTree, narrowing: Narrowing): Descriptor | undefined {
  const { wanted, kept } = narrowing;
  if (child.kind === 'attestation') return kept.has(child.of) ? child.descriptor : undefined;
  if (child.kind === 'image') {
    return child.platform !== undefined && wanted.has(formatPlatform(child.platform)) ? child.descriptor : undefined;
  }
  return isWhole(child, wanted) ? child.descriptor : rewrite(child, narrowing);
}

function lacks(missing: readonly string[], there: readonly string[]): Unsupported {
  const list = (names: readonly string[]) =>
    `${names.slice(0, MOST_NAMED).map(printable).join(', ')}${names.length > MOST_NAMED ? `, … ${names.length} in all` : ''}`;
  const would =
    there.length === 0 ? 'nothing there has a platform: no platforms' : `of ${list(there)} those that are wanted`;
  return new Unsupported('PLATFORM_MISSING', `got no ${list(missing)}; ${would} would do`);
}
