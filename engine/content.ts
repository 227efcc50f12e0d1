import type { Descriptor } from '../lib/model/descriptor';
import type { Digest } from '../lib/model/digest';
import type { Repository } from '../lib/model/reference';
import type { Side } from './errors';

/** Bytes as they come. Breaking out of the loop, or an error, lets the underlying connection go. */
export type ByteStream = AsyncIterable<Uint8Array>;

/**
 * A place where images live: one repository of a registry, a folder. Everything the engine does is written against it.
 *
 * Errors are those of `errors.ts`. Every method takes a signal and rejects with its reason when it is aborted.
 */
export interface Store {
  /** For messages, and to know which stores can mount from each other. For a folder, `registry` is its scheme (`oci:`). */
  readonly repository: Repository;

  /** Asking it costs nothing, as of a folder: whatever it may hold is asked for. @default false */
  readonly near?: boolean;

  /** The descriptor of a tag or digest: no body is fetched where the store can tell without. @throws NotFound */
  resolve(reference: string | Digest, options?: Options): Promise<Descriptor>;

  /** What a tag or digest stands for, bytes and all: instead of `resolve` where they are wanted in any case. @throws NotFound */
  read?(reference: string | Digest, options?: Options): Promise<Manifest>;

  /** Whether the store holds it, a manifest by its digest or a blob. */
  exists(content: Descriptor, options?: Options): Promise<boolean>;

  /** A manifest's exact bytes, verified against size (when known, > 0) and digest. @throws NotFound, ContentMismatch */
  fetchManifest(content: Descriptor, options?: Options): Promise<Uint8Array>;

  /**
   * A blob's bytes. The last of them are held back until size and digest are right, so who has read to the end without an
   * error has the blob. A broken connection is mended inside. @throws NotFound, ContentMismatch
   */
  fetchBlob(content: Descriptor, options?: Options): Promise<ByteStream>;

  /**
   * Stores a blob. The stream is read once, and not before the store is ready to take it; if it throws, or ends short, nothing
   * is committed and this rejects. A failure leaves nothing behind that a later push trips over.
   */
  pushBlob(content: Descriptor, bytes: ByteStream, options?: PushOptions): Promise<void>;

  /** Stores a manifest's exact bytes by digest, or under a tag when one is given. Its children must be there. */
  pushManifest(
    content: Descriptor,
    bytes: Uint8Array,
    options?: Options & { readonly tag?: string },
  ): Promise<PushedManifest>;

  /** Takes a blob over from another repository of the same registry; false when the store would not (it is then pushed). */
  mount?(content: Descriptor, from: Repository, options?: Options): Promise<boolean>;

  /** Manifests whose `subject` is this digest (distribution-spec v1.1 "Listing Referrers", fallback tag included). */
  referrers?(subject: Digest, options?: ReferrersOptions): Promise<readonly Descriptor[]>;

  /** Called after a manifest with a subject was pushed to a registry that does not list referrers by itself. */
  addReferrer?(subject: Digest, referrer: Descriptor, options?: Options): Promise<void>;

  /** All tags, in no order that may be relied on. */
  tags?(options?: Options): AsyncIterable<string>;

  /** Whether each manifest that is read is a pull, of which there are so many and no more. */
  countsPulls?(): boolean;

  /** So many requests are about to come: connections may be opened meanwhile. Never throws. */
  expect?(requests: number): void;
}

export interface Manifest {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

export interface Options {
  readonly signal?: AbortSignal;
}

export interface ReferrersOptions extends Options {
  /** Whether a tag is certainly not there: the fallback tag is then not asked for. @default - nothing is known of tags */
  readonly lacksTag?: (tag: string) => Promise<boolean>;
}

export interface PushOptions extends Options {
  /** The bytes are those of a store's `fetchBlob`, which has checked them: to hash them again is left out. @default false */
  readonly verified?: boolean;
}

export interface PushedManifest {
  /** Whether the registry said that it lists this manifest under its subject (`OCI-Subject`); if not, `addReferrer` is due. */
  readonly listedBySubject: boolean;
}

/**
 * Finds the store for a repository. One is made for each and kept, with its connections and tokens.
 *
 * @param side a destination is read, too, with the credential that it is written with; a source never is. By default a source
 */
export type Stores = (repository: Repository, side?: Side) => Store;
