import type { Descriptor } from '../lib/model/descriptor';
import type { Repository } from '../lib/model/reference';
import { type Branch, living, nameOf } from './branch';
import type { ByteStream, Store } from './content';
import { CopyError, EngineError } from './errors';
import { fanOut } from './fan-out';
import { branchesLacking } from './lacking';
import type { Session } from './session';

/** How often a blob is begun again for the destinations that still lack it. Each request has its own retries besides. */
const ATTEMPTS = 4;
const FIRST_DELAY = 250;

/**
 * Brings a blob to every destination that lacks it: taken over from another repository of the same registry where that
 * works, else fed side by side from one read. Destinations that fail are filled again from one that has the blob, and from
 * the source only when none has. A destination that cannot be filled is failed; the others go on.
 *
 * @param force skip what is believed: a registry has just said that the blob is missing.
 */
export async function copyBlob(
  source: Store,
  branches: readonly Branch[],
  blob: Descriptor,
  session: Session,
  force = false,
): Promise<void> {
  const stores = branches.map(({ store }) => store);
  for (const branch of living(branches)) branch.tell('found', blob.size);
  await session.inTurn(blob.digest, stores, async () => {
    const there = (branch: Branch) => branch.tell('skipped', blob.size);
    let lacking = force ? living(branches) : await branchesLacking('blob', blob, branches, session, there);
    let attempt = 1;
    while (lacking.length > 0) {
      const unmounted = force ? lacking : await thoseNotMounted(source, lacking, blob, session);
      const { fed, waiting } = force ? { fed: unmounted, waiting: [] } : leaders(unmounted, session);
      const reader = readerFor(source, unmounted, blob, session);
      const failures = await feed(reader, fed, blob, session);
      const again = settle(failures, attempt, blob, source, reader);
      if (again.length > 0) await session.clock.sleep(FIRST_DELAY * 2 ** (attempt++ - 1), session.signal);
      lacking = [...again, ...waiting];
    }
  });
}

/**
 * Where a registry takes over blobs that were pushed a moment ago, or may do so, one repository is fed and the others wait
 * to mount from it. Amazon ECR does not, as long as no manifest names the blob: there, all are fed side by side.
 */
function leaders(branches: readonly Branch[], session: Session): { fed: Branch[]; waiting: Branch[] } {
  const fed: Branch[] = [];
  const waiting: Branch[] = [];
  for (const branch of branches) {
    const { registry } = branch.store.repository;
    const waits =
      branch.store.mount !== undefined &&
      session.mounts.isFreshTaken(registry) !== false &&
      fed.some((leader) => leader.store.repository.registry === registry);
    (waits ? waiting : fed).push(branch);
  }
  return { fed, waiting };
}

async function thoseNotMounted(
  source: Store,
  branches: readonly Branch[],
  blob: Descriptor,
  session: Session,
): Promise<Branch[]> {
  const answers = await Promise.all(
    branches.map(async (branch) => {
      const from = session.mountable(branch.store, blob.digest) ?? neighbour(source, branch.store);
      if (from === undefined || branch.store.mount === undefined) return branch;
      const mounted = await branch.attempt('mount', nameOf('blob', blob, branch.store), async () =>
        branch.store.mount?.(blob, from, session.options()),
      );
      if (mounted !== undefined) session.mounts.answered(from, blob.digest, mounted);
      if (mounted !== true) return branch.alive ? branch : undefined;
      session.learn(branch.store, blob.digest);
      branch.tell('mounted', blob.size);
      return undefined;
    }),
  );
  return answers.filter((branch) => branch !== undefined);
}

/** The source, where it is another repository of the destination's registry. */
function neighbour({ repository: from }: Store, { repository: into }: Store): Repository | undefined {
  return from.registry === into.registry && from.name !== into.name ? from : undefined;
}

/** A destination that holds the blob spares the source; the source is read when none does. */
function readerFor(source: Store, lacking: readonly Branch[], blob: Descriptor, session: Session): Store {
  const filling = new Set(lacking.map((branch) => branch.store));
  return session.holdersOf(blob.digest).find((store) => !filling.has(store)) ?? source;
}

interface Failure {
  readonly branch: Branch;
  readonly error: unknown;
  readonly fromReading: boolean;
}

async function feed(reader: Store, lacking: readonly Branch[], blob: Descriptor, session: Session): Promise<Failure[]> {
  if (lacking.length === 0) return [];
  const uploads: readonly Upload[] = lacking.map((branch) => ({ branch, taken: 0, failed: false }));
  const sinks = uploads.map(
    (upload) => (bytes: ByteStream) =>
      upload.branch.store.pushBlob(blob, counted(bytes, upload), { ...session.options(), verified: true }),
  );
  const { errors, readError } = await session.streaming(blob, lacking.length + 1, () =>
    fanOut(() => reader.fetchBlob(blob, session.options()), sinks),
  );
  if (readError !== undefined) session.forget(reader, blob.digest);
  return uploads.flatMap((upload, i) => {
    const { branch, taken } = upload;
    if (errors[i] === undefined) {
      session.learn(branch.store, blob.digest, 'pushed');
      return [];
    }
    upload.failed = true;
    branch.tell('lost', taken);
    return [{ branch, error: readError ?? errors[i], fromReading: readError !== undefined }];
  });
}

interface Upload {
  readonly branch: Branch;
  /** Bytes that it has taken. */
  taken: number;
  failed: boolean;
}

async function* counted(bytes: ByteStream, upload: Upload): ByteStream & AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    // It was waited for when the upload failed: what that took is told as lost already.
    if (upload.failed) return;
    upload.taken += chunk.byteLength;
    upload.branch.tell('moved', chunk.byteLength);
    yield chunk;
  }
}

/** Those worth another attempt; the others are failed with their error. Whatever ails another reader, the source may do. */
function settle(
  failures: readonly Failure[],
  attempt: number,
  blob: Descriptor,
  source: Store,
  reader: Store,
): Branch[] {
  return failures.flatMap(({ branch, error, fromReading }) => {
    const temporary = error instanceof EngineError && error.temporary;
    const otherReader = fromReading && reader !== source;
    if ((temporary || otherReader) && attempt < ATTEMPTS) return [branch];
    branch.error = fromReading
      ? new CopyError('source', 'read', nameOf('blob', blob, source), error)
      : new CopyError('destination', 'push', nameOf('blob', blob, branch.store), error);
    return [];
  });
}
