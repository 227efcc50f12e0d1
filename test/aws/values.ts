import { createHash } from 'node:crypto';
import type { Copy } from '../../lib/model/copy';
import { MediaType } from '../../lib/model/descriptor';
import { type Digest, parseDigest } from '../../lib/model/digest';
import { parseReference, type Reference } from '../../lib/model/reference';

/** A digest for a name. */
export function digestOf(name: string): Digest {
  return parseDigest(`sha256:${createHash('sha256').update(name).digest('hex')}`);
}

export function imageAt(reference: string, digest: Digest = digestOf(reference)): Reference & { digest: Digest } {
  return { ...parseReference(reference), digest };
}

/** A copy of one image, at the digest of its name. */
export function copyOf(source: string, destinations: readonly string[], fence?: number): Copy {
  const image = imageAt(source);
  return {
    mirrors: [source],
    source: image,
    root: { mediaType: MediaType.OCI_MANIFEST, digest: image.digest, size: 100 },
    destinations: destinations.map((destination) => ({
      reference: parseReference(destination),
      why: 'missing',
      ...(fence === undefined ? {} : { fence }),
    })),
    referrers: true,
  };
}
