import type { Copy } from '../lib/model/copy';
import { type Descriptor, isForeignLayer, isImageManifest, isManifest } from '../lib/model/descriptor';
import type { Digest } from '../lib/model/digest';
import type { Store } from './content';
import { holdsAllOf } from './cosign-tags';
import { ContentMismatch, NotFound, Unsupported } from './errors';
import type { Referrers } from './find-referrers';
import { mapWithin } from './gate';
import { referrerView, successors } from './graph';
import { heldBy } from './held-by';
import type { Session } from './session';

/** Something of an image that a destination does not hold, or holds damaged. */
export interface Lack {
  readonly kind: 'tag' | 'manifest' | 'config' | 'layer' | 'listing';
  /** What is lacking; of a tag, what it is to name; of a listing, the referrer that is not listed. */
  readonly digest: Digest;
  /** One line. */
  readonly text: string;
}

interface Found {
  /** Undefined when neither side has them. */
  readonly bytes: Uint8Array | undefined;
  readonly isThere: boolean;
}

const MANIFESTS_AT_ONCE = 8;
const BLOBS_AT_ONCE = 16;
/** Indexes in indexes. */
const DEEPEST = 8;

/**
 * Looks at everything below manifests of one destination: the manifests are read there, and checked against their digests; blobs
 * are asked for. Nothing is believed because it was pushed, or because a manifest names it. What is read spares the source.
 */
export class Inspector {
  /** By their lines: what several manifests name is told once. */
  private readonly noted = new Map<string, Lack>();
  /** Manifests that are there with all that is below them. */
  readonly whole = new Set<Digest>();
  /** Blobs that are there. */
  readonly blobs = new Set<Digest>();
  private readonly manifests = new Map<string, Promise<boolean>>();
  private readonly asked = new Map<Digest, Promise<boolean>>();

  /** @param source asked for what is below a manifest that the destination has not */
  constructor(
    private readonly destination: Store,
    private readonly source: Store,
    private readonly session: Session,
  ) {}

  get lacks(): readonly Lack[] {
    return [...this.noted.values()];
  }

  /** The tag, and the image that it names. @param isExpected whether the tag may name this @throws what the destination answers */
  async tag(tag: string, root: Descriptor, isExpected: (digest: Digest) => boolean): Promise<Descriptor> {
    const held = await heldBy(this.destination, tag, this.session);
    const right = held !== undefined && isExpected(held.digest) ? { ...held, size: 0 } : undefined;
    if (right === undefined) {
      const got = held === undefined ? 'is not there' : `names ${held.digest}`;
      this.note({ kind: 'tag', digest: root.digest, text: `tag ${tag} ${got}` });
    }
    await this.manifest(right ?? root);
    return right ?? root;
  }

  /** What refers to the image at the source: there, whole, and listed. @throws what a side answers */
  async referrers({ manifests, tags }: Referrers): Promise<void> {
    for (const referrer of manifests.flat()) {
      if (await this.manifest(referrer)) await this.listed(referrer);
    }
    for (const { tag, root } of tags) {
      const held = await heldBy(this.destination, tag, this.session);
      const isRight =
        held !== undefined && (await holdsAllOf(this.destination, held, this.source, root, this.session).catch(absent));
      if (!isRight) {
        const got = held === undefined ? 'is not there' : `names ${held.digest}, which lacks some of it`;
        this.note({ kind: 'tag', digest: root.digest, text: `tag ${tag} ${got}` });
      }
      await this.manifest(held !== undefined && isRight ? { ...held, size: 0 } : root);
    }
  }

  /** What the destination itself lists about the image: whole, if nobody can say what there should be. */
  async ownReferrers({ root }: Pick<Copy, 'root'>): Promise<void> {
    for (const referrer of await this.listedUnder(root.digest)) await this.manifest(referrer);
  }

  /** Whether a manifest is there, with all that is below it. */
  manifest(manifest: Descriptor, depth = 0): Promise<boolean> {
    // Of one at several depths no look waits for another, which might wait for the room that it has.
    const key = `${depth} ${manifest.digest}`;
    const known = this.manifests.get(key) ?? this.lookAt(manifest, depth);
    this.manifests.set(key, known);
    return known;
  }

  /** The length of a root may not be known; of what a manifest names it is, and room for its bytes is taken first. */
  private async lookAt(manifest: Descriptor, depth: number): Promise<boolean> {
    if (depth > DEEPEST)
      throw new Unsupported(
        'TOO_LARGE',
        `${manifest.digest}: got an index in an index; at most ${DEEPEST} deep would do`,
      );
    if (depth > 0)
      return this.session.held(manifest, depth, async () => this.with(manifest, await this.bytesOf(manifest), depth));
    const found = await this.bytesOf(manifest);
    const size = found.bytes?.byteLength ?? 0;
    return this.session.held({ ...manifest, size }, depth, () => this.with(manifest, found, depth));
  }

  /** As the destination has them, or else the source. */
  private async bytesOf(manifest: Descriptor): Promise<Found> {
    const there = await this.read(manifest);
    if (there !== undefined) return { bytes: there, isThere: true };
    return { bytes: await this.session.manifest(this.source, manifest).catch(() => undefined), isThere: false };
  }

  private async with(manifest: Descriptor, { bytes, isThere }: Found, depth: number): Promise<boolean> {
    const isBelowWhole = bytes === undefined ? false : await this.below(manifest, bytes, depth);
    const isWhole = isThere && isBelowWhole;
    if (isWhole) this.whole.add(manifest.digest);
    return isWhole;
  }

  /** Its bytes as the destination has them; undefined, and noted, when it has none, or others. */
  private async read(manifest: Descriptor): Promise<Uint8Array | undefined> {
    try {
      const bytes = await this.destination.fetchManifest({ ...manifest, size: 0 }, this.session.options());
      this.session.keep(manifest, bytes);
      return bytes;
    } catch (error) {
      if (!(error instanceof NotFound || error instanceof ContentMismatch)) throw error;
      const got = error instanceof NotFound ? 'is not there' : 'is damaged';
      this.note({ kind: 'manifest', digest: manifest.digest, text: `manifest ${manifest.digest} ${got}` });
      return undefined;
    }
  }

  private async below(manifest: Descriptor, bytes: Uint8Array, depth: number): Promise<boolean> {
    const { manifests, blobs } = successors(manifest, bytes);
    const hasConfig = isImageManifest(manifest.mediaType);
    const kept = blobs.filter(({ mediaType }) => !isForeignLayer(mediaType));
    const [below, held] = await Promise.all([
      mapWithin(MANIFESTS_AT_ONCE, manifests, (child) => this.child(child, depth + 1)),
      mapWithin(BLOBS_AT_ONCE, kept, (blob) =>
        this.blob(blob, hasConfig && blob === blobs[0] ? 'config' : 'layer', manifest),
      ),
    ]);
    return [...below, ...held].every((one) => one);
  }

  /** A child of unknown type may be a blob (image-spec v1.1, image-index.md "mediaType"). */
  private async child(child: Descriptor, depth: number): Promise<boolean> {
    if (!isManifest(child.mediaType) && (await this.destination.exists(child, this.session.options()).catch(absent))) {
      this.blobs.add(child.digest);
      return true;
    }
    return this.manifest(child, depth);
  }

  /** Asked once, however many manifests name it. */
  private blob(blob: Descriptor, kind: 'config' | 'layer', of: Descriptor): Promise<boolean> {
    const known = this.asked.get(blob.digest) ?? this.lookFor(blob, kind, of);
    this.asked.set(blob.digest, known);
    return known;
  }

  private async lookFor(blob: Descriptor, kind: 'config' | 'layer', of: Descriptor): Promise<boolean> {
    if (await this.session.checks.holds(this.destination, blob)) {
      this.blobs.add(blob.digest);
      return true;
    }
    this.note({ kind, digest: blob.digest, text: `${kind} ${blob.digest} of ${of.digest} is not there` });
    return false;
  }

  private async listed(referrer: Descriptor): Promise<void> {
    const view = referrerView(referrer, await this.session.manifest(this.destination, referrer));
    if (view === undefined) return;
    const there = await this.listedUnder(view.subject.digest);
    if (there.some(({ digest }) => digest === referrer.digest)) return;
    const text = `referrer ${referrer.digest} is not listed under ${view.subject.digest}`;
    this.note({ kind: 'listing', digest: referrer.digest, text });
  }

  private note(lack: Lack): void {
    this.noted.set(lack.text, lack);
  }

  /** Asked each time: what is repaired is listed from then on. */
  private async listedUnder(subject: Digest): Promise<readonly Descriptor[]> {
    return (await this.destination.referrers?.(subject, this.session.options())) ?? [];
  }
}

function absent(error: unknown): false {
  if (error instanceof NotFound) return false;
  throw error;
}
