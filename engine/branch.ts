import type { Copy, CopyDestination } from '../lib/model/copy';
import type { Descriptor } from '../lib/model/descriptor';
import type { Digest } from '../lib/model/digest';
import { formatReference, formatRepository, type Repository } from '../lib/model/reference';
import type { Store, Stores } from './content';
import { CopyError, type Side } from './errors';
import type { CopyEvent, Observer } from './ports';
import type { Session } from './session';

/** One destination repository of a copy on its way: which tags it gets, what moved, and whether it has failed. */
export class Branch {
  /** Bytes sent to this repository. */
  sent = 0;
  /** Why it was let go. The others go on. */
  error: CopyError | undefined;
  /** An image that the repository holds is being read, to know what need not be asked for. */
  learning: Promise<void> = Promise.resolve();
  /** That image was read: manifests that it does not name are most likely not there. */
  described = false;
  /** Blobs that are most likely not there, because others beside them are. */
  readonly unlikely = new Set<Digest>();

  constructor(
    readonly store: Store,
    /** The tags that the image gets in this repository; they share its content. */
    readonly destinations: readonly CopyDestination[],
    private readonly source: string,
    private readonly observer: Observer,
  ) {}

  get alive(): boolean {
    return this.error === undefined;
  }

  fail(side: Side, operation: string, what: string, cause: unknown): void {
    this.error ??= cause instanceof CopyError ? cause : new CopyError(side, operation, what, cause);
  }

  tell(step: CopyEvent['step'], bytes = 0): void {
    if (step === 'moved') this.sent += bytes;
    const destination = formatRepository(this.store.repository);
    const tags = this.destinations.flatMap(({ reference }) => reference.tag ?? []);
    this.observer.copy?.({ source: this.source, destination, tags, step, bytes });
  }

  /** Runs a step at the destination; what it throws fails this branch alone. */
  async attempt<T>(operation: string, what: string, step: () => Promise<T>): Promise<T | undefined> {
    if (!this.alive) return undefined;
    try {
      return await step();
    } catch (error) {
      this.fail('destination', operation, what, error);
      return undefined;
    }
  }
}

export function living(branches: readonly Branch[]): Branch[] {
  return branches.filter((branch) => branch.alive);
}

/** `blob registry/name@sha256:…`: how content is named in errors. */
export function nameOf(kind: 'blob' | 'manifest', content: Descriptor, store: Store): string {
  return `${kind} ${formatRepository(store.repository)}@${content.digest}`;
}

/** One branch for each destination repository. */
export function openBranches(copy: Copy, stores: Stores, session: Session): Branch[] {
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
