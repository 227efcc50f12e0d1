import type { Copy } from '../lib/model/copy';
import { type Descriptor, isIndex, MediaType } from '../lib/model/descriptor';
import type { Digest } from '../lib/model/digest';
import type { Store } from './content';
import { type CosignTag, findCosignTags } from './cosign-tags';
import { Unsupported } from './errors';
import { mapWithin } from './gate';
import { referrerView, successors } from './graph';
import type { Session } from './session';

/** What refers to an image at the source, or to one of the images that it is made of. */
export interface Referrers {
  /**
   * Manifests whose `subject` is the image, one that its index names, or such a manifest in turn: a list for each subject that
   * is no referrer, in which subjects come before what refers to them.
   */
  readonly manifests: readonly (readonly Descriptor[])[];
  /** Tags that cosign derives from the digests of all these. */
  readonly tags: readonly CosignTag[];
}

/** Referrers of referrers: a signature of an SBOM is two deep. */
const DEEPEST = 4;
const MOST = 10_000;
const AT_ONCE = 8;

/**
 * What refers to an image, to the images below it, and to what refers to those.
 *
 * @throws what the source answers; Unsupported when there are more than would be copied: a part is not passed off as all
 */
export async function findReferrers(
  source: Store,
  { root, artifactTypes }: Pick<Copy, 'root' | 'artifactTypes'>,
  session: Session,
): Promise<Referrers> {
  if (source.referrers === undefined) return { manifests: [], tags: [] };
  const below = await manifestsBelow(source, root, session);
  const subjects = [root.digest, ...below];
  const found = new Set<Digest>(subjects);
  const manifests = await mapWithin(AT_ONCE, subjects, (subject) =>
    referrersOf(source, subject, artifactTypes, session, found),
  );
  const referrers = manifests.flat().map(({ digest }) => digest);
  const tags = await tagsAbout(source, root.digest, [...below, ...referrers], artifactTypes, session);
  return { manifests: manifests.filter((some) => some.length > 0), tags };
}

/**
 * The referrers of a digest, and theirs. Artifact types narrow only the first ring: a signature of a wanted SBOM is wanted.
 *
 * @throws Unsupported when there are more than would be copied: a part of them is not passed off as all
 */
export function listReferrers(
  source: Store,
  subject: Digest,
  artifactTypes: readonly string[] | undefined,
  session: Session,
): Promise<readonly Descriptor[]> {
  return referrersOf(source, subject, artifactTypes, session, new Set([subject]));
}

/** @param found digests that are known already: what refers in a circle is told once */
async function referrersOf(
  source: Store,
  subject: Digest,
  artifactTypes: readonly string[] | undefined,
  session: Session,
  found: Set<Digest>,
): Promise<readonly Descriptor[]> {
  const all: Descriptor[] = [];
  const fresh = (referrers: readonly Descriptor[]) => {
    const added = referrers.filter(({ digest }) => !found.has(digest));
    for (const { digest } of added) found.add(digest);
    all.push(...added);
    if (found.size > MOST) throw new Unsupported('TOO_LARGE', `got more than ${MOST} referrers; fewer would do`);
    return added;
  };
  let ring = fresh(await directReferrers(source, subject, artifactTypes, session));
  for (let depth = 2; ring.length > 0; depth++) {
    const next = await mapWithin(AT_ONCE, ring, async ({ digest }) =>
      fresh(await directReferrers(source, digest, undefined, session)),
    );
    ring = next.flat();
    if (ring.length > 0 && depth > DEEPEST)
      throw new Unsupported('TOO_LARGE', `got referrers of referrers; at most ${DEEPEST} deep would do`);
  }
  return all;
}

/** What names the digest as its subject: one query, and the manifests whose wanted type it does not tell. */
export async function directReferrers(
  store: Store,
  subject: Digest,
  artifactTypes: readonly string[] | undefined,
  session: Session,
): Promise<readonly Descriptor[]> {
  const lacksTag = (tag: string) => session.holdings.lacksTag(store, tag);
  const all = (await store.referrers?.(subject, { ...session.options(), lacksTag })) ?? [];
  if (artifactTypes === undefined) return all;
  const wanted = await mapWithin(AT_ONCE, all, async (referrer) => {
    const artifactType = await artifactTypeOf(store, referrer, session);
    return artifactType !== undefined && artifactTypes.includes(artifactType) ? [referrer] : [];
  });
  return wanted.flat();
}

/**
 * What the registry lists, or else what the manifest says: some list no type, or that of the config alone
 * (go-containerregistry's registry), and the empty one is nobody's type (image-spec v1.1, manifest.md "artifactType").
 */
async function artifactTypeOf(store: Store, referrer: Descriptor, session: Session): Promise<string | undefined> {
  const { artifactType } = referrer;
  if (artifactType !== undefined && artifactType !== MediaType.OCI_EMPTY) return artifactType;
  return referrerView(referrer, await session.manifest(store, referrer))?.artifactType;
}

/** The manifests that an index names; none for an image. What indexes among them name is not read. @throws what the store answers */
export async function manifestsBelow(store: Store, root: Descriptor, session: Session): Promise<readonly Digest[]> {
  if (!isIndex(root.mediaType)) return [];
  const { manifests } = successors(root, await session.manifest(store, root));
  return manifests.map(({ digest }) => digest);
}

/** Where no list of tags tells of them all, what is below the image is asked for only if the image itself has such a tag. */
async function tagsAbout(
  source: Store,
  root: Digest,
  others: readonly Digest[],
  artifactTypes: readonly string[] | undefined,
  session: Session,
): Promise<readonly CosignTag[]> {
  const own = await findCosignTags(source, [root], artifactTypes, session);
  if (own.length === 0 && (await session.holdings.allTags(source)) === undefined) return own;
  return [...own, ...(await findCosignTags(source, others, artifactTypes, session))];
}
