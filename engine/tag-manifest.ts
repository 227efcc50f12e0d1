import type { Descriptor } from '../lib/model/descriptor';
import type { Branch } from './branch';
import type { Store } from './content';
import { sendAgain } from './copy-graph';
import { TagImmutable } from './errors';
import { pushManifest } from './push-manifest';
import type { Session } from './session';

/**
 * Pushes a manifest whose children are at the destination under a tag. An immutable tag refuses even the digest that it has:
 * that is success. @throws what the destination answers
 */
export async function tagManifest(
  source: Store,
  branch: Branch,
  manifest: Descriptor,
  session: Session,
  tag: string,
): Promise<void> {
  try {
    const bytes = await session.manifest(source, manifest);
    const again = () => sendAgain(source, branch, manifest, bytes, session);
    await pushManifest(branch, manifest, bytes, session, { tag, again });
  } catch (error) {
    if (!(error instanceof TagImmutable) || !(await holdsAlready(branch.store, tag, manifest, session))) throw error;
  }
}

async function holdsAlready(store: Store, tag: string, manifest: Descriptor, session: Session): Promise<boolean> {
  try {
    return (await store.resolve(tag, session.options())).digest === manifest.digest;
  } catch {
    return false;
  }
}
