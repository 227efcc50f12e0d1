import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { toSignedEntity } from '@sigstore/verify';
import { reason } from '../engine/errors';
import { show } from '../lib/model/invalid';
import {
  type IdentityRequirement,
  type KeyRequirement,
  matchesIdentity,
  type SignatureRequirement,
} from '../lib/model/signature-requirement';
import { type Signature, Unfit } from './signature';
import type { Trust } from './trust';

/** Proves that a signature is by whom it must be. @param trust asked for only where it is needed. @throws Unfit */
export function judge(signature: Signature, requirement: SignatureRequirement, trust: () => Trust): void {
  if ('keys' in requirement) judgeByKey(signature, requirement);
  else judgeByIdentity(signature, requirement, trust);
}

/** Signatures of keys are what they are: neither a log nor a time is asked for. */
function judgeByKey({ message, signature, bundle }: Signature, { keys }: KeyRequirement): void {
  const isSigned = keys.some((key) => isSignedBy(createPublicKey(key), message, signature));
  if (isSigned) return;
  const instead = bundle === undefined ? '' : ': it is keyless, by a certificate';
  throw new Unfit(`not signed by ${keys.length === 1 ? 'the key' : 'any of the keys'}${instead}`);
}

/** Which hash is no part of a signature: cosign takes SHA-256, key services one as long as the key. Ed25519 has its own. */
function isSignedBy(key: KeyObject, message: Buffer, signature: Buffer): boolean {
  const hashes = key.asymmetricKeyType === 'ed25519' ? [null] : ['sha256', 'sha384', 'sha512'];
  return hashes.some((hash) => {
    try {
      return verify(hash, message, key, signature);
    } catch {
      return false;
    }
  });
}

function judgeByIdentity({ message, bundle }: Signature, requirement: IdentityRequirement, trust: () => Trust): void {
  if (bundle === undefined) throw new Unfit('signed by a key, without a certificate');
  const verifier = trust();
  const { subject, issuer } = attempt(() => {
    const { identity } = verifier.verify(toSignedEntity(bundle, message));
    return { subject: identity?.subjectAlternativeName ?? '', issuer: identity?.extensions?.issuer ?? '' };
  });
  const isAsked = issuer === requirement.issuer && matchesIdentity(requirement, subject);
  if (!isAsked) throw new Unfit(`signed by ${show(subject)} of ${show(issuer)}`);
}

function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { cause } = error as { cause?: unknown };
    throw new Unfit(`not verified: ${reason(error)}${cause === undefined ? '' : `, ${reason(cause)}`}`);
  }
}
