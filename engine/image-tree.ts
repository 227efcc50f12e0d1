import { type Descriptor, isImageManifest, isIndex, MediaType, type Platform } from '../lib/model/descriptor';
import { type Digest, isDigest } from '../lib/model/digest';
import { normalizePlatform } from '../lib/model/platform';
import { isMap } from '../lib/model/row-reader';
import { Unsupported } from './errors';
import { type Manifest, parseManifest, successors } from './graph';

/** An image as its platforms see it: what an index names, down to the images of one platform each. */
export type ImageTree =
  /** Of one platform, or of none: a chart, a signature. */
  | { readonly kind: 'image'; readonly descriptor: Descriptor; readonly platform?: Platform }
  /** What BuildKit says of the image `of`, and keeps beside it in the index. */
  | { readonly kind: 'attestation'; readonly descriptor: Descriptor; readonly of: Digest }
  | ImageIndex;

export interface ImageIndex {
  readonly kind: 'index';
  /** With the length that its bytes have. */
  readonly descriptor: Descriptor;
  readonly document: Manifest;
  /** One for each entry of `manifests`, in its order. */
  readonly children: readonly ImageTree[];
}

/** Reads what a tree cannot be told without: its indexes, and the configs of images whose platform no index says. */
export interface TreeReader {
  readonly manifest: (descriptor: Descriptor) => Promise<Uint8Array>;
  readonly config: (descriptor: Descriptor) => Promise<Uint8Array>;
}

const DEEPEST = 8;
/** Manifests and configs of one image; more is no image that anybody runs. */
const MOST_READ = 1_000;
const CONFIGS: readonly string[] = [MediaType.OCI_CONFIG, 'application/vnd.docker.container.image.v1+json'];
/** BuildKit's annotation of an attestation: the digest of the manifest that it is about. */
const REFERENCE = 'vnd.docker.reference.digest';

/** @throws Unsupported for what is no image that could be told; and what reading throws */
export async function readTree(root: Descriptor, reader: TreeReader): Promise<ImageTree> {
  let left = MOST_READ;
  const counted = (read: TreeReader['manifest']) => async (descriptor: Descriptor) => {
    left -= 1;
    if (left < 0)
      throw new Unsupported(
        'TOO_LARGE',
        `${root.digest}: got more than ${MOST_READ} manifests and configs to read for its platforms; fewer would do`,
      );
    return read(descriptor);
  };
  return treeOf(root, { manifest: counted(reader.manifest), config: counted(reader.config) }, 0);
}

async function treeOf(descriptor: Descriptor, reader: TreeReader, depth: number): Promise<ImageTree> {
  if (depth > DEEPEST)
    throw new Unsupported(
      'TOO_LARGE',
      `${descriptor.digest}: got an index in an index; at most ${DEEPEST} deep would do`,
    );
  const bytes = await reader.manifest(descriptor);
  // It refuses what would not be copied either, and every descriptor that is none.
  successors(descriptor, bytes);
  const document = parseManifest(descriptor, bytes);
  const exact = { ...descriptor, size: bytes.byteLength };
  if (!isIndex(descriptor.mediaType))
    return { kind: 'image', descriptor: exact, ...(await platformIn(document, reader)) };
  const children: ImageTree[] = [];
  for (const entry of entriesOf(document)) children.push(await childOf(entry, reader, depth + 1));
  return { kind: 'index', descriptor: exact, document, children };
}

/** The entries of an index whose descriptors were found good. */
export function entriesOf({ manifests }: Manifest): readonly Descriptor[] {
  return (manifests ?? []) as readonly Descriptor[];
}

async function childOf(entry: Descriptor, reader: TreeReader, depth: number): Promise<ImageTree> {
  const { mediaType, digest, size } = entry;
  const descriptor = { mediaType, digest, size };
  if (isIndex(mediaType)) return treeOf(descriptor, reader, depth);
  const of = isMap(entry.annotations) ? entry.annotations[REFERENCE] : undefined;
  if (isDigest(of)) return { kind: 'attestation', descriptor, of };
  if (entry.platform !== undefined && entry.platform !== null)
    return { kind: 'image', descriptor, ...platformOf(entry.platform) };
  return isImageManifest(mediaType) ? treeOf(descriptor, reader, depth) : { kind: 'image', descriptor };
}

type Known = { readonly platform?: Platform };

/** What the config of an image says; of anything else, nothing. */
async function platformIn({ config }: Manifest, reader: TreeReader): Promise<Known> {
  const descriptor = config as Descriptor | undefined;
  if (descriptor === undefined || !CONFIGS.includes(descriptor.mediaType)) return {};
  try {
    return platformOf(JSON.parse(new TextDecoder().decode(await reader.config(descriptor))));
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** `unknown/unknown` is what is none. */
function platformOf(said: unknown): Known {
  if (!isMap(said)) return {};
  const { os, architecture, variant } = said;
  if (!isName(os) || !isName(architecture)) return {};
  return { platform: normalizePlatform({ os, architecture, ...(isName(variant) ? { variant } : {}) }) };
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value !== 'unknown';
}
