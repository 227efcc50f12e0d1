import { generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { type Descriptor, MediaType } from '../../lib/model/descriptor';
import type { Digest } from '../../lib/model/digest';
import { addBlob, addManifest, type Layout } from './layout';

/** Signatures as cosign stores them: an image under the tag `sha256-<hex>.sig` with one layer, whose annotation has the signature. */

const SIGNATURE = 'dev.cosignproject.cosign/signature';

export interface SigningKey {
  readonly privateKey: KeyObject;
  /** PEM. */
  readonly publicKey: string;
}

export function newSigningKey(): SigningKey {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { privateKey: pair.privateKey, publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString() };
}

export function signatureTag(signed: Digest): string {
  return `${signed.replace(':', '-')}.sig`;
}

/** @param identity what the signer calls the image, `registry.example.com/debian` */
export function addSignature(layout: Layout, key: SigningKey, signed: Digest, identity: string): Descriptor {
  const payload = JSON.stringify({
    critical: {
      identity: { 'docker-reference': identity },
      image: { 'docker-manifest-digest': signed },
      type: 'cosign container image signature',
    },
    optional: {},
  });
  const signature = sign('sha256', Buffer.from(payload), key.privateKey).toString('base64');
  const layer = {
    ...addBlob(layout, 'application/vnd.dev.cosign.simplesigning.v1+json', payload),
    annotations: { [SIGNATURE]: signature },
  };
  const config = addBlob(
    layout,
    MediaType.OCI_CONFIG,
    JSON.stringify({ architecture: '', os: '', config: {}, rootfs: { type: 'layers', diff_ids: [layer.digest] } }),
  );
  const manifest = { schemaVersion: 2, mediaType: MediaType.OCI_MANIFEST, config, layers: [layer] };
  return addManifest(layout, MediaType.OCI_MANIFEST, manifest, signatureTag(signed));
}

/** What `cosign verify --key` asks of one signature layer: it is signed by the key and speaks of this digest. */
export function isSignedBy(key: SigningKey, signed: Digest, layer: Descriptor, payload: Uint8Array): boolean {
  const signature = layer.annotations?.[SIGNATURE] ?? '';
  const claim = JSON.parse(Buffer.from(payload).toString()) as {
    critical?: { image?: { 'docker-manifest-digest'?: string } };
  };
  return (
    verify('sha256', payload, key.publicKey, Buffer.from(signature, 'base64')) &&
    claim.critical?.image?.['docker-manifest-digest'] === signed
  );
}
