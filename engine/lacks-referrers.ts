import { isIndex } from '../lib/model/descriptor';
import { isDigest } from '../lib/model/digest';
import { formatReference, formatRepository } from '../lib/model/reference';
import type { Store, Stores } from './content';
import { cosignTagsOf, findCosignTags, holdsAllOf } from './cosign-tags';
import { CopyError, type Side } from './errors';
import { directReferrers, manifestsBelow } from './find-referrers';
import { heldBy } from './held-by';
import type { Wish } from './plan';
import { fallbackTag } from './registry/referrers';
import type { Session } from './session';

/** Tags that are derived from a digest: the referrers tag schema's, and cosign's. */
const DERIVED = /^(sha256|sha512)-([a-f0-9]{64,128})(?:\.[a-z]+)?$/;

/** Finds out whether destinations lack anything that refers to an image they hold, with few questions, each asked once. */
export class ReferrerLooks {
  private readonly asked = new Map<string, Promise<unknown>>();

  constructor(
    private readonly stores: Stores,
    private readonly session: Session,
  ) {}

  /**
   * Whether a wish's destination, which holds the image, lacks what the source has about it. Nothing at the destination is asked
   * for before the source has anything.
   *
   * @throws CopyError naming the side that did not answer
   */
  async lacks(wish: Wish): Promise<boolean> {
    if (this.stores(wish.image.reference.repository).referrers === undefined) return false;
    return (await this.lacksManifests(wish)) || (await this.lacksCosignTags(wish)) || (await this.lacksBelow(wish));
  }

  private async lacksManifests(wish: Wish, digest = wish.image.root.digest): Promise<boolean> {
    const { artifactTypes } = wish.mirror;
    const source = this.storeAt('source', wish);
    const wanted = await this.at('source', wish, () =>
      this.once('referrers', source, [digest, artifactTypes], () =>
        directReferrers(source, digest, artifactTypes, this.session),
      ),
    );
    if (wanted.length === 0) return false;
    const destination = this.storeAt('destination', wish);
    const there = await this.at('destination', wish, () =>
      this.once('referrers', destination, [digest], () =>
        directReferrers(destination, digest, undefined, this.session),
      ),
    );
    const held = new Set(there.map((referrer) => referrer.digest));
    return wanted.some((referrer) => !held.has(referrer.digest));
  }

  private async lacksCosignTags(wish: Wish): Promise<boolean> {
    const { digest } = wish.image.root;
    const { artifactTypes } = wish.mirror;
    const source = this.storeAt('source', wish);
    const tags = await this.at('source', wish, () =>
      this.once('cosign', source, [digest, artifactTypes], () =>
        findCosignTags(source, [digest], artifactTypes, this.session),
      ),
    );
    const destination = this.storeAt('destination', wish);
    for (const { tag, root } of tags) {
      const isHeld = await this.at('destination', wish, async () => {
        const held = await heldBy(destination, tag, this.session);
        return held !== undefined && (await holdsAllOf(destination, held, source, root, this.session));
      });
      if (!isHeld) return true;
    }
    return false;
  }

  /**
   * Whether the source has tags about an image that the index names, and the destination has not. Lists of tags alone tell
   * which there are; only if some are lacking is the destination's index read, which is no pull at the source, and what they list
   * asked for.
   */
  private async lacksBelow(wish: Wish): Promise<boolean> {
    const { root } = wish.image;
    const { artifactTypes } = wish.mirror;
    if (!isIndex(root.mediaType)) return false;
    const [source, destination] = [this.storeAt('source', wish), this.storeAt('destination', wish)];
    const subjects = await this.once('derived', source, [formatRepository(destination.repository)], () =>
      this.subjectsLacking(source, destination),
    );
    if (subjects.size === 0) return false;
    const below = await this.at('destination', wish, () =>
      this.once('below', destination, [root.digest], async () => {
        // Of a part of an image it is not known yet whether it is an index.
        const isPart = wish.mirror.platforms !== undefined;
        const held = isPart ? await destination.resolve(root.digest, this.session.options()) : root;
        return manifestsBelow(destination, { ...held, size: 0 }, this.session);
      }),
    );
    if (below.some((digest) => cosignTagsOf(digest, artifactTypes).some((tag) => subjects.has(tag)))) return true;
    // Without that tag a registry may list the same by its API, and what a tag lists may be of other types than are wanted.
    for (const digest of below.filter((one) => subjects.has(fallbackTag(one)))) {
      if (await this.lacksManifests(wish, digest)) return true;
    }
    return false;
  }

  /** Derived tags of the source that the destination has not, where both list all of theirs at once. */
  private async subjectsLacking(source: Store, destination: Store): Promise<ReadonlySet<string>> {
    const derived = [...((await this.session.holdings.allTags(source)) ?? [])].filter(isDerived);
    const there = derived.length === 0 ? undefined : await this.session.holdings.allTags(destination);
    return new Set(there === undefined ? [] : derived.filter((tag) => !there.has(tag)));
  }

  private storeAt(side: Side, { image, destination }: Wish): Store {
    return side === 'source'
      ? this.stores(image.reference.repository)
      : this.stores(destination.repository, 'destination');
  }

  private once<T>(what: string, { repository }: Store, more: readonly unknown[], ask: () => Promise<T>): Promise<T> {
    const key = JSON.stringify([what, formatRepository(repository), more]);
    const asked = (this.asked.get(key) as Promise<T> | undefined) ?? ask();
    this.asked.set(key, asked);
    return asked;
  }

  private async at<T>(side: Side, { image, destination }: Wish, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (cause) {
      const what = formatReference(side === 'source' ? image.reference : destination);
      throw new CopyError(side, 'list', `referrers of ${what}`, cause);
    }
  }
}

function isDerived(tag: string): boolean {
  const [, algorithm, encoded] = DERIVED.exec(tag) ?? [];
  return isDigest(`${algorithm}:${encoded}`) || (algorithm === 'sha512' && encoded?.length === 64);
}
