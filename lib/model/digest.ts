import { InvalidValue } from './invalid';

/** `algorithm:encoded`, of an algorithm that is registered and known here (OCI image-spec, descriptor.md "Digests"). */
export type Digest = `${Algorithm}:${string}` & { readonly __digest: unique symbol };

/** Algorithms this mirror can verify. sha256 works everywhere; sha512 only where a registry takes it (Amazon ECR does not). */
export type Algorithm = 'sha256' | 'sha512';

const ENCODED_LENGTH: Readonly<Record<Algorithm, number>> = { sha256: 64, sha512: 128 };

/** @throws InvalidValue unless the text is a sha256 or sha512 digest in lower-case hexadecimal. */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new InvalidValue(
    'digest',
    text,
    'sha256: and 64 lower-case hexadecimal digits would do (or sha512: and 128, where the registry takes it)',
  );
}

export function isDigest(text: unknown): text is Digest {
  if (typeof text !== 'string') return false;
  const colon = text.indexOf(':');
  const length = ENCODED_LENGTH[text.slice(0, colon) as Algorithm];
  return length !== undefined && text.length === colon + 1 + length && /^[a-f0-9]+$/.test(text.slice(colon + 1));
}

export function digestAlgorithm(digest: Digest): Algorithm {
  return digest.slice(0, digest.indexOf(':')) as Algorithm;
}

/** The part after the colon. */
export function digestEncoded(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1);
}

/** Whether what somebody says to be a digest is another one of the same algorithm: another algorithm says nothing of this. */
export function contradicts(said: unknown, digest: Digest): boolean {
  return isDigest(said) && said !== digest && digestAlgorithm(said) === digestAlgorithm(digest);
}
