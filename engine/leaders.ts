import type { Descriptor } from '../lib/model/descriptor';
import type { Digest } from '../lib/model/digest';
import { formatRepository } from '../lib/model/reference';
import type { Store } from './content';

/** Bytes; what is shorter is sent sooner than waited for. */
const WORTH_WAITING = 1024 * 1024;
/** Of the manifests below an image's root, those deeper wait for nobody, nor does anybody for them. */
const DEEPEST = 1;

/**
 * The order of manifests that name the same long layers, at registries that let a blob be taken over only once a manifest names
 * it: the first one leads, and the others wait until it has been pushed, and then take the layers over from there.
 *
 * Nobody waits in a circle: one waits only for those that came before it, and within an index only for those within one. Who
 * waits has no room for its bytes.
 */
export class Leaders {
  private readonly leading = new Map<string, Place>();
  private entered = 0;

  /** @param isWorthWaiting whether the registry is such a one, and no manifest of it names the layer yet */
  constructor(private readonly isWorthWaiting: (registry: string, digest: Digest) => boolean) {}

  /** The place of one manifest in the order. It has to be left, whatever happens. */
  enter(depth: number): Place {
    return new Place(this.leading, this.isWorthWaiting, this.entered++, depth);
  }
}

export class Place {
  private readonly led = new Set<string>();
  private readonly repositories = new Set<string>();
  private release: () => void = () => undefined;
  private readonly left = new Promise<void>((resolve) => {
    this.release = resolve;
  });

  constructor(
    private readonly leading: Map<string, Place>,
    private readonly isWorthWaiting: (registry: string, digest: Digest) => boolean,
    private readonly number: number,
    private readonly depth: number,
  ) {}

  /** What has to come first; undefined when nothing has. Leads from now on what nobody before it leads. */
  before(blobs: readonly Descriptor[], stores: readonly Store[]): Promise<unknown> | undefined {
    if (this.depth > DEEPEST) return undefined;
    const leaders = new Set<Place>();
    const long = blobs.filter(({ size }) => size >= WORTH_WAITING);
    for (const { repository } of stores.filter(({ mount }) => mount !== undefined)) {
      const name = formatRepository(repository);
      this.repositories.add(name);
      for (const { digest } of long) {
        if (!this.isWorthWaiting(repository.registry, digest)) continue;
        const leader = this.leaderOf(`${repository.registry} ${digest}`);
        if (this.waitsFor(leader, name)) leaders.add(leader);
      }
    }
    return leaders.size === 0 ? undefined : Promise.all([...leaders].map((leader) => leader.left));
  }

  leave(): void {
    for (const key of this.led) if (this.leading.get(key) === this) this.leading.delete(key);
    this.release();
  }

  private leaderOf(key: string): Place {
    const leader = this.leading.get(key);
    if (leader !== undefined && leader.number <= this.number) return leader;
    this.leading.set(key, this);
    this.led.add(key);
    return this;
  }

  /** In a repository of their own, layers are shared without a mount. */
  private waitsFor(leader: Place, repository: string): boolean {
    return leader !== this && leader.depth >= this.depth && !leader.repositories.has(repository);
  }
}
