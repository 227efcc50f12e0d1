import { type Built, image, multiPlatform, signatureReferrer } from '../images';

/** What lies in the registries before the story begins. Layers are large enough to be seen moving. */
const MIB = 1024 * 1024;

/** An index for two platforms, each with a BuildKit attestation. */
export const nginx = (version: string): Built =>
  multiPlatform({ seed: `nginx ${version}`, attestations: true, layerSize: 1.5 * MIB });

export const redis: Built = image({ seed: 'redis 8', layerSize: 2 * MIB });
export const redisSignature: Built = signatureReferrer(redis.root.descriptor);

/** The second build shares its base with the first. */
export const alpine = (build: 1 | 2): Built =>
  image({ seed: `alpine ${build}`, layers: ['alpine base', `alpine ${build}`], layerSize: 3 * MIB });

export const busybox: Built = image({ seed: 'busybox', format: 'docker', layerSize: MIB });
export const app = (version: string): Built =>
  image({ seed: `app ${version}`, layers: ['app base', `app ${version}`] });

/** Bytes of an image's blobs and manifests. */
export function sizeOf({ blobs, manifests }: Built): number {
  return [...blobs, ...manifests].reduce((sum, { bytes }) => sum + bytes.length, 0);
}
