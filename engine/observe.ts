import type { Digest } from '../lib/model/digest';
import { formatReference, formatRepository, type Reference } from '../lib/model/reference';
import type { Store, Stores } from './content';
import { CopyError, NotFound } from './errors';
import { ReferrerLooks } from './lacks-referrers';
import { expectedOf, type Observed, type Wish } from './plan';
import type { Session } from './session';

/** What destinations hold, asked in batches where a service can. What is not in the answer is asked by HEAD. */
export type DestinationDigests = (
  references: readonly Reference[],
) => Promise<ReadonlyMap<string, Digest | Error | undefined>>;

/** Looks at destinations, each distinct question once. */
export class Observer {
  /** Whether the tag of a repository that was asked for first is there. */
  private readonly firsts = new Map<string, Promise<boolean>>();
  private readonly looks = new Map<string, Promise<Observed>>();
  private readonly referrers: ReferrerLooks;
  private known: ReadonlyMap<string, Digest | Error | undefined> = new Map();

  constructor(
    private readonly stores: Stores,
    private readonly session: Session,
    /** What is lacking is copied in this session: repositories that lack it are asked for their tags, ahead of the copy. */
    private readonly copies = false,
  ) {
    this.referrers = new ReferrerLooks(stores, session);
  }

  /** Takes answers already had, by canonical reference. */
  learn(known: ReadonlyMap<string, Digest | Error | undefined>): void {
    this.known = new Map([...this.known, ...known]);
  }

  /** What a destination holds, asked once. Never rejects. */
  look(reference: Reference): Promise<Observed> {
    const name = formatReference(reference);
    const look = this.looks.get(name) ?? this.held(name, reference);
    this.looks.set(name, look);
    return look;
  }

  /** @param expected what the destination should hold: only then is looked at what refers to that */
  async observe(wish: Wish, expected: Digest | undefined = expectedOf(wish)): Promise<Observed> {
    const held = await this.look(wish.destination);
    if (held.kind !== 'holds' || held.digest !== expected || !wish.mirror.referrers) return held;
    const root = { ...wish.image.root, digest: held.digest };
    return this.withReferrers({ ...wish, image: { ...wish.image, root } }, held.digest);
  }

  private async held(name: string, reference: Reference): Promise<Observed> {
    try {
      const digest = this.known.has(name) ? this.known.get(name) : await this.digestOf(reference);
      if (digest instanceof Error) throw digest;
      return digest === undefined ? { kind: 'absent' } : { kind: 'holds', digest };
    } catch (cause) {
      return failed('destination', 'look up', name, cause);
    }
  }

  /** One tag that is not there makes it likely that others are not, which one list of the tags tells. */
  private async digestOf({ repository, tag, digest }: Reference): Promise<Digest | undefined> {
    const store = this.stores(repository, 'destination');
    const head = () => this.head(store, tag ?? digest ?? '');
    if (tag === undefined) return head();
    const key = formatRepository(repository);
    const first = this.firsts.get(key);
    if (first === undefined) {
      const asked = head();
      const isThere = asked.then(
        (found) => found !== undefined,
        () => true,
      );
      this.firsts.set(key, isThere);
      return asked;
    }
    const isAbsent = !(await first) && (await this.session.holdings.lacksTag(store, tag));
    return isAbsent ? undefined : head();
  }

  private async head(store: Store, reference: string): Promise<Digest | undefined> {
    try {
      return (await store.resolve(reference, this.session.options())).digest;
    } catch (error) {
      if (!(error instanceof NotFound)) throw error;
      if (this.copies) void this.session.holdings.tagsOf(store);
      return undefined;
    }
  }

  private async withReferrers(wish: Wish, digest: Digest): Promise<Observed> {
    try {
      return { kind: 'holds', digest, lacksReferrers: await this.referrers.lacks(wish) };
    } catch (error) {
      if (error instanceof CopyError) return { kind: 'failed', side: error.side, error };
      return failed('source', 'list', `referrers of ${formatReference(wish.image.reference)}`, error);
    }
  }
}

function failed(side: 'source' | 'destination', operation: string, what: string, cause: unknown): Observed {
  return { kind: 'failed', side, error: new CopyError(side, operation, what, cause) };
}
