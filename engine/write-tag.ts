import type { CopyDestination } from '../lib/model/copy';
import type { Descriptor } from '../lib/model/descriptor';
import { besideTag } from '../lib/model/own-tags';
import { formatReference } from '../lib/model/reference';
import type { Branch } from './branch';
import type { Store } from './content';
import { CopyError, Stopped, TagImmutable } from './errors';
import { heldBy } from './held-by';
import { keepPrevious } from './keep-previous';
import type { Session } from './session';
import { tagManifest } from './tag-manifest';

/** What a tag came to beside holding the image. */
export interface TagWritten {
  /** The tag that was written instead, because the destination's is immutable and holds another image. */
  readonly tag?: string;
  /** The tag under which what the destination's held is kept. */
  readonly kept?: string;
}

/**
 * Writes the tag of a destination, to whose repository everything else has been brought, as its policies say: what the tag held
 * is kept before, and what an immutable tag refuses is tagged beside it.
 *
 * @param mayTag asked right before a tag is written; false stops
 * @throws CopyError
 */
export async function writeTag(
  source: Store,
  branch: Branch,
  root: Descriptor,
  session: Session,
  { reference, keepPrevious: keeps, onConflict }: CopyDestination & { readonly reference: { readonly tag: string } },
  mayTag: () => Promise<boolean>,
): Promise<TagWritten> {
  const { tag } = reference;
  const attempt = async <T>(operation: string, step: () => Promise<T>): Promise<T> => {
    try {
      session.signal?.throwIfAborted();
      if (!(await mayTag()))
        throw new Stopped('OVERTAKEN', 'another run has taken this copy over; nothing needs to be done');
      return await step();
    } catch (error) {
      throw new CopyError('destination', operation, formatReference(reference), error);
    }
  };
  const kept =
    keeps === true
      ? await attempt('keep what is held by', () => keepPrevious(branch.store, tag, root.digest, session))
      : undefined;
  const written = await attempt('tag', async () => {
    try {
      await tagManifest(source, branch, root, session, tag);
      return {};
    } catch (error) {
      if (!(error instanceof TagImmutable) || onConflict !== 'suffix') throw error;
      return { tag: await tagBeside(source, branch, root, session, tag, error) };
    }
  });
  return { ...written, ...(kept === undefined ? {} : { kept }) };
}

/** @throws TagImmutable when that tag holds another image, too: nobody else's tag is written over */
async function tagBeside(
  source: Store,
  branch: Branch,
  root: Descriptor,
  session: Session,
  tag: string,
  refusal: TagImmutable,
): Promise<string> {
  const name = besideTag(tag, root.digest);
  const there = await heldBy(branch.store, name, session);
  if (there === undefined) await tagManifest(source, branch, root, session, name);
  else if (there.digest !== root.digest) {
    throw new TagImmutable(`${refusal.message} ${name} holds another image, too`, refusal.answer, refusal.failure);
  }
  return name;
}
