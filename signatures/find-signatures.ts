import type { Store } from '../engine/content';
import { NotFound, reason } from '../engine/errors';
import type { Session } from '../engine/session';
import { type Descriptor, MediaType } from '../lib/model/descriptor';
import { type Digest, digestAlgorithm, digestEncoded, isDigest } from '../lib/model/digest';
import { isMap } from '../lib/model/row-reader';
import { type Signature, Unfit } from './signature';
import { readBundle } from './sigstore-bundle';
import { readSimpleSigning, SIMPLE_SIGNING } from './simple-signing';

/** What may be a signature of the image: where it is, and reading it. */
export interface Candidate {
  /** For people. */
  readonly place: string;
  /** @throws Unfit; and whatever the source throws when it cannot be asked */
  read(): Promise<Signature>;
}

export interface Found {
  readonly candidates: readonly Candidate[];
  /** Further ones that are not looked at: see {@link MOST_REFERRERS} and {@link MOST_SIGNATURES}. */
  readonly left: number;
}

/** Referrers whose manifests are read. */
export const MOST_REFERRERS = 64;
/** Signatures that are read, in the order in which they are listed. */
export const MOST_SIGNATURES = 64;
/** Bytes: of a statement some thousand, of a payload some hundred. */
const LONGEST = 256 * 1024;

const BUNDLE = /^application\/vnd\.dev\.sigstore\.bundle(?:\.v\d\.\d\+json|\+json;version=\d\.\d)$/;
/** cosign with COSIGN_EXPERIMENTAL=1 and `--registry-referrers-mode=oci-1-1`. */
const COSIGN_REFERRER = 'application/vnd.dev.cosign.artifact.sig.v1+json';

/** Looks for signatures of an image: sigstore bundles and cosign's layers among its referrers, and layers under its `.sig` tag. */
export async function findSignatures(source: Store, image: Digest, session: Session): Promise<Found> {
  const [listed, tagged] = await Promise.all([
    source.referrers?.(image, session.options()) ?? [],
    underTag(source, image, session),
  ]);
  const likely = inOrder(listed);
  const candidates = [...tagged];
  for (const referrer of likely.slice(0, MOST_REFERRERS)) {
    const place = `referrer ${short(referrer.digest)}`;
    candidates.push(...(await candidatesIn(source, referrer, place, image, session)));
  }
  const looked = candidates.slice(0, MOST_SIGNATURES);
  const left = candidates.length - looked.length + Math.max(0, likely.length - MOST_REFERRERS);
  return { candidates: looked, left };
}

/** Those that say they are signatures, then those that say nothing (go-containerregistry's registry). */
function inOrder(listed: readonly Descriptor[]): readonly Descriptor[] {
  const says = ({ artifactType }: Descriptor) => {
    if (artifactType === undefined || artifactType === MediaType.OCI_EMPTY) return 'nothing';
    return BUNDLE.test(artifactType) || artifactType === COSIGN_REFERRER ? 'signature' : 'other';
  };
  const saying = (what: string) => listed.filter((referrer) => says(referrer) === what);
  return [...saying('signature'), ...saying('nothing')];
}

async function underTag(source: Store, image: Digest, session: Session): Promise<readonly Candidate[]> {
  const tag = `${digestAlgorithm(image)}-${digestEncoded(image)}.sig`;
  try {
    const root = await source.resolve(tag, session.options());
    return await candidatesIn(source, { ...root, size: 0 }, `${short(image)}.sig`, image, session);
  } catch (error) {
    if (error instanceof NotFound) return [];
    throw error;
  }
}

/** A candidate for each layer of a manifest that may be a signature; one for a manifest that makes no sense, which says so. */
async function candidatesIn(
  source: Store,
  manifest: Descriptor,
  place: string,
  image: Digest,
  session: Session,
): Promise<readonly Candidate[]> {
  const layers = layersIn(await session.manifest(source, manifest));
  if (layers === undefined) return [unfit(place, 'a manifest that makes no sense')];
  const many = layers.length > 1;
  return layers.flatMap((layer, i): readonly Candidate[] => {
    const at = many ? `${place} layer ${i + 1}` : place;
    if (BUNDLE.test(layer.mediaType)) {
      const read = async () => {
        const bytes = await readLayer(source, layer, session);
        return readBundle(bytes, image, await imageBytes(source, image, session));
      };
      return [{ place: at, read }];
    }
    if (layer.mediaType !== SIMPLE_SIGNING) return [];
    const read = async () => readSimpleSigning(await readLayer(source, layer, session), layer.annotations ?? {}, image);
    return [{ place: at, read }];
  });
}

/** The copy reads the same bytes: they are fetched once. */
function imageBytes(source: Store, digest: Digest, session: Session): Promise<Uint8Array> {
  return session.manifest(source, { mediaType: MediaType.OCI_MANIFEST, digest, size: 0 });
}

/** Never more than is known to be little, whatever the registry sends. */
async function readLayer(source: Store, layer: Descriptor, session: Session): Promise<Uint8Array> {
  if (layer.size > LONGEST) throw new Unfit(`${layer.size} bytes, more than the ${LONGEST} that a signature may have`);
  try {
    const chunks: Uint8Array[] = [];
    for await (const chunk of await source.fetchBlob(layer, session.options())) chunks.push(chunk);
    return Buffer.concat(chunks);
  } catch (error) {
    if (error instanceof NotFound) throw new Unfit(`its layer is missing: ${reason(error)}`);
    throw error;
  }
}

function layersIn(bytes: Uint8Array): readonly Descriptor[] | undefined {
  try {
    const manifest: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    if (!isMap(manifest)) return undefined;
    const layers: readonly unknown[] = Array.isArray(manifest.layers) ? manifest.layers : [];
    return layers.every(isDescriptor) ? layers : undefined;
  } catch {
    return undefined;
  }
}

function isDescriptor(value: unknown): value is Descriptor {
  if (!isMap(value)) return false;
  const { mediaType, digest, size, annotations } = value;
  const texts = annotations === undefined || (isMap(annotations) && Object.values(annotations).every(isText));
  return isText(mediaType) && isDigest(digest) && Number.isSafeInteger(size) && Number(size) >= 0 && texts;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function unfit(place: string, why: string): Candidate {
  return { place, read: () => Promise.reject(new Unfit(why)) };
}

function short(digest: Digest): string {
  return `${digestAlgorithm(digest)}:${digestEncoded(digest).slice(0, 12)}`;
}
