import type { Copy } from '../lib/model/copy';
import { type Descriptor, MediaType } from '../lib/model/descriptor';
import { type Digest, digestEncoded } from '../lib/model/digest';
import { formatReference } from '../lib/model/reference';
import { type Branch, living, nameOf } from './branch';
import type { Store } from './content';
import { copyGraph } from './copy-graph';
import { NotFound, Unsupported } from './errors';
import { mapWithin } from './gate';
import { referrerView } from './graph';
import { listUnderSubject } from './list-referrer';
import type { Session } from './session';
import { tagManifest } from './tag-manifest';

/** What refers to an image at the source. */
export interface Referrers {
  /** Manifests whose `subject` is the image, or such a manifest in turn; subjects come before what refers to them. */
  readonly manifests: readonly Descriptor[];
  /** Tags that cosign derives from the digest, with what they name. */
  readonly tags: readonly { readonly tag: string; readonly root: Descriptor }[];
}

/** Referrers of referrers: a signature of an SBOM is two deep. */
const DEEPEST = 4;
const MOST = 10_000;
const AT_ONCE = 4;
/** Tags of cosign before version 3: signature, attestations, SBOM of `sha256:<hex>` as `sha256-<hex>.<suffix>`. */
const COSIGN_SUFFIXES = ['sig', 'att', 'sbom'];

/** Finds what refers to the image. A source that cannot be asked fails all branches: an image without its signature is not a copy. */
export async function findReferrers(
  source: Store,
  copy: Copy,
  branches: readonly Branch[],
  session: Session,
): Promise<Referrers | undefined> {
  try {
    const [manifests, tags] = await Promise.all([
      listReferrers(source, copy.root.digest, copy.artifactTypes, session),
      copy.artifactTypes === undefined ? cosignTags(source, copy.root.digest, session) : [],
    ]);
    return { manifests, tags };
  } catch (error) {
    for (const branch of branches) {
      branch.fail('source', 'list', `referrers of ${formatReference(copy.source)}`, error);
    }
    return undefined;
  }
}

/**
 * The referrers of a digest, and theirs. Artifact types narrow only the first ring: a signature of a wanted SBOM is wanted.
 *
 * @throws Unsupported when there are more than would be copied: a part of them is not passed off as all
 */
export async function listReferrers(
  source: Store,
  subject: Digest,
  artifactTypes: readonly string[] | undefined,
  session: Session,
): Promise<readonly Descriptor[]> {
  const found = new Map<Digest, Descriptor>();
  const fresh = (referrers: readonly Descriptor[]) => {
    const added = referrers.filter(({ digest }) => digest !== subject && !found.has(digest));
    for (const referrer of added) found.set(referrer.digest, referrer);
    if (found.size > MOST) throw new Unsupported(`more than ${MOST} referrers`);
    return added;
  };
  let ring = fresh(await directReferrers(source, subject, artifactTypes, session));
  for (let depth = 2; ring.length > 0; depth++) {
    const next = await mapWithin(AT_ONCE, ring, async ({ digest }) =>
      fresh(await directReferrers(source, digest, undefined, session)),
    );
    ring = next.flat();
    if (ring.length > 0 && depth > DEEPEST) throw new Unsupported(`referrers of referrers, more than ${DEEPEST} deep`);
  }
  return [...found.values()];
}

/** What names the digest as its subject: one query, and the manifests whose wanted type it does not tell. */
export async function directReferrers(
  store: Store,
  subject: Digest,
  artifactTypes: readonly string[] | undefined,
  session: Session,
): Promise<readonly Descriptor[]> {
  const all = (await store.referrers?.(subject, session.options())) ?? [];
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

async function cosignTags(source: Store, subject: Digest, session: Session): Promise<Referrers['tags']> {
  if (source.referrers === undefined) return [];
  const found = await Promise.all(
    COSIGN_SUFFIXES.map(async (suffix) => {
      const tag = `${subject.slice(0, subject.indexOf(':'))}-${digestEncoded(subject)}.${suffix}`;
      try {
        return [{ tag, root: { ...(await source.resolve(tag, session.options())), size: 0 } }];
      } catch (error) {
        if (error instanceof NotFound) return [];
        throw error;
      }
    }),
  );
  return found.flat();
}

/** Copies referrers to every living branch. One that cannot be copied fails the branch, whose tag then stays as it was. */
export async function copyReferrers(
  source: Store,
  branches: readonly Branch[],
  referrers: Referrers,
  session: Session,
): Promise<void> {
  // In turn, not side by side: a subject goes before what refers to it, and a fallback index has one writer.
  for (const referrer of referrers.manifests) await copyReferrer(source, branches, referrer, session);
  for (const { tag, root } of referrers.tags) {
    await copyGraph(source, living(branches), root, session, { exceptRoot: async () => true });
    await Promise.all(living(branches).map((branch) => pushTag(source, branch, tag, root, session)));
  }
}

async function copyReferrer(
  source: Store,
  branches: readonly Branch[],
  referrer: Descriptor,
  session: Session,
): Promise<void> {
  const pushed = new Set<Branch>();
  await copyGraph(source, living(branches), referrer, session, {
    onRootPushed: (branch) => {
      pushed.add(branch);
    },
  });
  // What was there already may have been left unlisted by an earlier run.
  const found = living(branches).filter((branch) => !pushed.has(branch));
  await Promise.all(
    found.map((branch) =>
      branch.attempt('list', nameOf('manifest', referrer, branch.store), async () =>
        listUnderSubject(branch, referrer, await session.manifest(source, referrer), session),
      ),
    ),
  );
}

async function pushTag(source: Store, branch: Branch, tag: string, root: Descriptor, session: Session): Promise<void> {
  await branch.attempt(`push as ${tag}`, nameOf('manifest', root, branch.store), () =>
    tagManifest(source, branch, root, session, tag),
  );
}
