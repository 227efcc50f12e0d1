import { type Descriptor, MediaType, type Platform } from '../../lib/model/descriptor';
import { type Built, distinct, jsonContent } from './content';
import { type ImageOptions, image } from './image';

const PLATFORMS: readonly Platform[] = [
  { os: 'linux', architecture: 'amd64' },
  { os: 'linux', architecture: 'arm64', variant: 'v8' },
];

export interface MultiPlatformOptions extends Omit<ImageOptions, 'platform'> {
  /** @default - linux/amd64 and linux/arm64/v8 */
  readonly platforms?: readonly Platform[];
  /** A BuildKit attestation manifest beside each platform's image. @default false */
  readonly attestations?: boolean;
}

/** An index (or Docker manifest list) with an image for each platform. */
export function multiPlatform(options: MultiPlatformOptions): Built {
  const platforms = options.platforms ?? PLATFORMS;
  const images = platforms.map((platform) =>
    image({ ...options, platform, seed: `${options.seed}/${platform.os}/${platform.architecture}` }),
  );
  const attestations = options.attestations === true ? images.map((one) => buildkitAttestation(one)) : [];
  return index([...images, ...attestations], options);
}

/** An index over anything: images, other indexes. */
export function index(children: readonly Built[], options: Pick<ImageOptions, 'format' | 'annotations'> = {}): Built {
  const mediaType = options.format === 'docker' ? MediaType.DOCKER_LIST : MediaType.OCI_INDEX;
  const root = jsonContent(mediaType, {
    schemaVersion: 2,
    mediaType,
    manifests: children.map((child) => child.root.descriptor),
    ...(options.annotations === undefined ? {} : { annotations: options.annotations }),
  });
  return {
    root,
    manifests: distinct([...children.flatMap((child) => child.manifests), root]),
    blobs: distinct(children.flatMap((child) => child.blobs)),
  };
}

/** An index that holds an index, and an image beside it. */
export function nestedIndex(options: ImageOptions): Built {
  const inner = multiPlatform({ ...options, seed: `${options.seed}/inner` });
  return index([inner, image({ ...options, seed: `${options.seed}/outer` })], options);
}

/** What BuildKit puts beside an image: platform unknown/unknown, annotated with the digest that it attests. */
export function buildkitAttestation(subject: Built): Built {
  const statement = jsonContent('application/vnd.in-toto+json', {
    _type: 'https://in-toto.io/Statement/v0.1',
    predicateType: 'https://slsa.dev/provenance/v0.2',
    subject: [{ name: 'image', digest: { sha256: subject.root.descriptor.digest.slice('sha256:'.length) } }],
  });
  const config = jsonContent(MediaType.OCI_CONFIG, {
    architecture: 'unknown',
    os: 'unknown',
    config: {},
    rootfs: { type: 'layers', diff_ids: [statement.descriptor.digest] },
  });
  const more: Partial<Descriptor> = {
    platform: { os: 'unknown', architecture: 'unknown' },
    annotations: {
      'vnd.docker.reference.type': 'attestation-manifest',
      'vnd.docker.reference.digest': subject.root.descriptor.digest,
    },
  };
  const manifest = { schemaVersion: 2, mediaType: MediaType.OCI_MANIFEST, config: config.descriptor };
  const root = jsonContent(MediaType.OCI_MANIFEST, { ...manifest, layers: [statement.descriptor] }, more);
  return { root, manifests: [root], blobs: [config, statement] };
}
