import type { Descriptor } from '../lib/model/descriptor';
import type { Digest } from '../lib/model/digest';
import { formatRepository, type Repository } from '../lib/model/reference';
import { Checks } from './checks';
import type { Store } from './content';
import { Gate, Turns } from './gate';
import { Holdings } from './holdings';
import { Leaders } from './leaders';
import { Mounts } from './mounts';
import { type Clock, type Observer, systemClock } from './ports';

/** What a run has in common: what it learned about who holds which content, and how much it does at once. */
export class Session {
  readonly clock: Clock;
  readonly observer: Observer;
  readonly signal: AbortSignal | undefined;
  /** Streams under way, the read and each destination counted, by what they may hold; bounds memory. */
  readonly streams: Gate;
  private readonly turns = new Turns<string>();
  readonly mounts = new Mounts();
  /** Who brings what others then take over. */
  readonly leaders = new Leaders((registry, digest) => this.isWorthWaiting(registry, digest));
  /** What destinations are asked for. */
  readonly holdings: Holdings;
  /** Whether destinations are asked for everything before it is read at the source. */
  readonly thorough: boolean;
  /** What verification has asked. */
  readonly checks = new Checks(() => this.options());
  private readonly holders = new Map<Digest, Map<string, Store>>();
  private readonly manifests = new Map<Digest, Promise<Uint8Array>>();
  private manifestBytes = 0;
  private readonly rooms: Gate[] = [];

  constructor(options: SessionOptions = {}) {
    this.clock = options.clock ?? systemClock;
    this.observer = options.observer ?? {};
    this.signal = options.signal;
    this.thorough = options.thorough ?? false;
    this.holdings = new Holdings(() => this.options(), this.thorough);
    this.streams = new Gate((options.streams ?? DEFAULT_STREAMS) * WHOLE_STREAM);
  }

  /** Whether the store is known to hold the content: because it said so, or because this run put it there. */
  holds(store: Store, digest: Digest): boolean {
    return this.holders.get(digest)?.has(formatRepository(store.repository)) ?? false;
  }

  learn(store: Store, digest: Digest, how: 'seen' | 'pushed' = 'seen'): void {
    if (how === 'pushed') this.mounts.pushedBlob(store.repository, digest);
    const stores = this.holders.get(digest) ?? new Map<string, Store>();
    stores.set(formatRepository(store.repository), store);
    this.holders.set(digest, stores);
  }

  /** What was believed turned out wrong: a registry may forget a blob that no manifest names. */
  forget(store: Store, digest: Digest): void {
    this.holders.get(digest)?.delete(formatRepository(store.repository));
  }

  /** Stores that are known to hold the content. */
  holdersOf(digest: Digest): readonly Store[] {
    return [...(this.holders.get(digest)?.values() ?? [])];
  }

  /** Another repository of the same registry that is known to hold the content. */
  mountable(into: Store, digest: Digest): Repository | undefined {
    return this.holdersOf(digest).find(
      (store) =>
        store.repository.registry === into.repository.registry && store.repository.name !== into.repository.name,
    )?.repository;
  }

  /** Whether a blob could be mounted at a registry if only a manifest named it there. */
  private isWorthWaiting(registry: string, digest: Digest): boolean {
    const there = this.holdersOf(digest).filter(({ repository }) => repository.registry === registry);
    const isNamed = there.some(({ repository }) => !this.mounts.isUnnamed(repository, digest));
    return !isNamed && this.mounts.isNamedTaken(registry);
  }

  /** A manifest's bytes, fetched once a run: at many registries a fetched manifest counts as a pull. */
  manifest(from: Store, descriptor: Descriptor): Promise<Uint8Array> {
    const known = this.manifests.get(descriptor.digest);
    if (known !== undefined) return known;
    const fetched = from.fetchManifest(descriptor, this.options());
    this.manifests.set(descriptor.digest, fetched);
    fetched.then(
      (bytes) => this.keepWithin(bytes.byteLength),
      () => this.manifests.delete(descriptor.digest),
    );
    return fetched;
  }

  /** What a tag or digest stands for, where the bytes are wanted too: they are fetched with it, and kept. */
  async read(from: Store, reference: string | Digest): Promise<Descriptor> {
    if (from.read === undefined) return from.resolve(reference, this.options());
    const { descriptor, bytes } = await from.read(reference, this.options());
    this.keep(descriptor, bytes);
    return descriptor;
  }

  /** Takes the bytes of a manifest that somebody has read, and verified. */
  keep({ digest }: Pick<Descriptor, 'digest'>, bytes: Uint8Array): void {
    this.manifests.set(digest, Promise.resolve(bytes));
    this.keepWithin(bytes.byteLength);
  }

  /**
   * Works on a manifest while its bytes are held. Those of one depth share a room, however many indexes name them, so that
   * indexes in indexes cannot fill the memory. Who holds one waits only for deeper ones: nobody waits in a circle.
   */
  held<T>(manifest: Descriptor, depth: number, work: () => Promise<T>): Promise<T> {
    this.rooms[depth] ??= new Gate(ROOM_PLACES);
    // A child says how long it is; of a root, HEAD may not have told, and no small one is to wait for that.
    const unknown = depth === 0 ? ROOM_PLACES / 4 : ROOM_PLACES;
    const places = manifest.size === 0 ? unknown : Math.ceil(manifest.size / PLACE_BYTES);
    return this.rooms[depth].run(work, places);
  }

  /**
   * A blob that no destination is known to hold is moved by one at a time, so that whoever needs it too finds it moved; from
   * then on by one at a time for the same repositories.
   */
  inTurn(digest: Digest, stores: readonly Store[], work: () => Promise<void>): Promise<void> {
    const there = stores.map((store) => formatRepository(store.repository)).join(' ');
    const unheld = () => this.holdersOf(digest).length === 0;
    return this.turns.run(digest, () => this.turns.run(`${digest} ${there}`, work), unheld);
  }

  /** Moves a blob while there is room for its streams: one that is shorter than their buffers takes less. */
  streaming<T>(blob: Descriptor, streams: number, work: () => Promise<T>): Promise<T> {
    const places = Math.min(WHOLE_STREAM, Math.max(1, Math.ceil(blob.size / STREAM_PLACE)));
    return this.streams.run(work, streams * places);
  }

  options(): { readonly signal?: AbortSignal } {
    return this.signal === undefined ? {} : { signal: this.signal };
  }

  /** Lets the oldest manifests go when those that are kept grow past a ceiling. */
  private keepWithin(added: number): void {
    this.manifestBytes += added;
    if (this.manifestBytes <= MANIFEST_CEILING) return;
    this.manifests.clear();
    this.manifestBytes = 0;
  }
}

export interface SessionOptions {
  readonly clock?: Clock;
  readonly observer?: Observer;
  readonly signal?: AbortSignal;
  /**
   * Whether destinations are asked for everything, also where to send it again costs as much as to ask: a source may not have
   * what they hold already.
   *
   * @default false
   */
  readonly thorough?: boolean;
  /** Of large blobs; of small ones there may be more. @default 48 */
  readonly streams?: number;
}

const DEFAULT_STREAMS = 48;
/** Places of a stream that may fill its buffers. */
const WHOLE_STREAM = 4;
const STREAM_PLACE = 256 * 1024;
/** Together as much as one manifest may have. */
const ROOM_PLACES = 64;
const PLACE_BYTES = 64 * 1024;
const MANIFEST_CEILING = 16 * 1024 * 1024;
