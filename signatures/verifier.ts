import type { CopyOptions } from '../engine/copy';
import type { Trust } from './trust';

type VerifySignature = NonNullable<CopyOptions['verifySignature']>;

/** Whose certificates count, in the JSON of sigstore's `TrustedRoot`. */
export interface TrustedRootText {
  readonly text: string;
  /** For messages. */
  readonly what: string;
}

/**
 * What a shell gives to those who copy: it verifies what each copy requires. What that takes is loaded when the first copy
 * requires it, and a root is read when the first keyless signature is to be verified.
 *
 * @param root @default - sigstore's public good instance
 */
export function signatureVerifier(root?: TrustedRootText): VerifySignature {
  let opened: Promise<VerifySignature> | undefined;
  return async (...asked) => {
    opened ??= open(root);
    await (await opened)(...asked);
  };
}

async function open(root: TrustedRootText | undefined): Promise<VerifySignature> {
  const [{ verifyImage }, { publicGoodTrust, readTrust }] = await Promise.all([
    import('./verify-image'),
    import('./trust'),
  ]);
  let known: Trust | undefined;
  const trust = () => {
    known ??= root === undefined ? publicGoodTrust() : readTrust(root.text, root.what);
    return known;
  };
  return async ({ root: image, requireSignature }, source, session) => {
    if (requireSignature !== undefined) await verifyImage(image.digest, requireSignature, source, session, trust);
  };
}
