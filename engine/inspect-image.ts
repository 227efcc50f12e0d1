import type { Copy, CopyDestination } from '../lib/model/copy';
import type { Descriptor } from '../lib/model/descriptor';
import { besideTag } from '../lib/model/own-tags';
import { formatReference } from '../lib/model/reference';
import type { Store } from './content';
import { CopyError, NotFound, type Side } from './errors';
import { findReferrers, type Referrers } from './find-referrers';
import { heldBy } from './held-by';
import { Inspector, type Lack } from './inspector';
import type { Session } from './session';

/** What one destination was found to hold of an image. */
export interface Inspection {
  readonly lacks: readonly Lack[];
  /** The image as the destination has it, or is to have it. */
  readonly root: Descriptor;
  /** What refers to it at the source. @default - it is not wanted, or the source has the image no longer */
  readonly referrers?: Referrers;
  /** The tag that holds the image, or is to. @default - its digest alone is wanted */
  readonly tag?: string;
}

/**
 * Looks at all that a destination holds of an image, and has the session know what is there and what is not.
 *
 * @throws CopyError when a side does not answer
 */
export async function inspectImage(
  copy: Copy,
  { reference, onConflict }: CopyDestination,
  source: Store,
  destination: Store,
  session: Session,
): Promise<Inspection> {
  const inspector = new Inspector(destination, source, session);
  const planned = { ...copy.root, size: 0 };
  const { tag: own } = reference;
  const atDestination = <T>(step: () => Promise<T>) =>
    attempt('destination', 'verify', formatReference(reference), step);
  const { root, tag } = await atDestination(async () => {
    const held = onConflict === 'suffix' && own !== undefined ? await besideOr(destination, own, copy, session) : own;
    // Of a part of an image, and of one like it, planning has compared the digest.
    const isOther = copy.platforms !== undefined || copy.compare !== undefined;
    const isExpected = (digest: string) => isOther || digest === planned.digest;
    if (held !== undefined) return { root: await inspector.tag(held, planned, isExpected), tag: held };
    await inspector.manifest(planned);
    return { root: planned, tag: undefined };
  });
  const referrers = copy.referrers ? await referrersAbout({ ...copy, root }, source, session) : undefined;
  await atDestination(async () => {
    if (referrers === 'unknown') await inspector.ownReferrers({ root });
    else if (referrers !== undefined) await inspector.referrers(referrers);
  });
  for (const digest of [...inspector.whole, ...inspector.blobs]) session.learn(destination, digest);
  for (const { digest } of inspector.lacks) forget(destination, digest, session);
  return {
    lacks: inspector.lacks,
    root,
    ...(referrers === undefined || referrers === 'unknown' ? {} : { referrers }),
    ...(tag === undefined ? {} : { tag }),
  };
}

/** The tag beside, where it holds the image that the tag itself, which is immutable, does not. */
async function besideOr(destination: Store, own: string, { root }: Copy, session: Session): Promise<string> {
  if ((await heldBy(destination, own, session))?.digest === root.digest) return own;
  const beside = besideTag(own, root.digest);
  return (await heldBy(destination, beside, session))?.digest === root.digest ? beside : own;
}

/** `unknown`: the source has the image no longer, and nobody can say what referred to it. */
async function referrersAbout(
  copy: Pick<Copy, 'source' | 'root' | 'artifactTypes'>,
  source: Store,
  session: Session,
): Promise<Referrers | 'unknown'> {
  return attempt('source', 'list', `referrers of ${formatReference(copy.source)}`, async () => {
    try {
      return await findReferrers(source, copy, session);
    } catch (error) {
      if (error instanceof NotFound) return 'unknown';
      throw error;
    }
  });
}

function forget(store: Store, digest: Lack['digest'], session: Session): void {
  session.forget(store, digest);
  session.checks.forget(store, { digest });
}

/** Names the side that an error came from. @throws CopyError */
export async function attempt<T>(side: Side, operation: string, what: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw error instanceof CopyError ? error : new CopyError(side, operation, what, error);
  }
}
