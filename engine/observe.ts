import type { Digest } from '../lib/model/digest';
import { formatReference, formatRepository, type Reference } from '../lib/model/reference';
import type { Store, Stores } from './content';
import { directReferrers } from './copy-referrers';
import { CopyError, NotFound, type Side } from './errors';
import type { Observed, Wish } from './plan';
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
  private readonly referrers = new Map<string, Promise<readonly Digest[]>>();
  private known: ReadonlyMap<string, Digest | Error | undefined> = new Map();

  constructor(
    private readonly stores: Stores,
    private readonly session: Session,
    /** What is lacking is copied in this session: repositories that lack it are asked for their tags, ahead of the copy. */
    private readonly copies = false,
  ) {}

  /** Takes answers already had, by canonical reference. */
  learn(known: ReadonlyMap<string, Digest | Error | undefined>): void {
    this.known = known;
  }

  /** What a destination holds, asked once. Never rejects. */
  look(reference: Reference): Promise<Observed> {
    const name = formatReference(reference);
    const look = this.looks.get(name) ?? this.held(name, reference);
    this.looks.set(name, look);
    return look;
  }

  async observe(wish: Wish): Promise<Observed> {
    const held = await this.look(wish.destination);
    if (held.kind !== 'holds' || held.digest !== wish.image.root.digest || !wish.mirror.referrers) return held;
    return this.withReferrers(wish, held.digest);
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

  /** One query at the source; one at the destination only if the source has any. */
  private async withReferrers(wish: Wish, digest: Digest): Promise<Observed> {
    const { artifactTypes } = wish.mirror;
    let wanted: readonly Digest[];
    try {
      wanted = await this.referrersOf('source', wish.image.reference, digest, artifactTypes);
    } catch (cause) {
      return failed('source', 'list', `referrers of ${formatReference(wish.image.reference)}`, cause);
    }
    if (wanted.length === 0) return { kind: 'holds', digest };
    try {
      const there = new Set(await this.referrersOf('destination', wish.destination, digest, undefined));
      return { kind: 'holds', digest, lacksReferrers: wanted.some((referrer) => !there.has(referrer)) };
    } catch (cause) {
      return failed('destination', 'list', `referrers of ${formatReference(wish.destination)}`, cause);
    }
  }

  private referrersOf(side: Side, { repository }: Reference, digest: Digest, types: readonly string[] | undefined) {
    const key = JSON.stringify([side, formatRepository(repository), digest, types]);
    const known = this.referrers.get(key);
    if (known !== undefined) return known;
    const asked = directReferrers(this.stores(repository, side), digest, types, this.session).then((found) =>
      found.map((referrer) => referrer.digest),
    );
    this.referrers.set(key, asked);
    return asked;
  }
}

function failed(side: 'source' | 'destination', operation: string, what: string, cause: unknown): Observed {
  return { kind: 'failed', side, error: new CopyError(side, operation, what, cause) };
}
