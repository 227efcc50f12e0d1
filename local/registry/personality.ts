import { Fault } from './fault';
import type { RepositoryState, StoredManifest } from './state';

/** How one registry differs from another. Endpoints ask; they know no registry by name. */
export interface Personality {
  readonly kind: 'docker-registry' | 'ecr' | 'docker-hub';
  /** Status of a PATCH that was taken. */
  readonly patched: 201 | 202;
  /** `POST …/uploads/?digest=` with the whole blob. */
  readonly singlePost: boolean;
  readonly cancelsUploads: boolean;
  readonly deletes: boolean;
  /** `Docker-Content-Digest` on GET of a manifest; HEAD always has it. */
  readonly digestOnGet: boolean;
  readonly sha512: boolean;
  /** Bytes that every part of an upload but the last must have. */
  readonly minimumPart: number;
  /** `Range` of an upload stays at the end of its first part. */
  readonly stuckRange: boolean;
  readonly absoluteLocations: boolean;
  readonly redirectsBlobs: boolean;
  readonly tagPages: { readonly usual?: number; readonly most?: number; readonly opaque: boolean };

  nameUnknown(name: string): Fault;
  manifestUnknown(repository: RepositoryState, reference: string): Fault;
  missing(repository: RepositoryState, kind: 'blobs' | 'manifests', digests: readonly string[]): Fault;
  /** The repository that a push into an unknown name makes. */
  createOnPush(name: string): RepositoryState | undefined;
  /** @throws Fault when the tag must not be set to this. */
  checkTag(repository: RepositoryState, tag: string): void;
  mayMount(from: RepositoryState, digest: string): boolean;
  /** What is served for a manifest found by tag or digest. @throws Fault when none that is accepted can be. */
  represent(manifest: StoredManifest, byTag: boolean, accepted: readonly string[]): Representation;
  visible(manifest: StoredManifest): boolean;
  /** @throws Fault when there were too many calls of this kind. */
  spend(call: RegistryCall): void;
  /** Headers for a manifest request. @throws Fault when the caller has pulled too much. */
  meter(method: string, caller: string): Readonly<Record<string, string>>;
}

export interface Representation {
  readonly mediaType: string;
  readonly digest: string;
  readonly bytes: Uint8Array;
}

/** What a request asks of the registry behind it, in the words of Amazon ECR's API. */
export type RegistryCall =
  | 'BatchCheckLayerAvailability'
  | 'BatchGetImage'
  | 'CompleteLayerUpload'
  | 'GetAuthorizationToken'
  | 'GetDownloadUrlForLayer'
  | 'InitiateLayerUpload'
  | 'PutImage'
  | 'UploadLayerPart';

/** The distribution specification v1.1, as strictly as the reference implementation takes it. */
export function dockerRegistry(create: (name: string) => RepositoryState): Personality {
  return {
    kind: 'docker-registry',
    patched: 202,
    singlePost: true,
    cancelsUploads: true,
    deletes: true,
    digestOnGet: true,
    sha512: true,
    minimumPart: 0,
    stuckRange: false,
    absoluteLocations: true,
    redirectsBlobs: false,
    tagPages: { opaque: false },
    nameUnknown: () => new Fault(404, 'NAME_UNKNOWN', 'repository name not known to registry'),
    manifestUnknown: () => new Fault(404, 'MANIFEST_UNKNOWN', 'manifest unknown'),
    missing: (_, kind, digests) =>
      new Fault(404, 'MANIFEST_BLOB_UNKNOWN', `${kind} unknown to registry: ${digests.join(', ')}`),
    createOnPush: create,
    checkTag: () => undefined,
    mayMount: () => true,
    represent: (manifest, _, accepted) => asStored(manifest, accepted),
    visible: () => true,
    spend: () => undefined,
    meter: () => ({}),
  };
}

/** OCI types are only for who names them; Docker's are for everybody. */
function asStored({ descriptor, bytes }: StoredManifest, accepted: readonly string[]): Representation {
  const { mediaType, digest } = descriptor;
  if (mediaType.startsWith('application/vnd.oci.') && !accepts(accepted, mediaType)) {
    throw new Fault(404, 'MANIFEST_UNKNOWN', 'OCI manifest found, but the accept header does not support it');
  }
  return { mediaType, digest, bytes };
}

export function accepts(accepted: readonly string[], mediaType: string): boolean {
  return accepted.includes(mediaType) || accepted.includes('*/*') || accepted.includes('application/*');
}
