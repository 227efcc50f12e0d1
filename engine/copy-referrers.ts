import type { Copy } from '../lib/model/copy';
import type { Descriptor } from '../lib/model/descriptor';
import { formatReference, formatRepository } from '../lib/model/reference';
import { type Branch, living, nameOf } from './branch';
import type { Store } from './content';
import { copyGraph, type GraphOptions } from './copy-graph';
import { type CosignTag, holdsAllOf } from './cosign-tags';
import { findReferrers, type Referrers } from './find-referrers';
import { mapWithin } from './gate';
import { heldBy } from './held-by';
import { listUnderSubject } from './list-referrer';
import type { Session } from './session';
import { tagManifest } from './tag-manifest';

/** Subjects of which referrers are copied side by side, and tags. */
const AT_ONCE = 4;

/** Finds what refers to the image. A source that cannot be asked fails all branches: an image without its signature is not a copy. */
export async function referrersToCopy(
  source: Store,
  copy: Copy,
  branches: readonly Branch[],
  session: Session,
): Promise<Referrers | undefined> {
  try {
    return await findReferrers(source, copy, session);
  } catch (error) {
    for (const branch of branches) {
      branch.fail('source', 'list', `referrers of ${formatReference(copy.source)}`, error);
    }
    return undefined;
  }
}

/** Copies referrers to every living branch. One that cannot be copied fails the branch, whose tag then stays as it was. */
export async function copyReferrers(
  source: Store,
  branches: readonly Branch[],
  referrers: Referrers,
  session: Session,
  options: Inspected = {},
): Promise<void> {
  await mapWithin(AT_ONCE, referrers.manifests, async (ofOne) => {
    // In turn, not side by side: a subject goes before what refers to it, and a fallback index has one writer.
    for (const referrer of ofOne) await copyReferrer(source, branches, referrer, session, options);
  });
  await mapWithin(AT_ONCE, referrers.tags, (tag) => copyTag(source, branches, tag, session, options));
}

type Inspected = Pick<GraphOptions, 'inspected'>;

async function copyReferrer(
  source: Store,
  branches: readonly Branch[],
  referrer: Descriptor,
  session: Session,
  options: Inspected,
): Promise<void> {
  const pushed = new Set<Branch>();
  await copyGraph(source, living(branches), referrer, session, {
    ...options,
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

async function copyTag(
  source: Store,
  branches: readonly Branch[],
  { tag, root }: CosignTag,
  session: Session,
  options: Inspected,
): Promise<void> {
  const lacking = await branchesWithout(source, branches, { tag, root }, session, options);
  await copyGraph(source, lacking, root, session, { ...options, exceptRoot: async () => true });
  await Promise.all(
    living(lacking).map((branch) =>
      branch.attempt(`push as ${tag}`, nameOf('manifest', root, branch.store), () =>
        tagManifest(source, branch, root, session, tag),
      ),
    ),
  );
}

/** Those whose tag, if there is one, lacks something of the source's. */
async function branchesWithout(
  source: Store,
  branches: readonly Branch[],
  { tag, root }: CosignTag,
  session: Session,
  { inspected }: Inspected,
): Promise<readonly Branch[]> {
  const answers = await Promise.all(
    living(branches).map(async (branch) => {
      const { store } = branch;
      const isHeld = await branch.attempt('look up', `${tag} of ${formatRepository(store.repository)}`, async () => {
        const held = await heldBy(store, tag, session);
        if (held === undefined || !(await holdsAllOf(store, held, source, root, session))) return false;
        // Of a tag that is right something below it may be lost.
        return inspected !== true || held.digest !== root.digest || session.holds(store, root.digest);
      });
      return isHeld === false ? branch : undefined;
    }),
  );
  return answers.filter((branch) => branch !== undefined);
}
