import type { Descriptor } from '../lib/model/descriptor';
import { type Branch, living, nameOf } from './branch';
import type { Session } from './session';

/**
 * The living branches whose repository does not hold the content. Asked of the repository only where the run does not know it
 * yet, and where asking is worth it; a branch that cannot be asked is failed.
 *
 * @param held told of each branch that holds it
 */
export async function branchesLacking(
  kind: 'blob' | 'manifest',
  content: Descriptor,
  branches: readonly Branch[],
  session: Session,
  held: (branch: Branch) => void = () => undefined,
): Promise<Branch[]> {
  const answers = await Promise.all(
    living(branches).map(async (branch) => {
      await branch.learning;
      const known = session.holds(branch.store, content.digest);
      const there = known || (await lookUp(kind, content, branch, session));
      if (there === true) held(branch);
      return there === false ? branch : undefined;
    }),
  );
  return answers.filter((branch) => branch !== undefined);
}

/** Bytes; so long a blob is asked for, however unlikely it is to be there. */
const LONG = 32 * 1024 * 1024;

/** Bytes; what is shorter may be in any two images. */
const TELLING = 16 * 1024;

/** Where a layer of an image is known to be there, others of which nothing is known most likely are not. */
export async function noteUnlikely(branch: Branch, blobs: readonly Descriptor[], session: Session): Promise<void> {
  await branch.learning;
  const held = (blob: Descriptor) => session.holds(branch.store, blob.digest);
  if (!blobs.some((blob) => blob.size > TELLING && held(blob))) return;
  for (const blob of blobs) if (!held(blob)) branch.unlikely.add(blob.digest);
}

/** Undefined when the repository could not be asked. */
async function lookUp(
  kind: 'blob' | 'manifest',
  content: Descriptor,
  branch: Branch,
  session: Session,
): Promise<boolean | undefined> {
  const unlikely = kind === 'manifest' ? branch.described : branch.unlikely.has(content.digest);
  const worthIt = session.thorough || branch.store.near === true || content.size >= LONG;
  if (unlikely && !worthIt) return false;
  const there = await branch.attempt('look up', nameOf(kind, content, branch.store), () =>
    session.holdings.holds(kind, content, branch.store),
  );
  if (there === true) session.learn(branch.store, content.digest);
  return there;
}
