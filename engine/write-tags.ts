import type { Copy, CopyDestination } from '../lib/model/copy';
import type { Descriptor } from '../lib/model/descriptor';
import type { Digest } from '../lib/model/digest';
import { besideTag } from '../lib/model/own-tags';
import { formatReference } from '../lib/model/reference';
import type { Branch } from './branch';
import type { Store } from './content';
import type { CopyOptions } from './copy';
import type { Tagged } from './copy-outcomes';
import { CopyError } from './errors';
import { heldBy } from './held-by';
import type { Session } from './session';
import { writeTag } from './write-tag';

/** What the writing of tags depends on beside the copy. */
export interface TagOptions extends Pick<CopyOptions, 'mayTag'> {
  /** Destinations that hold what counts as the same image, with its digest: their tags stay. */
  readonly alike: ReadonlyMap<CopyDestination, Digest>;
}

/** Writes the tags of one destination repository, one after the other, once all that they lead to is there. Never rejects. */
export async function writeTags(
  copy: Copy,
  source: Store,
  branch: Branch,
  session: Session,
  { alike, ...options }: TagOptions,
): Promise<readonly Tagged[]> {
  const results: Tagged[] = [];
  for (const destination of branch.destinations) {
    const digest = alike.get(destination);
    const kept = digest === undefined ? undefined : { digest };
    results.push(branch.error ?? kept ?? (await tagOne(copy, source, branch, destination, session, options)));
  }
  return results;
}

async function tagOne(
  copy: Copy,
  source: Store,
  branch: Branch,
  destination: CopyDestination,
  session: Session,
  options: Pick<CopyOptions, 'mayTag'>,
): Promise<Tagged> {
  const { reference, why } = destination;
  const { tag } = reference;
  // Nothing to write: the tag was right when the copy was planned, and only its referrers were missing.
  if (tag === undefined) return undefined;
  if (why === 'referrers') return taggedBefore(branch, destination, copy.root, session);
  // Whoever planned may not have known what the part that is wanted comes to.
  const isUnsure = (copy.platforms !== undefined || copy.compare !== undefined) && why === 'changed';
  const mayTag = async () => options.mayTag?.(copy, destination) ?? true;
  try {
    const tagged = { ...destination, reference: { ...reference, tag } };
    if (isUnsure && (await heldBy(branch.store, tag, session))?.digest === copy.root.digest) return undefined;
    return await writeTag(source, branch, copy.root, session, tagged, mayTag);
  } catch (error) {
    return error instanceof CopyError ? error : new CopyError('destination', 'tag', formatReference(reference), error);
  }
}

/** Which tag it was. Never rejects: where that cannot be told, it is taken to be the destination's own. */
async function taggedBefore(
  branch: Branch,
  { reference: { tag = '' }, onConflict }: CopyDestination,
  { digest }: Descriptor,
  session: Session,
): Promise<Tagged> {
  if (onConflict !== 'suffix') return undefined;
  const held = await heldBy(branch.store, tag, session).catch(() => undefined);
  return held === undefined || held.digest === digest ? undefined : { tag: besideTag(tag, digest) };
}
