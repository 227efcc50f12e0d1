import type { CopyOptions } from '../engine/copy';
import { publicGoodTrust, type Trust } from './trust';
import { verifyImage } from './verify-image';

/**
 * What a shell gives to those who copy: it verifies what each copy requires.
 *
 * @param readTrust asked once, when the first keyless signature is to be verified. @default - sigstore's public good instance
 */
export function signatureVerifier(
  readTrust: () => Trust = publicGoodTrust,
): NonNullable<CopyOptions['verifySignature']> {
  let known: Trust | undefined;
  const trust = () => {
    known ??= readTrust();
    return known;
  };
  return async ({ root, requireSignature }, source, session) => {
    if (requireSignature !== undefined) await verifyImage(root.digest, requireSignature, source, session, trust);
  };
}
