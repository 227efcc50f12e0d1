import { createHash, X509Certificate } from 'node:crypto';
import { BUNDLE_V01_MEDIA_TYPE, type Bundle, bundleFromJSON } from '@sigstore/bundle';
import type { Digest } from '../lib/model/digest';
import { show } from '../lib/model/invalid';
import { isMap } from '../lib/model/row-reader';
import { type Signature, Unfit } from './signature';

/** The media type of a layer whose bytes are signed by its annotations (cosign, SIGNATURE_SPEC.md). */
export const SIMPLE_SIGNING = 'application/vnd.dev.cosign.simplesigning.v1+json';

type Annotations = Readonly<Record<string, string>>;

const Annotation = {
  SIGNATURE: 'dev.cosignproject.cosign/signature',
  CERTIFICATE: 'dev.sigstore.cosign/certificate',
  BUNDLE: 'dev.sigstore.cosign/bundle',
  TIMESTAMP: 'dev.sigstore.cosign/rfc3161timestamp',
} as const;

/** A layer of cosign's signatures that speaks of an image. @throws Unfit */
export function readSimpleSigning(payload: Uint8Array, annotations: Annotations, image: Digest): Signature {
  const message = Buffer.from(payload);
  readPayload(message, image);
  const written = annotations[Annotation.SIGNATURE];
  if (written === undefined || written === '') throw new Unfit('a layer without a signature');
  const signature = Buffer.from(written, 'base64');
  const certificate = annotations[Annotation.CERTIFICATE];
  if (certificate === undefined || certificate === '') return { message, signature };
  return { message, signature, bundle: bundleOf(message, signature, certificate, annotations) };
}

function readPayload(payload: Buffer, image: Digest): void {
  const document = parseJson(payload.toString('utf8'));
  const critical = isMap(document) && isMap(document.critical) ? document.critical : {};
  if (critical.type !== 'cosign container image signature') {
    throw new Unfit(`a payload of type ${show(critical.type)}, which is no image's signature`);
  }
  const said = isMap(critical.image) ? critical.image['docker-manifest-digest'] : undefined;
  if (said !== image)
    throw new Unfit(`it speaks of ${said === undefined ? 'no image' : `another digest, ${show(said)}`}`);
}

/** The same as a sigstore bundle, which is what can be verified. */
function bundleOf(message: Buffer, signature: Buffer, certificate: string, annotations: Annotations): Bundle {
  try {
    const timestamps = timestampsIn(annotations[Annotation.TIMESTAMP]);
    return bundleFromJSON({
      mediaType: BUNDLE_V01_MEDIA_TYPE,
      verificationMaterial: {
        x509CertificateChain: { certificates: [{ rawBytes: new X509Certificate(certificate).raw.toString('base64') }] },
        tlogEntries: entriesIn(annotations[Annotation.BUNDLE]),
        timestampVerificationData: { rfc3161Timestamps: timestamps },
      },
      messageSignature: {
        messageDigest: { algorithm: 'SHA2_256', digest: createHash('sha256').update(message).digest('base64') },
        signature: signature.toString('base64'),
      },
    });
  } catch {
    throw new Unfit('a certificate or log entry that makes no sense');
  }
}

/** What Rekor promised: the annotation's names begin with upper case, those within `Payload` do not. */
function entriesIn(text: string | undefined): readonly object[] {
  if (text === undefined || text === '') return [];
  const { SignedEntryTimestamp, Payload } = JSON.parse(text);
  const { body, integratedTime, logIndex, logID } = Payload;
  const { kind, apiVersion } = JSON.parse(Buffer.from(body, 'base64').toString('utf8'));
  return [
    {
      logIndex: String(logIndex),
      logId: { keyId: Buffer.from(logID, 'hex').toString('base64') },
      kindVersion: { kind, version: apiVersion },
      integratedTime: String(integratedTime),
      inclusionPromise: { signedEntryTimestamp: SignedEntryTimestamp },
      canonicalizedBody: body,
    },
  ];
}

function timestampsIn(text: string | undefined): readonly object[] {
  return text === undefined || text === '' ? [] : [{ signedTimestamp: JSON.parse(text).SignedRFC3161Timestamp }];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
