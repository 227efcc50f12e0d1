import type { Digest } from './digest';
import { repositoryPlace, tagPlace } from './place';
import { parseReference, type Reference, withDefaultTag } from './reference';

/** An image that something runs, or is set up to run. */
export interface Use {
  readonly image: Reference;
  /** What was pulled, where the runtime says so. @default - the image's own, if any */
  readonly digest?: Digest;
  /** For people: `ECS service orders in eu-west-1`. */
  readonly by: string;
}

/** All that is in use, to be asked about one image after the other. */
export interface InUse {
  readonly byDigest: ReadonlyMap<Digest, string>;
  /** By repository and tag, as users write them: sources count, because a cluster may pull through the mirror by their names. */
  readonly byTag: ReadonlyMap<string, string>;
  /** Repositories from which a digest runs that is no tag's: that of a platform, perhaps, of any index there. */
  readonly ofUnknownIndex: ReadonlyMap<string, string>;
}

/** Reads what a service calls an image. Undefined for what is no reference. */
export function parseUse(image: unknown, by: string, digest?: Digest): Use | undefined {
  if (typeof image !== 'string') return undefined;
  try {
    return { image: withDefaultTag(parseReference(image)), by, ...(digest === undefined ? {} : { digest }) };
  } catch {
    return undefined;
  }
}

/** @param explained digests that are known to be part of an index which is in use by its tag */
export function collectUses(uses: readonly Use[], explained: ReadonlySet<Digest>): InUse {
  const byDigest = new Map<Digest, string>();
  const byTag = new Map<string, string>();
  const ofUnknownIndex = new Map<string, string>();
  for (const { image, digest = image.digest, by } of uses) {
    if (image.tag !== undefined) byTag.set(tagPlace({ repository: image.repository, tag: image.tag }), by);
    if (digest === undefined) continue;
    byDigest.set(digest, by);
    if (!explained.has(digest)) ofUnknownIndex.set(repositoryPlace(image.repository), by);
  }
  return { byDigest, byTag, ofUnknownIndex };
}

/** Who uses an image, as far as is known. */
export function useOf(
  inUse: InUse,
  { source, destination }: { readonly source: Reference; readonly destination: Reference },
  held: { readonly digest: Digest; readonly isIndex: boolean },
): string | undefined {
  const users = [
    inUse.byDigest.get(held.digest),
    ...[source, destination].map(({ repository, tag }) => inUse.byTag.get(tagPlace({ repository, tag }))),
  ];
  const user = users.find((one) => one !== undefined);
  if (user !== undefined) return `${user} uses it`;
  if (!held.isIndex) return undefined;
  const perhaps = [source, destination].map(({ repository }) => inUse.ofUnknownIndex.get(repositoryPlace(repository)));
  const somebody = perhaps.find((one) => one !== undefined);
  return somebody === undefined ? undefined : `${somebody} runs a digest of this repository that may be part of it`;
}
