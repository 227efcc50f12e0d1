import type { Descriptor } from '../lib/model/descriptor';
import { type Digest, digestAlgorithm, digestEncoded } from '../lib/model/digest';
import type { Store } from './content';
import { mapWithin } from './gate';
import { successors } from './graph';
import { heldBy } from './held-by';
import type { Session } from './session';

/** A tag that cosign derives from a digest, with what it names. */
export interface CosignTag {
  readonly tag: string;
  /** Its size is not told. */
  readonly root: Descriptor;
}

/**
 * Suffixes of cosign before version 3, of `sha256:<hex>` as `sha256-<hex>.<suffix>`, and what cosign calls the same where it
 * keeps it as a referrer.
 */
const SUFFIXES = ['sig', 'att', 'sbom'];
const typeOf = (suffix: string) => `application/vnd.dev.cosign.artifact.${suffix}.v1+json`;

const AT_ONCE = 8;

/** The tags under which cosign keeps the signature, the attestations and the SBOM of a digest, as far as their types are wanted. */
export function cosignTagsOf(subject: Digest, artifactTypes: readonly string[] | undefined): readonly string[] {
  const stem = `${digestAlgorithm(subject)}-${digestEncoded(subject)}`;
  const wanted = SUFFIXES.filter((suffix) => artifactTypes?.includes(typeOf(suffix)) ?? true);
  return wanted.map((suffix) => `${stem}.${suffix}`);
}

/**
 * Those of cosign's tags of some digests that are there. By the list of the repository's tags, where one question tells all of
 * them; else each is asked for.
 *
 * @throws what the store answers
 */
export async function findCosignTags(
  store: Store,
  subjects: readonly Digest[],
  artifactTypes: readonly string[] | undefined,
  session: Session,
): Promise<readonly CosignTag[]> {
  // A store that knows no referrers is not known to hold any.
  if (store.referrers === undefined) return [];
  const names = subjects.flatMap((subject) => cosignTagsOf(subject, artifactTypes));
  const all = names.length === 0 ? undefined : await session.holdings.allTags(store);
  const likely = all === undefined ? names : names.filter((name) => all.has(name));
  const found = await mapWithin(AT_ONCE, likely, (tag) => resolved(store, tag, session));
  return found.flat();
}

async function resolved(store: Store, tag: string, session: Session): Promise<readonly CosignTag[]> {
  const root = await heldBy(store, tag, session);
  return root === undefined ? [] : [{ tag, root: { ...root, size: 0 } }];
}

/**
 * Whether one of cosign's tags at a destination holds all that the source's does: those who run the destination may have added
 * signatures of their own, which are not to be taken away.
 *
 * @throws what the stores answer
 */
export async function holdsAllOf(
  destination: Store,
  held: Descriptor,
  source: Store,
  wanted: Descriptor,
  session: Session,
): Promise<boolean> {
  if (held.digest === wanted.digest) return true;
  const there = new Set(await layersOf(destination, held, session));
  return (await layersOf(source, wanted, session)).every((layer) => there.has(layer));
}

async function layersOf(store: Store, { mediaType, digest }: Descriptor, session: Session): Promise<readonly Digest[]> {
  const manifest = { mediaType, digest, size: 0 };
  const { manifests, blobs } = successors(manifest, await session.manifest(store, manifest));
  // The config comes first, and differs with the layers.
  return [...manifests, ...blobs.slice(1)].map((named) => named.digest);
}
