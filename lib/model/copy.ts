import type { Descriptor, Platform } from './descriptor';
import type { Digest } from './digest';
import type { ErrorCode } from './error-code';
import type { OnConflict } from './mirror';
import type { FailureCause } from './outcome';
import type { Reference } from './reference';
import type { SignatureRequirement } from './signature-requirement';

/** One image to be moved: what planning hands to whoever copies. The digest is pinned, so just what was planned is copied. */
export interface Copy {
  /** Rows (their `Source`) that want it. */
  readonly mirrors: readonly string[];
  /** With `digest`, always; with `tag` when the source was found by one. */
  readonly source: Reference & { readonly digest: Digest };
  /** The root manifest at the source, of which destinations may get a part: see `platforms`. */
  readonly root: Descriptor;
  readonly destinations: readonly CopyDestination[];
  /** Signatures, SBOMs and attestations go too. */
  readonly referrers: boolean;
  readonly artifactTypes?: readonly string[];
  /** Destinations get only these platforms of it. @default - everything, bit for bit */
  readonly platforms?: readonly Platform[];
  /** `config`: a destination that has an image with the same configs is left as it is. @default - with the same manifests */
  readonly compare?: 'config';
  /** Verified before anything is sent: who must have signed the source's digest. @default - nobody */
  readonly requireSignature?: SignatureRequirement;
}

export interface CopyDestination {
  /** With a tag, unless the digest alone is wanted. */
  readonly reference: Reference;
  readonly why: CopyReason;
  /** The digest that the tag had gets a tag of its own first. @default false */
  readonly keepPrevious?: boolean;
  /** When the tag is immutable and holds another digest. @default 'report' */
  readonly onConflict?: OnConflict;
  /** Fencing token of the lease under which this was planned. @default - no lease: without tables */
  readonly fence?: number;
}

/**
 * Why an image is copied: the destination has nothing there, another digest, or lacks referrers of the image; or everything of
 * it is looked for there, and what is not is sent again (`verify`).
 */
export type CopyReason = 'missing' | 'changed' | 'referrers' | 'verify';

/** Why an image, or a whole row, is not copied. */
export type SkipReason =
  | 'up-to-date'
  | 'expired'
  | 'paused'
  | 'not-due'
  | 'invalid'
  | 'not-allowed'
  | 'contested'
  | 'nothing-selected'
  | 'source-failed'
  | 'destination-failed'
  | 'in-progress'
  /** What the source has is not known for as long as the row asks for, and nothing before it is: done by a later run. */
  | 'too-young'
  /** The source counts pulls, and has too few left: done by a later run. */
  | 'put-off'
  /** The destination's tag is immutable and holds another digest; tried again after a while. */
  | 'conflict'
  /** Not signed by whom it must be; tried again after a while. */
  | 'quarantined';

/** A row, image or destination that is left alone, and why. */
export interface Skipped {
  readonly mirror: string;
  readonly source?: Reference;
  readonly destination?: Reference;
  readonly reason: SkipReason;
  /** One line for people; for `up-to-date` and the like there may be nothing to add. */
  readonly detail?: string;
  /** The tag that holds the image in place of the destination's. Only with `up-to-date`. @default - the destination's own */
  readonly tag?: string;
  /** What a failure asks for. Present for `source-failed` and `destination-failed`. */
  readonly cause?: FailureCause;
  /** What the failure is called. Present for `source-failed` and `destination-failed`; of others the reason tells. */
  readonly code?: ErrorCode;
  /** What an `up-to-date` destination holds, when that is not the source's digest. */
  readonly digest?: Digest;
  /** Which part of the source's image that is. @default - all of it */
  readonly platforms?: readonly Platform[];
  /** Whether images with the same configs count as the same. @default - they do not */
  readonly compare?: 'config';
}

/** What a run decided: each image and destination of each row is in exactly one of the two. */
export interface Plan {
  readonly copies: readonly Copy[];
  readonly skipped: readonly Skipped[];
}
