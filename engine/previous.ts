import type { Descriptor } from '../lib/model/descriptor';
import type { Digest } from '../lib/model/digest';
import type { Branch } from './branch';
import type { Store } from './content';
import { mapWithin } from './gate';
import { successors } from './graph';
import type { Session } from './session';

/** Children of an index that are read to learn their layers: one for each platform, as a rule. */
const MOST_CHILDREN = 16;
const AT_ONCE = 8;
/** Here a manifest that is read counts as a pull. */
const PULLS_COUNT = 'docker.io';

/**
 * Learns what a destination holds from the image that its tag still stands for: most layers of the next one are those of the
 * last one, and a few manifests say so for all of them. Never rejects: what is not learned is asked for one by one.
 *
 * @param next children of the next image: what they have in common with the last one's need not be read
 */
export async function learnPrevious(branch: Branch, next: ReadonlySet<Digest>, session: Session): Promise<void> {
  const { store } = branch;
  const tag = branch.destinations.find(({ why }) => why === 'changed')?.reference.tag;
  if (tag === undefined || store.repository.registry === PULLS_COUNT) return;
  try {
    const root = await store.resolve(tag, session.options());
    const children = await learn(store, root, session);
    const others = children.filter(({ digest }) => !next.has(digest)).slice(0, MOST_CHILDREN);
    await mapWithin(AT_ONCE, others, (child) => learn(store, child, session));
    branch.described = true;
  } catch {
    // A stopped run is noticed by the next request.
  }
}

/** A repository that holds a manifest holds what it names. @returns the manifests among that */
async function learn(store: Store, manifest: Descriptor, session: Session): Promise<readonly Descriptor[]> {
  const { manifests, blobs } = successors(manifest, await session.manifest(store, manifest));
  for (const { digest } of [manifest, ...manifests, ...blobs]) session.learn(store, digest);
  return manifests;
}
