import { createHash } from 'node:crypto';
import type { Descriptor } from '../../lib/model/descriptor';
import { MediaType } from '../../lib/model/descriptor';
import type { Digest } from '../../lib/model/digest';
import { artifact, COSIGN_PAYLOAD, COSIGN_SIGNATURE } from '../../local/images/artifact';
import { type Built, content, jsonContent } from '../../local/images/content';
import { type LogEntry, pemOf, type Signer, type Sigstore, signatureOf } from './sigstore';

/** Signatures in the forms in which cosign writes them: those of cosign itself are verified in `test/real`. */

export const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/** What a test wants otherwise than cosign makes it. */
export interface Twist {
  /** @default - the image's own */
  readonly says?: Digest;
  /** @default 'https://sigstore.dev/cosign/sign/v1' */
  readonly predicate?: string;
  /** A time stamped by the authority in place of the log's promise. @default false */
  readonly stamped?: boolean;
  /** @default true */
  readonly logged?: boolean;
  /** Changes what was made right, before it is stored. */
  readonly spoil?: Spoil;
}

// biome-ignore lint/suspicious/noExplicitAny: tests reach into whatever they like
export type Spoil = (document: any) => void;

/** `cosign sign --new-bundle-format`, and cosign 3: an in-toto statement in a DSSE envelope in a bundle. */
export async function bundle(image: Digest, signer: Signer, sigstore?: Sigstore, twist: Twist = {}): Promise<object> {
  const [algorithm = '', hex = ''] = (twist.says ?? image).split(':');
  const payload = Buffer.from(
    JSON.stringify({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ digest: { [algorithm]: hex } }],
      predicateType: twist.predicate ?? 'https://sigstore.dev/cosign/sign/v1',
      predicate: {},
    }),
  );
  const payloadType = 'application/vnd.in-toto+json';
  const message = Buffer.concat([
    Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `),
    payload,
  ]);
  const signature = signatureOf(message, signer);
  const verifier = signer.certificate === undefined ? signer.publicKey : pemOf(signer.certificate);
  const entry = {
    apiVersion: '0.0.1',
    kind: 'dsse',
    spec: {
      envelopeHash: { algorithm: 'sha256', value: hexOf(payload) },
      payloadHash: { algorithm: 'sha256', value: hexOf(payload) },
      signatures: [{ signature: signature.toString('base64'), verifier: Buffer.from(verifier).toString('base64') }],
    },
  };
  const made = {
    mediaType: BUNDLE,
    verificationMaterial: await material(signature, signer, entry, sigstore, twist),
    dsseEnvelope: {
      payload: payload.toString('base64'),
      payloadType,
      signatures: [{ sig: signature.toString('base64') }],
    },
  };
  twist.spoil?.(made);
  return made;
}

/** A bundle whose signature is of the manifest itself, as `cosign sign-blob` makes it. */
export async function messageBundle(
  manifest: Uint8Array,
  signer: Signer,
  sigstore?: Sigstore,
  twist: Twist = {},
): Promise<object> {
  const message = Buffer.from(manifest);
  const signature = signatureOf(message, signer);
  const made = {
    mediaType: BUNDLE,
    verificationMaterial: await material(signature, signer, hashedRekord(message, signature, signer), sigstore, twist),
    messageSignature: {
      messageDigest: { algorithm: 'SHA2_256', digest: Buffer.from(hexOf(message), 'hex').toString('base64') },
      signature: signature.toString('base64'),
    },
  };
  twist.spoil?.(made);
  return made;
}

async function material(signature: Buffer, signer: Signer, entry: object, sigstore?: Sigstore, twist: Twist = {}) {
  const logged = sigstore === undefined || twist.logged === false ? undefined : await sigstore.log(entry);
  const stamp = twist.stamped === true ? await sigstore?.timestamp(signature) : undefined;
  return {
    ...(signer.certificate === undefined
      ? { publicKey: { hint: hexOf(Buffer.from(signer.publicKey)) } }
      : { certificate: { rawBytes: signer.certificate.toString('base64') } }),
    tlogEntries: logged === undefined ? [] : [bundleEntry(entry, logged, twist)],
    ...(stamp === undefined
      ? {}
      : { timestampVerificationData: { rfc3161Timestamps: [{ signedTimestamp: stamp.toString('base64') }] } }),
  };
}

function bundleEntry(entry: object, { body, integratedTime, logID, logIndex, verification }: LogEntry, twist: Twist) {
  const { kind, apiVersion } = entry as { kind: string; apiVersion: string };
  const { checkpoint, hashes, rootHash, treeSize, logIndex: index } = verification.inclusionProof;
  return {
    logIndex: String(logIndex),
    logId: { keyId: Buffer.from(logID, 'hex').toString('base64') },
    kindVersion: { kind, version: apiVersion },
    ...(twist.stamped === true
      ? {}
      : {
          integratedTime: String(integratedTime),
          inclusionPromise: { signedEntryTimestamp: verification.signedEntryTimestamp },
        }),
    inclusionProof: {
      logIndex: String(index),
      rootHash: Buffer.from(rootHash, 'hex').toString('base64'),
      treeSize: String(treeSize),
      hashes: hashes.map((hash) => Buffer.from(hash, 'hex').toString('base64')),
      checkpoint: { envelope: checkpoint },
    },
    canonicalizedBody: body,
  };
}

function hashedRekord(message: Buffer, signature: Buffer, signer: Signer): object {
  const key = signer.certificate === undefined ? signer.publicKey : pemOf(signer.certificate);
  return {
    apiVersion: '0.0.1',
    kind: 'hashedrekord',
    spec: {
      data: { hash: { algorithm: 'sha256', value: hexOf(message) } },
      signature: {
        content: signature.toString('base64'),
        publicKey: { content: Buffer.from(key).toString('base64') },
      },
    },
  };
}

/** A bundle as a referrer of an image. */
export function bundleReferrer(image: Descriptor, document: object | string): Built {
  const bytes = Buffer.from(typeof document === 'string' ? document : JSON.stringify(document));
  return artifact({
    artifactType: BUNDLE,
    layers: [content(BUNDLE, bytes)],
    subject: image,
    annotations: { 'dev.sigstore.bundle.content': 'dsse-envelope' },
  });
}

/** One layer of cosign's signatures: what it says, signed by its annotations. */
export async function simpleLayer(image: Digest, signer: Signer, sigstore?: Sigstore, twist: Twist = {}) {
  const document = {
    critical: {
      identity: { 'docker-reference': 'registry.example.com/app' },
      image: { 'docker-manifest-digest': twist.says ?? image },
      type: 'cosign container image signature',
    },
    optional: null,
  };
  const payload = Buffer.from(JSON.stringify(document));
  const signature = signatureOf(payload, signer);
  const annotations: Record<string, string> = { 'dev.cosignproject.cosign/signature': signature.toString('base64') };
  if (signer.certificate !== undefined) annotations['dev.sigstore.cosign/certificate'] = pemOf(signer.certificate);
  if (sigstore !== undefined && twist.logged !== false) {
    const logged = await sigstore.log(hashedRekord(payload, signature, signer));
    const { verification, body, integratedTime, logIndex, logID } = logged;
    annotations['dev.sigstore.cosign/bundle'] = JSON.stringify({
      SignedEntryTimestamp: verification.signedEntryTimestamp,
      Payload: { body, integratedTime, logIndex, logID },
    });
  }
  if (twist.stamped === true) {
    const stamp = await sigstore?.timestamp(signature);
    annotations['dev.sigstore.cosign/rfc3161timestamp'] = JSON.stringify({
      SignedRFC3161Timestamp: stamp?.toString('base64'),
    });
  }
  const made = { document, annotations };
  twist.spoil?.(made);
  return content(COSIGN_PAYLOAD, Buffer.from(JSON.stringify(made.document)), { annotations: made.annotations });
}

type Layer = Awaited<ReturnType<typeof simpleLayer>>;

/** `cosign sign` before version 3: an image under `sha256-<hex>.sig`. */
export function signatureImage(...layers: readonly Layer[]): Built {
  const config = jsonContent(MediaType.OCI_CONFIG, {
    architecture: '',
    os: '',
    config: {},
    rootfs: { type: 'layers', diff_ids: layers.map(({ descriptor }) => descriptor.digest) },
  });
  return artifact({ config, layers });
}

/** `cosign sign --registry-referrers-mode=oci-1-1`: the same as a referrer. */
export function signatureReferrer(image: Descriptor, ...layers: readonly Layer[]): Built {
  const config = content(COSIGN_SIGNATURE, Buffer.from(JSON.stringify({ config: {} })));
  return artifact({ artifactType: COSIGN_SIGNATURE, config, layers, subject: image });
}

function hexOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
