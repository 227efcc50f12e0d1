import type { Copy, CopyDestination } from '../lib/model/copy';
import type { Outcome } from '../lib/model/outcome';
import { formatReference } from '../lib/model/reference';
import { Branch } from './branch';
import type { Store, Stores } from './content';
import { copyGraph } from './copy-graph';
import { copyReferrers } from './copy-referrers';
import { CopyError, reason } from './errors';
import { heldBy } from './held-by';
import { attempt, type Inspection, inspectImage } from './inspect-image';
import type { Lack } from './inspector';
import { openPart } from './part';
import type { Session } from './session';
import { writeTag } from './write-tag';

export interface VerifyOptions {
  /** Whether what is lacking is sent again. @default true */
  readonly repair?: boolean;
  /** Asked right before a tag is written; false stops that destination, because another run has taken it over. */
  readonly mayTag?: (copy: Copy, destination: CopyDestination) => Promise<boolean>;
}

/** Lines that an outcome carries; a destination that lost everything needs no more. */
const MOST_LINES = 20;

/**
 * Proves that an image is whole at its destinations: tag, index, children, configs, layers, and all that refers to it. What
 * destinations hold is read and asked there, so that an image that is whole costs no pull at the source. What is lacking is sent
 * again, and looked for once more. Never rejects.
 */
export async function verifyImage(
  copy: Copy,
  stores: Stores,
  session: Session,
  options: VerifyOptions = {},
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const destination of copy.destinations) {
    outcomes.push(await verifyOne(copy, destination, stores, session, options));
  }
  return outcomes;
}

async function verifyOne(
  copy: Copy,
  destination: CopyDestination,
  stores: Stores,
  session: Session,
  options: VerifyOptions,
): Promise<Outcome> {
  const started = session.clock.now();
  const { reference } = destination;
  const places = {
    source: stores(copy.source.repository),
    branch: new Branch(
      stores(reference.repository, 'destination'),
      [destination],
      formatReference(copy.source),
      session.observer,
    ),
  };
  places.branch.tell('started');
  const ended = await inspectAndRepair(copy, destination, places, session, options).catch((error) =>
    failed(copy, error),
  );
  places.branch.tell('ended');
  const seconds = (session.clock.now() - started) / 1000;
  return { source: copy.source, destination: reference, bytes: places.branch.sent, seconds, ...ended };
}

interface Places {
  readonly source: Store;
  readonly branch: Branch;
}

type Ended = Pick<Outcome, 'state' | 'lacks' | 'error' | 'cause' | 'code' | 'digest' | 'platforms' | 'compare' | 'tag'>;

async function inspectAndRepair(
  copy: Copy,
  destination: CopyDestination,
  { source, branch }: Places,
  session: Session,
  options: VerifyOptions,
): Promise<Ended> {
  const inspect = () => inspectImage(copy, destination, source, branch.store, session);
  const found = await inspect();
  if (found.lacks.length === 0) return whole(copy, destination, found, []);
  if (options.repair === false) return broken(found.lacks);
  await repair(copy, destination, { source, branch }, found, session, options);
  if (branch.error?.failure === 'stopped') throw branch.error;
  // A registry may take a blob and lose it all the same: it is asked once more.
  const after = await inspect();
  return after.lacks.length === 0 ? whole(copy, destination, after, found.lacks) : broken(after.lacks, branch.error);
}

/** Sends what is lacking; what cannot be sent fails the branch. @throws CopyError */
async function repair(
  copy: Copy,
  destination: CopyDestination,
  { source: all, branch }: Places,
  { lacks, root, referrers, tag }: Inspection,
  session: Session,
  options: VerifyOptions,
): Promise<void> {
  const { source, root: part } = await attempt('source', 'read', `platforms of ${formatReference(copy.source)}`, () =>
    openPart(all, { ...copy, root: copy.platforms === undefined ? root : copy.root }, session),
  );
  await copyGraph(source, [branch], part, session, { inspected: true });
  if (referrers !== undefined) await copyReferrers(source, [branch], referrers, session, { inspected: true });
  if (branch.error !== undefined || tag === undefined || !lacks.some(({ kind }) => kind === 'tag')) return;
  if ((await heldBy(branch.store, tag, session))?.digest === part.digest) return;
  const mayTag = async () => options.mayTag?.(copy, destination) ?? true;
  const reference = { ...destination.reference, tag };
  await writeTag(source, branch, part, session, { ...destination, reference }, mayTag);
}

function whole(
  { platforms, compare, root: { digest } }: Copy,
  { reference }: CopyDestination,
  { root, tag }: Inspection,
  repaired: readonly Lack[],
): Ended {
  return {
    state: 'Mirrored',
    lacks: linesOf(repaired),
    ...(root.digest === digest ? {} : { digest: root.digest }),
    ...(platforms === undefined ? {} : { platforms }),
    ...(compare === undefined ? {} : { compare }),
    ...(tag === reference.tag || tag === undefined ? {} : { tag }),
  };
}

/** @param error why it could not be repaired. @default - it was not to be */
function broken(lacks: readonly Lack[], error?: CopyError): Ended {
  const [first] = lacks;
  const others = lacks.length > 1 ? `, and ${lacks.length - 1} more` : '';
  const why = error === undefined ? '' : `; ${reason(error)}`;
  return {
    state: 'Failed',
    error: `destination: verify: ${first?.text ?? ''}${others}${why}`,
    cause: error?.failure ?? 'usage',
    code: 'CONTENT_LACKING',
    lacks: linesOf(lacks),
  };
}

function failed(copy: Copy, error: unknown): Ended {
  const told =
    error instanceof CopyError ? error : new CopyError('destination', 'verify', formatReference(copy.source), error);
  return { state: 'Failed', error: reason(told), cause: told.failure, code: told.code };
}

function linesOf(lacks: readonly Lack[]): readonly string[] {
  const lines = lacks.slice(0, MOST_LINES).map(({ text }) => text);
  return lacks.length > MOST_LINES ? [...lines, `and ${lacks.length - MOST_LINES} more`] : lines;
}
