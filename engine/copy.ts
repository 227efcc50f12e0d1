import type { Copy, CopyDestination } from '../lib/model/copy';
import type { Outcome } from '../lib/model/outcome';
import { besideTag } from '../lib/model/own-tags';
import { formatReference, formatRepository, type Repository } from '../lib/model/reference';
import { Branch } from './branch';
import type { Store, Stores } from './content';
import { copyGraph } from './copy-graph';
import { copyReferrers, findReferrers, type Referrers } from './copy-referrers';
import { CopyError, Refused, reason, TagImmutable, Unsigned } from './errors';
import type { Place } from './leaders';
import type { Session } from './session';
import { type TagWritten, writeTag } from './write-tag';

export interface CopyOptions {
  /** Asked right before a tag is written; false stops that destination, because another run has taken it over. */
  readonly mayTag?: (copy: Copy, destination: CopyDestination) => Promise<boolean>;
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
  // The length that a HEAD has told may be wrong (Harbor); what the digest says is not.
  const copy = { ...planned, root: { ...planned.root, size: 0 } };
  const started = session.clock.now();
  const source = stores(copy.source.repository);
  const branches = openBranches(copy, stores, session);
  source.expect?.(CONNECTIONS);
  for (const branch of branches) {
    branch.store.expect?.(CONNECTIONS);
    branch.tell('started');
    prepare(branch, copy, session);
  }

  const image = session.leaders.enter(0);
  const tagged = await copyAll(source, branches, copy, session, { ...options, image }).finally(() => image.leave());

  const seconds = (session.clock.now() - started) / 1000;
  return branches.flatMap((branch, i) => {
    branch.tell('ended');
    return outcomes(copy, branch, tagged[i] ?? [], seconds);
  });
}

/** Copies whatever belongs to the image, the tags last. @returns how writing the tags of each branch ended */
async function copyAll(
  source: Store,
  branches: readonly Branch[],
  copy: Copy,
  session: Session,
  options: CopyOptions & { readonly image: Place },
): Promise<readonly (readonly Tagged[])[]> {
  if (!(await isSigned(source, branches, copy, session, options))) return tagsOf(branches);
  const finding = copy.referrers ? findReferrers(source, copy, branches, session) : Promise.resolve(undefined);
  const exceptRoot = async () => tagIsEnough(copy, await finding);
  await copyGraph(source, branches, copy.root, session, { exceptRoot, image: options.image });
  const referrers = await finding;
  if (referrers !== undefined) await copyReferrers(source, branches, referrers, session);
  return Promise.all(branches.map((branch) => tagAll(copy, source, branch, session, options)));
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
    if (verifySignature === undefined) throw new Refused('nothing here can verify signatures');
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

/** One branch for each destination repository. */
function openBranches(copy: Copy, stores: Stores, session: Session): Branch[] {
  const grouped = new Map<string, { repository: Repository; destinations: CopyDestination[] }>();
  for (const destination of copy.destinations) {
    const { repository } = destination.reference;
    const key = formatRepository(repository);
    const group = grouped.get(key) ?? { repository, destinations: [] };
    group.destinations.push(destination);
    grouped.set(key, group);
  }
  const source = formatReference(copy.source);
  return [...grouped.values()].map(
    ({ repository, destinations }) =>
      new Branch(stores(repository, 'destination'), destinations, source, session.observer),
  );
}

/** How writing one tag ended: undefined is success, with nothing to add. */
type Tagged = CopyError | TagWritten | undefined;

async function tagAll(
  copy: Copy,
  source: Store,
  branch: Branch,
  session: Session,
  options: CopyOptions,
): Promise<readonly Tagged[]> {
  const results: Tagged[] = [];
  for (const destination of branch.destinations) {
    results.push(branch.error ?? (await tagOne(copy, source, branch, destination, session, options)));
  }
  return results;
}

async function tagOne(
  copy: Copy,
  source: Store,
  branch: Branch,
  destination: CopyDestination,
  session: Session,
  options: CopyOptions,
): Promise<Tagged> {
  const { reference, why } = destination;
  const { tag } = reference;
  // Nothing to write: the tag was right when the copy was planned, and only its referrers were missing.
  if (tag === undefined || why === 'referrers') return undefined;
  const mayTag = async () => options.mayTag?.(copy, destination) ?? true;
  try {
    const tagged = { ...destination, reference: { ...reference, tag } };
    return await writeTag(source, branch, copy.root, session, tagged, mayTag);
  } catch (error) {
    return error instanceof CopyError ? error : new CopyError('destination', 'tag', formatReference(reference), error);
  }
}

function outcomes(copy: Copy, branch: Branch, tagged: readonly Tagged[], seconds: number): Outcome[] {
  return branch.destinations.map((destination, i) => {
    const end = tagged[i];
    const ended = {
      source: copy.source,
      destination: destination.reference,
      // The tags of one repository share what was moved; it is counted once.
      bytes: i === 0 ? branch.sent : 0,
      seconds,
    };
    if (!(end instanceof CopyError)) return { ...ended, state: 'Mirrored', ...end };
    const error = end;
    if (error.cause instanceof TagImmutable) {
      const { reference, onConflict } = destination;
      const tried = onConflict === 'suffix' ? { tag: besideTag(reference.tag ?? '', copy.root.digest) } : {};
      return { ...ended, state: 'Conflict', error: reason(error), ...tried };
    }
    if (error.cause instanceof Unsigned) return { ...ended, state: 'Quarantined', error: reason(error) };
    return { ...ended, state: 'Failed', error: reason(error), cause: error.failure };
  });
}
