import type { Copy } from '../lib/model/copy';
import type { Outcome } from '../lib/model/outcome';
import { formatReference } from '../lib/model/reference';
import { type Branch, openBranches } from './branch';
import type { Store, Stores } from './content';
import { copyGraph } from './copy-graph';
import { outcomesOf, type Tagged } from './copy-outcomes';
import { copyReferrers, referrersToCopy } from './copy-referrers';
import { Refused } from './errors';
import type { Referrers } from './find-referrers';
import type { Place } from './leaders';
import { type OpenPart, openPart } from './part';
import { findAlike } from './same-config';
import type { Session } from './session';
import { type VerifyOptions, verifyImage } from './verify-image';
import { writeTags } from './write-tags';

export interface CopyOptions extends VerifyOptions {
  /**
   * Asked before anything is sent of a copy that requires a signature.
   *
   * @throws Unsigned when no signature that would do was verified
   * @default - nobody can verify: such a copy fails
   */
  readonly verifySignature?: (copy: Copy, source: Store, session: Session) => Promise<void>;
}

/** Layers of an image, as a rule: connections to a far registry are opened while the first answers are on their way. */
const CONNECTIONS = 8;

/**
 * Copies one image to its destinations and says how each ended. Children go before parents and the root by its tag last; with
 * referrers, the root goes by digest, then they, then the tag, so that nobody sees a tag without its signature. Stopped
 * anywhere, each destination is whole. Never rejects.
 */
export async function copyImage(
  planned: Copy,
  stores: Stores,
  session: Session,
  options: CopyOptions = {},
): Promise<readonly Outcome[]> {
  if (planned.destinations.every(({ why }) => why === 'verify')) return verifyImage(planned, stores, session, options);
  // The length that a HEAD has told may be wrong (Harbor); what the digest says is not.
  const copy = { ...planned, root: { ...planned.root, size: 0 } };
  const started = session.clock.now();
  const source = stores(copy.source.repository);
  const branches = openBranches(copy, stores, session);
  source.expect?.(CONNECTIONS);
  for (const branch of branches) {
    branch.store.expect?.(CONNECTIONS);
    branch.tell('started');
  }

  const image = session.leaders.enter(0);
  const all = copyAll(source, branches, copy, session, { ...options, image });
  const { copied, tagged } = await all.finally(() => image.leave());

  const seconds = (session.clock.now() - started) / 1000;
  return branches.flatMap((branch, i) => {
    branch.tell('ended');
    return outcomesOf(copied, branch, tagged[i] ?? [], seconds);
  });
}

/** What was copied, its root that which destinations get, and how writing the tags of each branch ended. */
interface Copied {
  readonly copied: Copy;
  readonly tagged: readonly (readonly Tagged[])[];
}

/** Copies whatever belongs to the image, or to the part of it that is wanted, the tags last. */
async function copyAll(
  whole: Store,
  branches: readonly Branch[],
  planned: Copy,
  session: Session,
  options: CopyOptions & { readonly image: Place },
): Promise<Copied> {
  const signed = await isSigned(whole, branches, planned, session, options);
  const part = signed ? await partOf(whole, branches, planned, session) : undefined;
  if (part === undefined) return { copied: planned, tagged: tagsOf(branches) };
  const { source, root } = part;
  const copy = { ...planned, root };
  const alike = await findAlike(copy, source, branches, session);
  const lacking = branches.filter(({ destinations }) => destinations.some((one) => !alike.has(one)));
  if (lacking.length > 0) await bring(source, lacking, copy, session, options.image);
  const tagged = await Promise.all(
    branches.map((branch) => writeTags(copy, source, branch, session, { ...options, alike })),
  );
  return { copied: copy, tagged };
}

/** Brings whatever is below the tags, and what refers to it. */
async function bring(
  source: Store,
  branches: readonly Branch[],
  copy: Copy,
  session: Session,
  image: Place,
): Promise<void> {
  for (const branch of branches) prepare(branch, copy, session);
  await readWhereItIs(copy, branches, session);
  const finding = copy.referrers ? referrersToCopy(source, copy, branches, session) : Promise.resolve(undefined);
  const exceptRoot = async () => tagIsEnough(copy, await finding);
  await copyGraph(source, branches, copy.root, session, { exceptRoot, image });
  const referrers = await finding;
  if (referrers !== undefined) await copyReferrers(source, branches, referrers, session);
}

/** What destinations get. A source that does not say, or has not all of the platforms, fails all branches. */
async function partOf(
  source: Store,
  branches: readonly Branch[],
  copy: Copy,
  session: Session,
): Promise<OpenPart | undefined> {
  try {
    return await openPart(source, copy, session);
  } catch (error) {
    for (const branch of branches) branch.fail('source', 'read', `platforms of ${formatReference(copy.source)}`, error);
    return undefined;
  }
}

/** Of an image that a destination has, the index is read there: at the source that may be a pull. */
async function readWhereItIs({ root }: Copy, branches: readonly Branch[], session: Session): Promise<void> {
  const holder = branches.find(({ destinations }) => destinations.some(({ why }) => why === 'referrers'));
  // What cannot be read there is read at the source.
  await holder?.store.fetchManifest(root, session.options()).then(
    (bytes) => session.keep(root, bytes),
    () => undefined,
  );
}

/** How writing the tags ended where nothing could be written. */
function tagsOf(branches: readonly Branch[]): readonly (readonly Tagged[])[] {
  return branches.map(({ destinations, error }) => destinations.map(() => error));
}

/** Presence of a signature says nothing: it is verified, for the very digest that is then copied, before a byte is sent. */
async function isSigned(
  source: Store,
  branches: readonly Branch[],
  copy: Copy,
  session: Session,
  { verifySignature }: CopyOptions,
): Promise<boolean> {
  if (copy.requireSignature === undefined) return true;
  try {
    if (verifySignature === undefined)
      throw new Refused('UNSIGNED', 'got nothing that can verify signatures; a verifier would do');
    await verifySignature(copy, source, session);
    return true;
  } catch (error) {
    for (const branch of branches)
      branch.fail('source', 'verify', `signature of ${formatReference(copy.source)}`, error);
    return false;
  }
}

/** What planning saw, and what will have to be known first. */
function prepare({ store, destinations }: Branch, { root }: Copy, session: Session): void {
  if (destinations.some(({ why }) => why === 'referrers')) session.learn(store, root.digest);
  const tag = destinations.find(({ why }) => why === 'changed')?.reference.tag;
  if (tag !== undefined) session.holdings.hasTag(store, tag);
  else if (!session.holds(store, root.digest)) void session.holdings.tagsOf(store);
}

/** A root that nothing refers to is pushed by its tag alone, once; one with referrers goes by its digest first. */
function tagIsEnough(copy: Copy, referrers: Referrers | undefined): boolean {
  const referred = referrers !== undefined && referrers.manifests.length + referrers.tags.length > 0;
  return (
    !referred && copy.destinations.every(({ reference, why }) => reference.tag !== undefined && why !== 'referrers')
  );
}
