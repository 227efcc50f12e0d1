import { createHash, createPublicKey } from 'node:crypto';
import type { Store } from '../engine/content';
import { Unsigned } from '../engine/errors';
import type { Session } from '../engine/session';
import type { Digest } from '../lib/model/digest';
import { show } from '../lib/model/invalid';
import type { SignatureRequirement } from '../lib/model/signature-requirement';
import { findSignatures } from './find-signatures';
import { judge } from './judge';
import { Unfit } from './signature';
import { publicGoodTrust, type Trust } from './trust';

/** Reasons that an error names; the rest is counted. */
const MOST_REASONS = 5;

/**
 * Proves that an image was signed by whom a requirement asks for: one signature suffices. That a signature is there proves
 * nothing; what counts is that it can be verified, and that it speaks of this digest.
 *
 * @param trust for keyless signatures. @default - sigstore's public good instance
 * @throws Unsigned, naming what was found and why it does not count; and whatever the source throws when it cannot be asked
 */
export async function verifyImage(
  image: Digest,
  requirement: SignatureRequirement,
  source: Store,
  session: Session,
  trust: () => Trust = publicGoodTrust,
): Promise<void> {
  const { candidates, left } = await findSignatures(source, image, session);
  const reasons = new Map<string, string[]>();
  for (const candidate of candidates) {
    session.signal?.throwIfAborted();
    try {
      judge(await candidate.read(), requirement, trust);
      return;
    } catch (error) {
      if (!(error instanceof Unfit)) throw error;
      reasons.set(error.message, [...(reasons.get(error.message) ?? []), candidate.place]);
    }
  }
  throw new Unsigned(`got ${found(reasons, left)}; ${remedy(requirement)}`);
}

function found(reasons: ReadonlyMap<string, readonly string[]>, left: number): string {
  if (reasons.size === 0) return 'no signature';
  const lines = [...reasons].map(([why, places]) => `${places[0]}${more(places.length - 1, 'alike')}: ${why}`);
  const shown = lines.slice(0, MOST_REASONS).join(' · ');
  return `no signature that counts (${shown}${more(lines.length - MOST_REASONS, 'for other reasons')}${more(left, 'not looked at')})`;
}

function more(count: number, how: string): string {
  return count > 0 ? ` and ${count} more ${how}` : '';
}

function remedy(requirement: SignatureRequirement): string {
  if ('keys' in requirement) return `one by ${requirement.keys.map(fingerprint).join(' or ')} would do`;
  return `one by ${show(requirement.identity)} of ${show(requirement.issuer)} would do`;
}

/** As `cosign public-key` and OpenSSL give the DER: its SHA-256. */
function fingerprint(key: string): string {
  const der = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return `the key ${createHash('sha256').update(der).digest('hex').slice(0, 16)}`;
}
