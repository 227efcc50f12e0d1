import type { Digest } from './digest';

/** What a blob or manifest is, how long, and its digest (OCI image-spec v1.1, descriptor.md). Sizes in bytes. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: Platform;
  readonly urls?: readonly string[];
}

/** OCI image-spec v1.1, image-index.md "platform". */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

export const MediaType = {
  DOCKER_SCHEMA1: 'application/vnd.docker.distribution.manifest.v1+json',
  DOCKER_SCHEMA1_SIGNED: 'application/vnd.docker.distribution.manifest.v1+prettyjws',
  DOCKER_MANIFEST: 'application/vnd.docker.distribution.manifest.v2+json',
  DOCKER_LIST: 'application/vnd.docker.distribution.manifest.list.v2+json',
  OCI_MANIFEST: 'application/vnd.oci.image.manifest.v1+json',
  OCI_INDEX: 'application/vnd.oci.image.index.v1+json',
  OCI_CONFIG: 'application/vnd.oci.image.config.v1+json',
  OCI_LAYER: 'application/vnd.oci.image.layer.v1.tar',
  OCI_LAYER_GZIP: 'application/vnd.oci.image.layer.v1.tar+gzip',
  OCI_EMPTY: 'application/vnd.oci.empty.v1+json',
} as const;

/** What a client says it takes. All of them, always: Amazon ECR converts a manifest fetched by tag to a type that was asked for. */
export const ACCEPTED_MANIFESTS: readonly string[] = [
  MediaType.OCI_INDEX,
  MediaType.OCI_MANIFEST,
  MediaType.DOCKER_LIST,
  MediaType.DOCKER_MANIFEST,
  MediaType.DOCKER_SCHEMA1_SIGNED,
  MediaType.DOCKER_SCHEMA1,
];

/** An OCI index or a Docker manifest list: its children are manifests. */
export function isIndex(mediaType: string): boolean {
  return mediaType === MediaType.OCI_INDEX || mediaType === MediaType.DOCKER_LIST;
}

/** A manifest whose children are a config and layers. */
export function isImageManifest(mediaType: string): boolean {
  return mediaType === MediaType.OCI_MANIFEST || mediaType === MediaType.DOCKER_MANIFEST;
}

/** Served at the manifests endpoint rather than the blobs endpoint. */
export function isManifest(mediaType: string): boolean {
  return isIndex(mediaType) || isImageManifest(mediaType) || isSchema1(mediaType);
}

/** Docker image manifest version 2, schema 1: withdrawn by Docker, refused by name here. */
export function isSchema1(mediaType: string): boolean {
  return mediaType === MediaType.DOCKER_SCHEMA1 || mediaType === MediaType.DOCKER_SCHEMA1_SIGNED;
}

/**
 * Layers that are fetched from elsewhere and never uploaded (OCI image-spec v1.1, layer.md "Non-Distributable Layers").
 * The media type decides; `urls` alone does not.
 */
export function isForeignLayer(mediaType: string): boolean {
  return (
    mediaType.startsWith('application/vnd.docker.image.rootfs.foreign.') ||
    mediaType.startsWith('application/vnd.oci.image.layer.nondistributable.')
  );
}
