import { MediaType, type Platform } from '../../lib/model/descriptor';
import { type Built, buildkitAttestation, distinct, index, jsonContent } from '../../local/images';
import { describeLayer, type Layer, type LayerBlob } from './layer';

/** An image whose layers are not held: they are made while they are pushed. Its blobs are the small ones. */
export interface CorpusImage extends Built {
  readonly layers: readonly LayerBlob[];
}

export interface SinglePlatform {
  /** Makes its config another one than that of other images. */
  readonly name: string;
  readonly layers: readonly Layer[];
  /** @default linux/amd64 */
  readonly platform?: Platform;
}

export async function singlePlatform({ name, layers, platform }: SinglePlatform): Promise<CorpusImage> {
  const blobs: LayerBlob[] = [];
  for (const layer of layers) blobs.push(await describeLayer(layer));
  const of = platform ?? { os: 'linux', architecture: 'amd64' };
  const config = jsonContent(MediaType.OCI_CONFIG, {
    created: '2024-01-01T00:00:00Z',
    ...of,
    config: { Cmd: ['/usr/lib/content'], Labels: { name } },
    rootfs: { type: 'layers', diff_ids: blobs.map((blob) => blob.diffId) },
    history: layers.map(({ seed }) => ({ created: '2024-01-01T00:00:00Z', created_by: `layer ${seed}` })),
  });
  const manifest = {
    schemaVersion: 2,
    mediaType: MediaType.OCI_MANIFEST,
    config: config.descriptor,
    layers: blobs.map((blob) => blob.descriptor),
  };
  const root = jsonContent(MediaType.OCI_MANIFEST, manifest, { platform: of });
  return { root, manifests: [root], blobs: [config], layers: blobs };
}

/** An index over images, with BuildKit's attestations for the first so many of them. */
export function multiPlatform(images: readonly CorpusImage[], attested: number): CorpusImage {
  const attestations = images.slice(0, attested).map((image) => buildkitAttestation(image));
  const built = index([...images, ...attestations]);
  const layers = new Map(images.flatMap((image) => image.layers.map((blob) => [blob.descriptor.digest, blob])));
  return { ...built, blobs: distinct(built.blobs), layers: [...layers.values()] };
}

/** Bytes of blobs and manifests, each once. */
export function imageSize({ manifests, blobs, layers }: CorpusImage): number {
  return [...manifests, ...blobs, ...layers].reduce((sum, { descriptor }) => sum + descriptor.size, 0);
}
