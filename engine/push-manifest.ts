import type { Descriptor } from '../lib/model/descriptor';
import type { Branch } from './branch';
import { MissingContent } from './errors';
import { namedBlobs } from './graph';
import { listUnderSubject } from './list-referrer';
import type { Session } from './session';

export interface PushManifestOptions {
  /** @default - by digest */
  readonly tag?: string;
  /** Sends what the manifest names once more. @default - that was done already */
  readonly again?: () => Promise<void>;
}

/**
 * Pushes a manifest whose children are at the destination, and lists it under its subject where the registry does not do so. A
 * registry may lose a blob between its upload and the manifest: what the manifest names is then sent again, once.
 *
 * @throws what the destination answers
 */
export async function pushManifest(
  branch: Branch,
  manifest: Descriptor,
  bytes: Uint8Array,
  session: Session,
  { tag, again }: PushManifestOptions,
): Promise<void> {
  const { store } = branch;
  const options = tag === undefined ? session.options() : { ...session.options(), tag };
  const push = async () => {
    const pushed = await store.pushManifest(manifest, bytes, options);
    session.learn(store, manifest.digest);
    const named = namedBlobs(manifest, bytes).map(({ digest }) => digest);
    session.mounts.pushedManifest(store.repository, named);
    branch.tell('found', bytes.byteLength);
    branch.tell('moved', bytes.byteLength);
    if (!pushed.listedBySubject) await listUnderSubject(branch, manifest, bytes, session);
  };
  try {
    await push();
  } catch (error) {
    if (!(error instanceof MissingContent) || again === undefined) throw error;
    await again();
    await push();
  }
}
