import { type Descriptor, MediaType } from '../../lib/model/descriptor';
import { type Built, type Content, content, distinct, jsonContent } from './content';

export const COSIGN_SIGNATURE = 'application/vnd.dev.cosign.artifact.sig.v1+json';
export const COSIGN_PAYLOAD = 'application/vnd.dev.cosign.simplesigning.v1+json';
export const SPDX = 'application/spdx+json';

/** OCI image-spec v1.1, "Guidance for an Empty Descriptor". */
export const EMPTY: Content = content(MediaType.OCI_EMPTY, Buffer.from('{}'));

export interface ArtifactOptions {
  /** @default - none: then the config's media type says what it is */
  readonly artifactType?: string;
  /** @default - the empty descriptor */
  readonly config?: Content;
  /** @default - one layer that is the empty descriptor */
  readonly layers?: readonly Content[];
  /** What it says something about. Its own contents are not part of the result. */
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Something in a registry that is no container image (OCI image-spec v1.1, "Guidelines for Artifact Usage"). */
export function artifact(options: ArtifactOptions): Built {
  const config = options.config ?? EMPTY;
  const layers = options.layers ?? [EMPTY];
  const { artifactType, subject, annotations } = options;
  const root = jsonContent(
    MediaType.OCI_MANIFEST,
    {
      schemaVersion: 2,
      mediaType: MediaType.OCI_MANIFEST,
      ...(artifactType === undefined ? {} : { artifactType }),
      config: config.descriptor,
      layers: layers.map((layer) => layer.descriptor),
      ...(subject === undefined ? {} : { subject: plain(subject) }),
      ...(annotations === undefined ? {} : { annotations }),
    },
    artifactType === undefined ? {} : { artifactType },
  );
  return { root, manifests: [root], blobs: distinct([config, ...layers]) };
}

/** An artifact with a config type that nobody has heard of. */
export function unknownArtifact(seed: string): Built {
  return artifact({
    config: jsonContent('application/vnd.example.unheard-of.config.v1+json', { seed }),
    layers: [content('application/vnd.example.unheard-of.layer.v1', Buffer.from(`layer of ${seed}`))],
  });
}

/** A signature in the shape of cosign's, as an OCI referrer. It is not made with a key. */
export function signatureReferrer(subject: Descriptor, seed = 'key'): Built {
  return artifact({ artifactType: COSIGN_SIGNATURE, layers: [signaturePayload(subject, seed)], subject });
}

/** The same as cosign keeps it without referrers: an image without subject, under {@link cosignTag}. */
export function signatureImage(subject: Descriptor, seed = 'key'): Built {
  const payload = signaturePayload(subject, seed);
  const config = jsonContent(MediaType.OCI_CONFIG, {
    architecture: '',
    os: '',
    config: {},
    rootfs: { type: 'layers', diff_ids: [payload.descriptor.digest] },
  });
  return artifact({ config, layers: [payload] });
}

/** `sha256-<hex>.sig`, where cosign looks for the signature of a digest. */
export function cosignTag(subject: Descriptor, suffix: 'sig' | 'att' | 'sbom' = 'sig'): string {
  return `${subject.digest.replace(':', '-')}.${suffix}`;
}

/** A bill of materials that refers to its subject. */
export function sbomReferrer(subject: Descriptor, seed = 'sbom'): Built {
  const document = jsonContent(SPDX, { spdxVersion: 'SPDX-2.3', name: seed, SPDXID: 'SPDXRef-DOCUMENT' });
  return artifact({
    artifactType: SPDX,
    layers: [document],
    subject,
    annotations: { 'org.opencontainers.image.created': '2024-01-01T00:00:00Z' },
  });
}

function signaturePayload(subject: Descriptor, seed: string): Content {
  const critical = {
    identity: {},
    image: { 'docker-manifest-digest': subject.digest },
    type: 'cosign container image signature',
  };
  return jsonContent(
    COSIGN_PAYLOAD,
    { critical, optional: { seed } },
    {
      annotations: { 'dev.cosignproject.cosign/signature': Buffer.from(seed).toString('base64') },
    },
  );
}

function plain(descriptor: Descriptor): Descriptor {
  return { mediaType: descriptor.mediaType, digest: descriptor.digest, size: descriptor.size };
}
