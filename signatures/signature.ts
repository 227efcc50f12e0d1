import type { Bundle } from '@sigstore/bundle';

/** A signature that speaks of the image, as it was found; nothing about it is proven yet. */
export interface Signature {
  /** The bytes that were signed. */
  readonly message: Buffer;
  readonly signature: Buffer;
  /** What a keyless signature has beside it, certificate and times. @default - none: signed by a key */
  readonly bundle?: Bundle;
}

/** Why a signature does not count, in a few words for people; what comes from outside is quoted in it. */
export class Unfit extends Error {}
