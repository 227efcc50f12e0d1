import { type Descriptor, isForeignLayer, isManifest } from '../lib/model/descriptor';
import { type Branch, living, nameOf } from './branch';
import type { Store } from './content';
import { copyBlob } from './copy-blob';
import { NotFound, Unsupported } from './errors';
import { mapWithin } from './gate';
import { namedBlobs, successors } from './graph';
import { branchesLacking, noteUnlikely } from './lacking';
import type { Place } from './leaders';
import { learnPrevious } from './previous';
import { pushManifest } from './push-manifest';
import type { Session } from './session';

/** Indexes in indexes are legal; nobody means more of them than this. */
const DEEPEST = 8;
/** Of one manifest, worked on at once; requests and streams are bounded for the whole run besides. */
const CHILDREN_AT_ONCE = 16;
const BLOBS_AT_ONCE = 64;

export interface GraphOptions {
  /** Whether only what is below the root is copied, asked when that is there: the caller pushes the root, by its tag. @default - no */
  readonly exceptRoot?: () => Promise<boolean>;
  /**
   * The root of an image: its bytes are wanted in any case, and what destinations hold of the one before is worth knowing. Its
   * place is among other images; the caller leaves it when the image is there.
   */
  readonly image?: Place;
  /** Told when the root was pushed to a branch. */
  readonly onRootPushed?: (branch: Branch) => void;
  /** What was believed to be at the destination is not: look at nothing, push everything. */
  readonly force?: boolean;
  /** Everything at the destination was looked at: a manifest that the session does not know to be there is pushed. */
  readonly inspected?: boolean;
}

/**
 * Copies a manifest and everything below it, by digest: blobs and child manifests before the manifest that names them, each
 * digest once. A destination that already holds a manifest holds what is below it, and is left alone.
 *
 * A failure fails the branches that it concerns; a failure of the source fails all that still need it. Never rejects.
 */
export async function copyGraph(
  source: Store,
  branches: readonly Branch[],
  root: Descriptor,
  session: Session,
  options: GraphOptions = {},
): Promise<void> {
  await copyManifest({ source, session, options }, branches, root, 0);
}

interface Walk {
  readonly source: Store;
  readonly session: Session;
  readonly options: GraphOptions;
}

async function copyManifest(
  walk: Walk,
  branches: readonly Branch[],
  manifest: Descriptor,
  depth: number,
): Promise<void> {
  const { session } = walk;
  const ahead = depth === 0 ? readAhead(walk, manifest) : undefined;
  const lacking = await lackingManifest(walk, branches, manifest);
  if (lacking.length === 0) return;
  if (depth === 0) await copyRoot(walk, lacking, manifest, ahead);
  else {
    const place = session.leaders.enter(depth);
    const read = () => readManifest(walk, lacking, manifest, depth);
    try {
      await copyInTurn(walk, lacking, manifest, read, depth, place);
    } finally {
      place.leave();
    }
  }
}

async function lackingManifest(
  { session, options }: Walk,
  branches: readonly Branch[],
  manifest: Descriptor,
): Promise<readonly Branch[]> {
  if (options.force === true) return living(branches);
  if (options.inspected !== true) return branchesLacking('manifest', manifest, branches, session);
  return living(branches).filter(({ store }) => !session.holds(store, manifest.digest));
}

/** The length of a root that a HEAD has told may be wrong (Harbor), or none: it is read before its room is taken. */
async function copyRoot(
  walk: Walk,
  lacking: readonly Branch[],
  root: Descriptor,
  ahead: Promise<Uint8Array> | undefined,
): Promise<void> {
  const { session, options } = walk;
  const reading = readManifest(walk, lacking, root, 0, ahead);
  if (options.image !== undefined) learnWhatIsHeld(lacking, root, reading, session);
  const bytes = await reading;
  if (bytes === undefined) return;
  const size = bytes.byteLength;
  await copyInTurn(walk, lacking, { ...root, size }, async () => bytes, 0, options.image);
}

/** Takes room for the manifest's bytes, and copies unless others come first: then it waits for them, without the room. */
async function copyInTurn(
  walk: Walk,
  lacking: readonly Branch[],
  manifest: Descriptor,
  read: () => Promise<Uint8Array | undefined>,
  depth: number,
  place: Place | undefined,
): Promise<void> {
  const { session } = walk;
  const copied = async (): Promise<{ readonly others: Promise<unknown> } | undefined> => {
    const bytes = await read();
    if (bytes === undefined) return undefined;
    const stores = living(lacking).map(({ store }) => store);
    const others = place?.before(namedBlobs(manifest, bytes), stores);
    if (others !== undefined) return { others };
    await copyWhole(walk, lacking, manifest, bytes, depth);
    return undefined;
  };
  for (;;) {
    const waiting = await session.held(manifest, depth, copied);
    if (waiting === undefined) return;
    await waiting.others;
  }
}

async function copyWhole(
  walk: Walk,
  lacking: readonly Branch[],
  manifest: Descriptor,
  bytes: Uint8Array,
  depth: number,
): Promise<void> {
  await copySuccessors(walk, lacking, manifest, bytes, depth);
  if (depth === 0 && (await walk.options.exceptRoot?.()) === true) return;
  await Promise.all(living(lacking).map((branch) => pushByDigest(walk, branch, manifest, bytes, depth)));
}

/** While destinations are asked what they hold. */
function readAhead({ source, session, options }: Walk, root: Descriptor): Promise<Uint8Array> | undefined {
  if (options.image === undefined) return undefined;
  const reading = session.manifest(source, root);
  reading.catch(() => undefined);
  return reading;
}

async function readManifest(
  { source, session }: Walk,
  branches: readonly Branch[],
  manifest: Descriptor,
  depth: number,
  ahead?: Promise<Uint8Array>,
): Promise<Uint8Array | undefined> {
  try {
    if (depth > DEEPEST)
      throw new Unsupported(
        'TOO_LARGE',
        `${manifest.digest}: got an index in an index; at most ${DEEPEST} deep would do`,
      );
    return await (ahead ?? session.manifest(source, manifest));
  } catch (error) {
    for (const branch of branches) branch.fail('source', 'read', nameOf('manifest', manifest, source), error);
    return undefined;
  }
}

async function copySuccessors(
  walk: Walk,
  branches: readonly Branch[],
  manifest: Descriptor,
  bytes: Uint8Array,
  depth: number,
): Promise<void> {
  try {
    const { manifests, blobs } = successors(manifest, bytes);
    await Promise.all([
      mapWithin(CHILDREN_AT_ONCE, manifests, (child) => copyChild(walk, branches, child, depth + 1)),
      copyBlobs(walk, branches, inOrder(blobs)),
    ]);
  } catch (error) {
    for (const branch of living(branches)) {
      branch.fail('source', 'copy what is named by', nameOf('manifest', manifest, walk.source), error);
    }
  }
}

/** What a destination holds of the image before this one tells much of what need not be sent. */
function learnWhatIsHeld(
  branches: readonly Branch[],
  manifest: Descriptor,
  reading: Promise<Uint8Array | undefined>,
  session: Session,
): void {
  const children = reading.then((bytes) => (bytes === undefined ? [] : successors(manifest, bytes).manifests));
  const next = children.then((manifests) => new Set(manifests.map(({ digest }) => digest)));
  // Nobody may ask for it, and whoever reads the manifest says what is wrong with it.
  next.catch(() => undefined);
  for (const branch of branches) branch.learning = learnPrevious(branch, next, session);
}

async function copyBlobs(
  { source, session, options }: Walk,
  branches: readonly Branch[],
  blobs: readonly Descriptor[],
): Promise<void> {
  await Promise.all(branches.map((branch) => noteUnlikely(branch, blobs, session)));
  await mapWithin(BLOBS_AT_ONCE, blobs, (blob) => copyBlob(source, branches, blob, session, options.force));
}

/** The config first, which tells whether an earlier run was here; then the longest, so that none is waited for at the end. */
function inOrder(blobs: readonly Descriptor[]): readonly Descriptor[] {
  const [first, ...others] = blobs.filter((blob) => !isForeignLayer(blob.mediaType));
  return first === undefined ? [] : [first, ...others.sort((a, b) => b.size - a.size)];
}

/** A child of unknown type that is no manifest at the source is a blob (image-spec v1.1, image-index.md "mediaType"). */
async function copyChild(walk: Walk, branches: readonly Branch[], child: Descriptor, depth: number): Promise<void> {
  if (!isManifest(child.mediaType)) {
    try {
      await walk.session.held(child, depth, () => walk.session.manifest(walk.source, child));
    } catch (error) {
      if (error instanceof NotFound) return copyBlob(walk.source, branches, child, walk.session, walk.options.force);
    }
  }
  await copyManifest(walk, branches, child, depth);
}

async function pushByDigest(
  walk: Walk,
  branch: Branch,
  manifest: Descriptor,
  bytes: Uint8Array,
  depth: number,
): Promise<void> {
  await branch.attempt('push', nameOf('manifest', manifest, branch.store), async () => {
    const { source, session, options } = walk;
    const again = () => sendAgain(source, branch, manifest, bytes, session, depth);
    await pushManifest(branch, manifest, bytes, session, { again: options.force === true ? undefined : again });
    if (depth === 0) options.onRootPushed?.(branch);
  });
}

/**
 * Sends all that a manifest names once more to one destination, which has lost some of it.
 *
 * @throws whatever fails the branch
 */
export async function sendAgain(
  source: Store,
  branch: Branch,
  manifest: Descriptor,
  bytes: Uint8Array,
  session: Session,
  depth = 0,
): Promise<void> {
  await copySuccessors({ source, session, options: { force: true } }, [branch], manifest, bytes, depth);
  if (branch.error !== undefined) throw branch.error;
}
