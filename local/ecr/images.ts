import { isIndex } from '../../lib/model/descriptor';
import { AwsError } from '../aws/error';
import { referrerDescriptor, referrersOf } from '../registry/lists';
import { removeManifest } from '../registry/manifests';
import { findManifest, type RepositoryState, type StoredManifest, tagsOf } from '../registry/state';
import {
  type Input,
  optionalEnum,
  optionalList,
  optionalMap,
  optionalText,
  optionalTexts,
  page,
  requireEnum,
  requireList,
  requireText,
} from './input';
import { invalidParameter } from './refusals';
import { type EcrService, named, type Operation, repositoryOf, seconds } from './service';

interface ImageId {
  readonly imageDigest?: string;
  readonly imageTag?: string;
}

const STATUSES = ['ACTIVE', 'ARCHIVED', 'ACTIVATING', 'ANY'] as const;

export const listImages: Operation = (service, input) => {
  const repository = repositoryOf(service, input);
  const tagStatus = optionalEnum(optionalMap(input, 'filter') ?? {}, 'tagStatus', ['TAGGED', 'UNTAGGED', 'ANY']);
  const ids = withStatus(repository, input).flatMap((manifest): ImageId[] => {
    const imageDigest = manifest.descriptor.digest;
    const tags = tagsOf(repository, imageDigest);
    if (tags.length === 0) return tagStatus === 'TAGGED' ? [] : [{ imageDigest }];
    return tagStatus === 'UNTAGGED' ? [] : tags.map((imageTag) => ({ imageDigest, imageTag }));
  });
  const { items, nextToken } = page(input, ids, 100, 1000);
  return { imageIds: items, nextToken };
};

/** One id that is not there fails the whole call. */
export const describeImages: Operation = (service, input) => {
  const repository = repositoryOf(service, input);
  const ids = optionalList(input, 'imageIds', 1, 100)?.map(imageId);
  if (ids !== undefined && (input.maxResults !== undefined || input.nextToken !== undefined)) {
    throw invalidParameter("maxResults' failed to satisfy constraint: 'not together with imageIds'");
  }
  const listed = withStatus(repository, input);
  if (ids === undefined) {
    const tagStatus = optionalEnum(optionalMap(input, 'filter') ?? {}, 'tagStatus', ['TAGGED', 'UNTAGGED', 'ANY']);
    const wanted = listed.filter((manifest) => {
      const tagged = tagsOf(repository, manifest.descriptor.digest).length > 0;
      return tagStatus === undefined || tagStatus === 'ANY' || tagged === (tagStatus === 'TAGGED');
    });
    const { items, nextToken } = page(input, wanted, 100, 1000);
    return { imageDetails: items.map((manifest) => detail(service, repository, manifest)), nextToken };
  }
  const found = ids.map((id) => {
    const manifest = listed.find((one) => one === lookUp(repository, id));
    if (manifest === undefined) throw imageNotFound(service, repository, id);
    return manifest;
  });
  return { imageDetails: [...new Set(found)].map((manifest) => detail(service, repository, manifest)) };
};

/** Each id that is not there is a failure of its own. */
export const batchGetImage: Operation = (service, input) => {
  service.account.spend('BatchGetImage');
  const repository = repositoryOf(service, input);
  const ids = requireList(input, 'imageIds', 1, 100).map(imageId);
  const images: object[] = [];
  const failures: object[] = [];
  for (const id of ids) {
    const manifest = lookUp(repository, id);
    const archived = manifest?.archived === true;
    if (manifest === undefined || archived)
      failures.push(failure(id, archived ? 'ImageInaccessible' : 'ImageNotFound'));
    else images.push(show(service, repository, manifest, id));
  }
  return { images, failures };
};

/** By tag: that tag goes, and the image with its last tag. By digest: the image with all tags; by both, too, since AWS does not say. */
export const batchDeleteImage: Operation = (service, input) => {
  const repository = repositoryOf(service, input);
  const ids = requireList(input, 'imageIds', 1, 100).map(imageId);
  const imageIds: ImageId[] = [];
  const failures: object[] = [];
  for (const id of ids) {
    const manifest = lookUp(repository, id);
    if (manifest === undefined)
      failures.push(failure(id, isAnother(repository, id) ? 'ImageTagDoesNotMatchDigest' : 'ImageNotFound'));
    else if (isReferenced(repository, manifest, id)) failures.push(failure(id, 'ImageReferencedByManifestList'));
    else imageIds.push(...remove(repository, manifest, id));
  }
  return { imageIds, failures };
};

export const updateImageStorageClass: Operation = (service, input) => {
  const repository = repositoryOf(service, input);
  const target = requireEnum(input, 'targetStorageClass', ['STANDARD', 'ARCHIVE']);
  const id = imageId(optionalMap(input, 'imageId') ?? {});
  const manifest = lookUp(repository, id);
  if (manifest === undefined) throw imageNotFound(service, repository, id);
  if ((manifest.archived === true) === (target === 'ARCHIVE')) {
    throw new AwsError('ImageStorageClassUpdateNotSupportedException', `The image is in storage class ${target}`);
  }
  manifest.archived = target === 'ARCHIVE';
  return { ...named(service, repository), imageId: id, imageStatus: status(manifest) };
};

export const listImageReferrers: Operation = (service, input) => {
  const repository = repositoryOf(service, input);
  const subject = requireText(optionalMap(input, 'subjectId') ?? {}, 'imageDigest');
  const filter = optionalMap(input, 'filter') ?? {};
  const types = optionalTexts(filter, 'artifactTypes', 1, 5);
  const wanted = optionalEnum(filter, 'artifactStatus', STATUSES) ?? 'ACTIVE';
  const referrers = referrersOf(repository, subject)
    .filter((manifest) => wanted === 'ANY' || status(manifest) === wanted)
    .map((manifest) => ({ ...referrerDescriptor(manifest), artifactStatus: status(manifest) }))
    .filter((one) => types === undefined || types.includes(one.artifactType ?? ''));
  const { items, nextToken } = page(input, referrers, 20, 50);
  return { referrers: items, nextToken };
};

function imageId(id: Input): ImageId {
  const imageDigest = optionalText(id, 'imageDigest');
  const imageTag = optionalText(id, 'imageTag');
  if (imageDigest === undefined && imageTag === undefined) {
    throw invalidParameter("imageIds' failed to satisfy constraint: 'imageDigest or imageTag must be given'");
  }
  if (imageDigest !== undefined && !/^[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+$/.test(imageDigest)) {
    throw invalidParameter("imageDigest' failed to satisfy constraint: 'Member must be a digest'");
  }
  return { ...(imageDigest === undefined ? {} : { imageDigest }), ...(imageTag === undefined ? {} : { imageTag }) };
}

/** With digest and tag, both must be of one image. */
function lookUp(repository: RepositoryState, { imageDigest, imageTag }: ImageId): StoredManifest | undefined {
  if (imageTag === undefined) return repository.manifests.get(imageDigest ?? '');
  const digest = repository.tags.get(imageTag);
  if (digest === undefined || (imageDigest !== undefined && imageDigest !== digest)) return undefined;
  return findManifest(repository, digest);
}

function withStatus(repository: RepositoryState, input: Input): StoredManifest[] {
  const wanted = optionalEnum(optionalMap(input, 'filter') ?? {}, 'imageStatus', STATUSES) ?? 'ACTIVE';
  return [...repository.manifests.values()].filter((manifest) => wanted === 'ANY' || status(manifest) === wanted);
}

function status(manifest: StoredManifest): 'ACTIVE' | 'ARCHIVED' {
  return manifest.archived === true ? 'ARCHIVED' : 'ACTIVE';
}

/** A tag that is there, with a digest that it does not hold. */
function isAnother(repository: RepositoryState, { imageTag, imageDigest }: ImageId): boolean {
  return imageDigest !== undefined && imageTag !== undefined && repository.tags.has(imageTag);
}

function isReferenced(repository: RepositoryState, manifest: StoredManifest, id: ImageId): boolean {
  const { digest } = manifest.descriptor;
  if (id.imageTag !== undefined && tagsOf(repository, digest).length > 1) return false;
  return [...repository.manifests.values()].some(({ parsed }) => parsed.manifests.some((one) => one.digest === digest));
}

function remove(repository: RepositoryState, manifest: StoredManifest, id: ImageId): ImageId[] {
  const imageDigest = manifest.descriptor.digest;
  const tags = tagsOf(repository, imageDigest);
  const gone = id.imageTag === undefined || id.imageDigest !== undefined ? tags : [id.imageTag];
  if (gone.length === tags.length) removeManifest(repository, imageDigest);
  else for (const tag of gone) repository.tags.delete(tag);
  return gone.length === 0 ? [{ imageDigest }] : gone.map((imageTag) => ({ imageDigest, imageTag }));
}

function detail(service: EcrService, repository: RepositoryState, manifest: StoredManifest): object {
  const { descriptor, parsed } = manifest;
  const imageTags = tagsOf(repository, descriptor.digest);
  return {
    ...named(service, repository),
    imageDigest: descriptor.digest,
    ...(imageTags.length === 0 ? {} : { imageTags }),
    imageSizeInBytes: imageSize(repository, manifest),
    imagePushedAt: seconds(manifest.pushedAt),
    imageManifestMediaType: descriptor.mediaType,
    ...(parsed.artifactType === undefined ? {} : { artifactMediaType: parsed.artifactType }),
    ...(manifest.pulledAt === undefined ? {} : { lastRecordedPullTime: seconds(manifest.pulledAt) }),
    ...(parsed.subject === undefined ? {} : { subjectManifestDigest: parsed.subject.digest }),
    imageStatus: status(manifest),
  };
}

/** Of an index: the greatest of its images, not their sum. */
function imageSize(repository: RepositoryState, { parsed, descriptor }: StoredManifest): number {
  if (!isIndex(descriptor.mediaType)) {
    return parsed.layers.reduce((sum, layer) => sum + layer.size, parsed.config?.size ?? 0);
  }
  const children = parsed.manifests.map((child) => repository.manifests.get(child.digest));
  return Math.max(
    0,
    ...children.map((child) =>
      child === undefined || child.descriptor === descriptor ? 0 : imageSize(repository, child),
    ),
  );
}

function show(service: EcrService, repository: RepositoryState, manifest: StoredManifest, id: ImageId): object {
  const { descriptor, bytes } = manifest;
  return {
    ...named(service, repository),
    imageId: { ...id, imageDigest: descriptor.digest },
    imageManifest: Buffer.from(bytes).toString(),
    imageManifestMediaType: descriptor.mediaType,
  };
}

const REASONS = {
  ImageNotFound: 'Requested image not found',
  ImageTagDoesNotMatchDigest: 'Requested image tag does not match requested image digest',
  ImageInaccessible: 'Requested image is not accessible: it is archived',
  ImageReferencedByManifestList: 'Requested image referenced by manifest list',
} as const;

function failure(id: ImageId, failureCode: keyof typeof REASONS): object {
  return { imageId: id, failureCode, failureReason: REASONS[failureCode] };
}

function imageNotFound(service: EcrService, repository: RepositoryState, id: ImageId): AwsError {
  const which = `{imageDigest:'${id.imageDigest ?? 'null'}', imageTag:'${id.imageTag ?? 'null'}'}`;
  return new AwsError(
    'ImageNotFoundException',
    `The image with imageId ${which} does not exist within the repository with name '${repository.name}' in the registry with id '${service.account.account}'`,
  );
}
