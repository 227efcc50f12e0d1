import { type Descriptor, MediaType, type Platform } from '../../lib/model/descriptor';
import { type Built, type Content, content, distinct, jsonContent, sha256 } from './content';
import { seededBytes } from './seeded';
import { gzip, tar } from './tar';

export const DOCKER_CONFIG = 'application/vnd.docker.container.image.v1+json';
export const DOCKER_LAYER = 'application/vnd.docker.image.rootfs.diff.tar.gzip';
export const DOCKER_FOREIGN_LAYER = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip';

export interface ImageOptions {
  /** Equal seeds and options give equal bytes. */
  readonly seed: string;
  /** How the manifest is written. @default 'oci' */
  readonly format?: 'oci' | 'docker';
  /** @default { os: 'linux', architecture: 'amd64' } */
  readonly platform?: Platform;
  /** Seeds of its layers: two images that name the same seed share that layer. @default - two of its own */
  readonly layers?: readonly string[];
  /** Bytes of the file in each layer, which do not compress. @default 2048 */
  readonly layerSize?: number;
  /** A Windows base layer as well: named with `urls`, never uploaded. @default false */
  readonly foreign?: boolean;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A runnable-looking image for one platform: gzipped tar layers, a config with their diff ids, a manifest. */
export function image(options: ImageOptions): Built {
  const { seed, platform = { os: 'linux', architecture: 'amd64' } } = options;
  const docker = options.format === 'docker';
  const seeds = options.layers ?? [`${seed}/base`, `${seed}/app`];
  const tars = seeds.map((one) => layerTar(one, options.layerSize ?? 2048));
  const layers = tars.map((bytes) => content(docker ? DOCKER_LAYER : MediaType.OCI_LAYER_GZIP, gzip(bytes)));
  const foreign = options.foreign === true ? [foreignLayer(seed)] : [];
  const config = jsonContent(docker ? DOCKER_CONFIG : MediaType.OCI_CONFIG, {
    created: '2024-01-01T00:00:00Z',
    ...platform,
    config: { Cmd: ['/bin/hello'], Labels: { seed } },
    rootfs: { type: 'layers', diff_ids: tars.map(sha256) },
    history: seeds.map((one) => ({ created: '2024-01-01T00:00:00Z', created_by: `layer ${one}` })),
  });
  const type = docker ? MediaType.DOCKER_MANIFEST : MediaType.OCI_MANIFEST;
  const root = jsonContent(
    type,
    {
      schemaVersion: 2,
      mediaType: type,
      config: config.descriptor,
      layers: [...foreign, ...layers.map((layer) => layer.descriptor)],
      ...(options.annotations === undefined ? {} : { annotations: options.annotations }),
    },
    { platform },
  );
  return { root, manifests: [root], blobs: distinct([config, ...layers]) };
}

function layerTar(seed: string, size: number): Buffer {
  return tar([
    { name: 'etc/seed', bytes: Buffer.from(`${seed}\n`) },
    { name: 'bin/hello', bytes: seededBytes(seed, size), mode: 0o755 },
  ]);
}

function foreignLayer(seed: string): Descriptor {
  const bytes = seededBytes(`${seed}/foreign`, 512);
  return {
    mediaType: DOCKER_FOREIGN_LAYER,
    size: bytes.length,
    digest: sha256(bytes),
    urls: ['https://layers.example.com/base.tar.gz'],
  };
}

/** An image manifest over blobs that exist already, such as one made by a stream. */
export function manifestOver(config: Content, layers: readonly Descriptor[]): Content {
  return jsonContent(MediaType.OCI_MANIFEST, {
    schemaVersion: 2,
    mediaType: MediaType.OCI_MANIFEST,
    config: config.descriptor,
    layers,
  });
}

/** Docker schema 1, signed: what very old registries still hold. Its bytes have the shape only. */
export function schema1(seed: string): Built {
  const layer = content(DOCKER_LAYER, gzip(layerTar(seed, 256)));
  const root = jsonContent(MediaType.DOCKER_SCHEMA1_SIGNED, {
    schemaVersion: 1,
    name: 'library/old',
    tag: 'old',
    architecture: 'amd64',
    fsLayers: [{ blobSum: layer.descriptor.digest }],
    history: [{ v1Compatibility: JSON.stringify({ id: seed }) }],
    signatures: [],
  });
  return { root, manifests: [root], blobs: [layer] };
}
