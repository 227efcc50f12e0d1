import { type Bundle, bundleFromJSON } from '@sigstore/bundle';
import { type Digest, digestAlgorithm, digestEncoded } from '../lib/model/digest';
import { show } from '../lib/model/invalid';
import { isMap } from '../lib/model/row-reader';
import { type Signature, Unfit } from './signature';

/** What `cosign sign` says of an image. Other statements (where it comes from, what is in it) are no approval of it. */
const SIGNED = 'https://sigstore.dev/cosign/sign/v1';
const IN_TOTO = 'application/vnd.in-toto+json';

/**
 * A sigstore bundle that speaks of an image: an in-toto statement in a DSSE envelope (cosign), or a signature of the manifest.
 *
 * @param manifest the image's own bytes
 * @throws Unfit
 */
export function readBundle(bytes: Uint8Array, image: Digest, manifest: Uint8Array): Signature {
  const bundle = parseBundle(bytes);
  refuseStrangeNames(bundle);
  const { content } = bundle;
  const keyless = bundle.verificationMaterial.content.$case === 'publicKey' ? {} : { bundle };
  if (content.$case === 'messageSignature') {
    const { messageDigest, signature } = content.messageSignature;
    checkSubject({ [digestAlgorithm(image)]: messageDigest.digest.toString('hex') }, image);
    return { message: Buffer.from(manifest), signature, ...keyless };
  }
  const { payload, payloadType, signatures } = content.dsseEnvelope;
  if (payloadType !== IN_TOTO) throw new Unfit(`an envelope of ${show(payloadType)}, not of a statement`);
  readStatement(payload, image);
  return { message: preAuthentication(payloadType, payload), signature: signatures[0]?.sig ?? Buffer.of(), ...keyless };
}

function parseBundle(bytes: Uint8Array): Bundle {
  try {
    return bundleFromJSON(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch {
    throw new Unfit('no sigstore bundle, although it says so');
  }
}

/**
 * @sigstore/verify takes the name of who signed a checkpoint for a regular expression: one that is made for it would keep this
 * process busy for ever.
 */
function refuseStrangeNames({ verificationMaterial }: Bundle): void {
  for (const { inclusionProof } of verificationMaterial.tlogEntries) {
    const names = inclusionProof?.checkpoint?.envelope.matchAll(/\u2014 (\S+) /g) ?? [];
    for (const [, name] of names) {
      if (!/^[\w./:-]{1,256}$/.test(name ?? '')) throw new Unfit(`a checkpoint signed by ${show(name)}, no log's name`);
    }
  }
}

/** in-toto attestation v1, "Statement". */
function readStatement(payload: Buffer, image: Digest): void {
  const statement = parseJson(payload);
  if (!isMap(statement)) throw new Unfit('an envelope without a statement');
  if (statement.predicateType !== SIGNED) {
    throw new Unfit(`a statement of ${show(statement.predicateType)}, which is no signature`);
  }
  const subjects = Array.isArray(statement.subject) ? statement.subject.filter(isMap) : [];
  const [first] = subjects;
  if (!subjects.some(({ digest }) => speaksOf(digest, image))) checkSubject(first?.digest, image);
}

function checkSubject(digest: unknown, image: Digest): void {
  if (speaksOf(digest, image)) return;
  const said = isMap(digest) ? digest[digestAlgorithm(image)] : undefined;
  throw new Unfit(`it speaks of ${said === undefined ? 'no image' : `another digest, ${show(said)}`}`);
}

function speaksOf(digest: unknown, image: Digest): boolean {
  return isMap(digest) && digest[digestAlgorithm(image)] === digestEncoded(image);
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** DSSE v1, "PAE". */
function preAuthentication(type: string, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `), payload]);
}
