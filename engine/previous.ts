import type { Descriptor } from '../lib/model/descriptor';
import type { Digest } from '../lib/model/digest';
import type { Branch } from './branch';
import type { Store } from './content';
import { mapWithin } from './gate';
import { successors } from './graph';
import { neighbourOf } from './neighbour';
import type { Session } from './session';

/** Children of an index that are read to learn their layers: one for each platform, as a rule. */
const MOST_CHILDREN = 16;
const AT_ONCE = 8;
/** Here a manifest that is read counts as a pull. */
const PULLS_COUNT = 'docker.io';

/**
 * Learns what a destination holds from the image that its tag still stands for, or else from that of the nearest tag: most layers
 * of the next image are those of the last one, and a few manifests say so for all of them. Never rejects: what is not learned
 * is asked for one by one.
 *
 * @param next children of the next image: what they have in common with the last one's need not be read
 */
export async function learnPrevious(
  branch: Branch,
  next: Promise<ReadonlySet<Digest>>,
  session: Session,
): Promise<void> {
  const { store } = branch;
  if (store.repository.registry === PULLS_COUNT) return;
  try {
    const tag = await previousTag(branch, session);
    if (tag === undefined) return;
    const root = await store.resolve(tag, session.options());
    const children = await learn(store, root, session);
    const known = await next;
    const others = children.filter(({ digest }) => !known.has(digest)).slice(0, MOST_CHILDREN);
    await mapWithin(AT_ONCE, others, (child) => learn(store, child, session));
    branch.described = true;
  } catch {
    // A stopped run is noticed by the next request.
  }
}

async function previousTag({ store, destinations }: Branch, session: Session): Promise<string | undefined> {
  const moving = destinations.find(({ why }) => why === 'changed')?.reference.tag;
  if (moving !== undefined) return moving;
  const wanted = destinations.find(({ reference }) => reference.tag !== undefined)?.reference.tag;
  return neighbourOf(wanted ?? '', (await session.holdings.tagsOf(store)) ?? []);
}

/** A repository that holds a manifest holds what it names. @returns the manifests among that */
async function learn(store: Store, manifest: Descriptor, session: Session): Promise<readonly Descriptor[]> {
  const { manifests, blobs } = successors(manifest, await session.manifest(store, manifest));
  for (const { digest } of [manifest, ...manifests, ...blobs]) session.learn(store, digest);
  return manifests;
}
