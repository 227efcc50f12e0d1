import { TrustedRoot } from '@sigstore/protobuf-specs';
import { type TrustMaterial, toTrustMaterial, Verifier } from '@sigstore/verify';
import { InvalidValue } from '../lib/model/invalid';
import publicGood from './trusted-root.json';

/** Whose word counts for keyless signatures: certificate authorities, and the logs and clocks that say when something was signed. */
export type Trust = Verifier;

/** A sigstore trusted root (`trusted_root.json`) takes 7 KB. */
export const LONGEST_TRUSTED_ROOT = 256 * 1024;

/**
 * Sigstore's public good instance (fulcio.sigstore.dev, rekor.sigstore.dev), as its TUF repository had it when this was released:
 * `trusted_root.json` of github.com/sigstore/root-signing, Apache-2.0.
 */
export function publicGoodTrust(): Trust {
  return trustIn(publicGood);
}

/** Reads another instance's root, in the JSON of sigstore's `TrustedRoot`. @throws InvalidValue */
export function readTrust(text: string, what: string): Trust {
  try {
    if (text.length > LONGEST_TRUSTED_ROOT) throw new Error('too long');
    return trustIn(JSON.parse(text));
  } catch {
    throw new InvalidValue(
      what,
      '…',
      'sigstore’s JSON would do: trusted_root.json with certificateAuthorities and tlogs',
    );
  }
}

/**
 * What a root has, a signature must show: an entry in a log of signatures, one in a log of certificates, and in any case a time
 * that one of its logs or clocks vouches for.
 */
function trustIn(json: unknown): Trust {
  const root = TrustedRoot.fromJSON(json);
  const material: TrustMaterial = toTrustMaterial(root);
  if (material.certificateAuthorities.length === 0) throw new Error('no certificate authority');
  return new Verifier(material, {
    tlogThreshold: Math.min(1, material.tlogs.length),
    ctlogThreshold: Math.min(1, material.ctlogs.length),
    timestampThreshold: 1,
  });
}
