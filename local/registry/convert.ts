import { createHash } from 'node:crypto';
import { type Descriptor, MediaType } from '../../lib/model/descriptor';
import { DOCKER_CONFIG, DOCKER_LAYER } from '../images/image';
import { accepts, type Representation } from './personality';
import type { StoredManifest } from './state';

const TO_OCI: Readonly<Record<string, string>> = {
  [MediaType.DOCKER_MANIFEST]: MediaType.OCI_MANIFEST,
  [DOCKER_CONFIG]: MediaType.OCI_CONFIG,
  [DOCKER_LAYER]: MediaType.OCI_LAYER_GZIP,
};
const TO_DOCKER = Object.fromEntries(Object.entries(TO_OCI).map(([docker, oci]) => [oci, docker]));

/**
 * Amazon ECR converts between OCI manifests and Docker schema 2 for a pull by tag whose `Accept` lacks the stored type,
 * and never by digest. Its converted bytes are its own; these have the same effect: another digest than the stored one.
 */
export function convert(manifest: StoredManifest, byTag: boolean, accepted: readonly string[]): Representation {
  const { mediaType, digest } = manifest.descriptor;
  const stored = { mediaType, digest, bytes: manifest.bytes };
  if (!byTag || accepted.length === 0 || accepts(accepted, mediaType)) return stored;
  const types = mediaType === MediaType.DOCKER_MANIFEST ? TO_OCI : TO_DOCKER;
  const target = types[mediaType];
  if (target === undefined || !accepted.includes(target)) return stored;
  const rename = (one: Descriptor) => ({ ...one, mediaType: types[one.mediaType] ?? one.mediaType });
  const body = JSON.parse(Buffer.from(manifest.bytes).toString());
  const layers = manifest.parsed.layers.map(rename);
  const config = manifest.parsed.config && rename(manifest.parsed.config);
  const bytes = Buffer.from(JSON.stringify({ ...body, mediaType: target, config, layers }));
  return { mediaType: target, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`, bytes };
}
