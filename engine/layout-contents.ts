import { rm } from 'node:fs/promises';
import { type Descriptor, isForeignLayer } from '../lib/model/descriptor';
import type { Digest } from '../lib/model/digest';
import { reason, Unsupported } from './errors';
import { referrerView, type Successors, successors } from './graph';
import { layoutRepository } from './layout';
import { blobFile, guarded, holds, type Layout, readBounded } from './layout-files';
import { plain, REF_NAME, readIndex, updateIndex } from './layout-index';
import { verifiedBytes } from './verify';

/** An image that a layout lists by a name. */
export interface LayoutImage {
  readonly name: string;
  readonly root: Descriptor;
  readonly annotations: Readonly<Record<string, string>>;
  /** Everything that it consists of, manifests and blobs alike, each once. */
  readonly content: readonly Descriptor[];
  /** What of that is not there, or not as long as it should be. */
  readonly lacks: readonly Descriptor[];
  /** What is wrong with one of its manifests, which was then not read. */
  readonly problem?: string;
  /** Signatures, SBOMs and attestations of it and of its platforms. */
  readonly referrers: number;
}

/** Indexes in indexes; a copy goes no deeper. */
const DEEPEST = 8;
/** Descriptors of a whole layout; bounds memory, whoever wrote it. */
const MOST_CONTENT = 1_000_000;

/**
 * What a layout holds: every named image, with what it consists of and what of that is lacking. Manifests are read and verified;
 * of blobs only the lengths are looked at. @throws NotFound when there is no layout
 */
export async function layoutContents(directory: string, name: string): Promise<readonly LayoutImage[]> {
  const layout = { directory, name };
  const entries = await guarded(layout, undefined, () => readIndex(layout));
  const walk: Walk = { layout, nodes: new Map(), subjects: new Map(), left: MOST_CONTENT };
  for (const entry of entries) await noteSubject(walk, plain(entry));
  const images: LayoutImage[] = [];
  for (const entry of entries) {
    const called = entry.annotations?.[REF_NAME];
    if (called !== undefined) images.push(await imageOf(walk, called, entry));
  }
  return images;
}

/**
 * Takes out of a layout what it lists although something of it is lacking, so that it is copied again as a whole: after a disk
 * that was full, or files that somebody removed.
 *
 * @param excused blobs that need not be there
 * @returns the names of what was taken out
 */
export async function dropLacking(
  directory: string,
  images: readonly LayoutImage[],
  excused: (image: LayoutImage) => ReadonlySet<Digest> | undefined,
): Promise<readonly string[]> {
  const layout: Layout = { directory, name: layoutRepository(directory).name };
  const broken = images.filter((image) => {
    const elsewhere = excused(image);
    return image.problem !== undefined || image.lacks.some(({ digest }) => elsewhere?.has(digest) !== true);
  });
  if (broken.length === 0) return [];
  const names = new Set(broken.map(({ name }) => name));
  await updateIndex(layout, (entries) => entries.filter((entry) => !names.has(entry.annotations?.[REF_NAME] ?? '')));
  // A manifest that is there says that all below it is.
  for (const { root, content } of broken) {
    for (const { digest, mediaType } of [root, ...content]) {
      if (/manifest|index/.test(mediaType)) await rm(blobFile(layout, digest), { force: true });
    }
  }
  return [...names];
}

/** Gives named images annotations of their own, in one step. @param annotations of an image, by its name */
export async function annotateImages(
  directory: string,
  annotations: (name: string) => Readonly<Record<string, string>> | undefined,
): Promise<void> {
  const layout: Layout = { directory, name: layoutRepository(directory).name };
  await updateIndex(layout, (entries) =>
    entries.map((entry) => {
      const more = annotations(entry.annotations?.[REF_NAME] ?? '');
      return more === undefined ? entry : { ...entry, annotations: { ...entry.annotations, ...more } };
    }),
  );
}

interface Walk {
  readonly layout: Layout;
  /** What manifests name, read once. */
  readonly nodes: Map<Digest, Node>;
  /** How many refer to a digest. */
  readonly subjects: Map<Digest, number>;
  /** Descriptors that may still be listed. */
  left: number;
}

type Node = Successors | { readonly problem: string } | undefined;

async function noteSubject({ layout, subjects }: Walk, entry: Descriptor): Promise<void> {
  try {
    const subject = referrerView(entry, await readBounded(layout, entry))?.subject.digest;
    if (subject !== undefined) subjects.set(subject, (subjects.get(subject) ?? 0) + 1);
  } catch {
    // Said where the image is told of.
  }
}

async function imageOf(walk: Walk, name: string, entry: Descriptor): Promise<LayoutImage> {
  const found = new Map<Digest, Descriptor>();
  const lacks: Descriptor[] = [];
  const problems: string[] = [];
  await visit(walk, plain(entry), { found, lacks, problems }, 0);
  const [problem] = problems;
  const referrers = [...found.keys()].reduce((sum, digest) => sum + (walk.subjects.get(digest) ?? 0), 0);
  return {
    name,
    root: plain(entry),
    annotations: entry.annotations ?? {},
    content: [...found.values()],
    lacks,
    ...(problem === undefined ? {} : { problem }),
    referrers,
  };
}

interface Found {
  readonly found: Map<Digest, Descriptor>;
  readonly lacks: Descriptor[];
  readonly problems: string[];
}

async function visit(walk: Walk, manifest: Descriptor, into: Found, depth: number): Promise<void> {
  if (into.found.has(manifest.digest)) return;
  count(walk, 1);
  into.found.set(manifest.digest, manifest);
  const node =
    depth > DEEPEST ? { problem: `index in index, more than ${DEEPEST} deep` } : await nodeOf(walk, manifest);
  if (node === undefined) into.lacks.push(manifest);
  else if ('problem' in node) into.problems.push(node.problem);
  else {
    count(walk, node.blobs.length);
    for (const blob of node.blobs) {
      if (into.found.has(blob.digest) || isForeignLayer(blob.mediaType)) continue;
      into.found.set(blob.digest, blob);
      if (!(await holds(walk.layout, blob))) into.lacks.push(blob);
    }
    for (const child of node.manifests) await visit(walk, child, into, depth + 1);
  }
}

function count(walk: Walk, more: number): void {
  walk.left -= more;
  if (walk.left >= 0) return;
  throw new Unsupported(
    'TOO_LARGE',
    `${walk.layout.name}: got more than ${MOST_CONTENT} manifests and blobs; fewer would do`,
  );
}

/** Undefined when the manifest is not there. */
async function nodeOf({ layout, nodes }: Walk, manifest: Descriptor): Promise<Node> {
  if (nodes.has(manifest.digest)) return nodes.get(manifest.digest);
  const node = await readNode(layout, manifest);
  nodes.set(manifest.digest, node);
  return node;
}

async function readNode(layout: Layout, manifest: Descriptor): Promise<Node> {
  if (!(await holds(layout, { ...manifest, size: 0 }))) return undefined;
  try {
    return successors(manifest, verifiedBytes(manifest, await readBounded(layout, manifest)));
  } catch (error) {
    return { problem: reason(error) };
  }
}
