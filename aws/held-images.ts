import {
  BatchDeleteImageCommand,
  BatchGetImageCommand,
  DescribeImagesCommand,
  type ECRClient,
  type ImageDetail,
  type ImageIdentifier,
} from '@aws-sdk/client-ecr';
import { isIndex } from '../lib/model/descriptor';
import { type Digest, isDigest } from '../lib/model/digest';
import { parseEcrHost } from '../lib/model/ecr-host';
import type { HeldImage } from '../lib/model/prune';
import { formatRepository, type Repository } from '../lib/model/reference';
import type { AwsClients } from './clients';
import { awsFailure } from './errors';
import { isNamed } from './items';

/** What pruning asks of Amazon ECR: what a repository holds, and to delete tags of it. */

const PAGE = 1000;
/** A repository holds 100,000 images by default. */
const MOST_PAGES = 200;
const IDS_AT_ONCE = 100;
/** Indexes of which it is asked what they hold. */
const MOST_INDEXES = 100;

interface Place {
  readonly client: ECRClient;
  readonly id: { readonly registryId: string; readonly repositoryName: string };
}

/** @throws EngineError for a repository elsewhere */
function placeOf(clients: Pick<AwsClients, 'ecr'>, repository: Repository): Place {
  const host = parseEcrHost(repository.registry);
  if (host === undefined) throw awsFailure(formatRepository(repository), new Error('it is not in Amazon ECR'));
  return { client: clients.ecr(host.region), id: { registryId: host.account, repositoryName: repository.name } };
}

/** All tags of a repository with what they hold, archived images included. @throws EngineError */
export async function heldImages(
  clients: Pick<AwsClients, 'ecr'>,
  repository: Repository,
): Promise<ReadonlyMap<string, HeldImage>> {
  const { client, id } = placeOf(clients, repository);
  const images = new Map<string, HeldImage>();
  const filter = { tagStatus: 'TAGGED' as const, imageStatus: 'ANY' as const };
  let nextToken: string | undefined;
  try {
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const answer = await client.send(new DescribeImagesCommand({ ...id, filter, maxResults: PAGE, nextToken }));
      for (const detail of answer.imageDetails ?? []) addImage(images, detail);
      nextToken = answer.nextToken;
      if (nextToken === undefined) return images;
    }
  } catch (cause) {
    if (isNamed(cause, 'RepositoryNotFoundException')) return images;
    throw awsFailure(`ECR ${formatRepository(repository)}`, cause, 'ecr:DescribeImages there would do');
  }
  throw awsFailure(`ECR ${formatRepository(repository)}`, new Error(`it has more than ${MOST_PAGES * PAGE} images`));
}

function addImage(images: Map<string, HeldImage>, detail: ImageDetail): void {
  const { imageDigest, imageTags, imagePushedAt, lastRecordedPullTime, imageStatus, imageManifestMediaType } = detail;
  if (!isDigest(imageDigest)) return;
  const image: HeldImage = {
    digest: imageDigest,
    tags: imageTags ?? [],
    ...(imagePushedAt === undefined ? {} : { pushedAt: imagePushedAt.getTime() }),
    ...(lastRecordedPullTime === undefined ? {} : { pulledAt: lastRecordedPullTime.getTime() }),
    isArchived: imageStatus !== undefined && imageStatus !== 'ACTIVE',
    isIndex: imageManifestMediaType === undefined || isIndex(imageManifestMediaType),
  };
  for (const tag of imageTags ?? []) images.set(tag, image);
}

/**
 * Digests that indexes of a repository hold. Reading one counts as a pull of it: ask for those that are in use anyway.
 *
 * @throws EngineError
 */
export async function childrenOf(
  clients: Pick<AwsClients, 'ecr'>,
  repository: Repository,
  indexes: readonly Digest[],
): Promise<ReadonlySet<Digest>> {
  const { client, id } = placeOf(clients, repository);
  const imageIds = indexes.slice(0, MOST_INDEXES).map((imageDigest) => ({ imageDigest }));
  if (imageIds.length === 0) return new Set();
  try {
    const { images = [] } = await client.send(new BatchGetImageCommand({ ...id, imageIds }));
    return new Set(images.flatMap(({ imageManifest }) => readChildren(imageManifest ?? '')));
  } catch (cause) {
    throw awsFailure(`ECR ${formatRepository(repository)}`, cause, 'ecr:BatchGetImage there would do');
  }
}

function readChildren(manifest: string): readonly Digest[] {
  try {
    const { manifests } = JSON.parse(manifest) as { readonly manifests?: readonly { readonly digest?: unknown }[] };
    return (manifests ?? []).map(({ digest }) => digest).filter(isDigest);
  } catch {
    return [];
  }
}

/**
 * A tag, and what it must hold to go. With a digest beside it a tag that was moved since is left alone; but whether Amazon ECR
 * then deletes the tag or the image with all its tags is not documented.
 */
export interface TagToDelete {
  readonly tag: string;
  /** @default - the tag alone goes, because the image has others that stay */
  readonly digest?: Digest;
}

/**
 * Deletes tags of a repository; with its last tag an image goes. What is not there counts as
 * deleted. Returns why each of the others was not, by tag; never rejects.
 */
export async function deleteTags(
  clients: Pick<AwsClients, 'ecr'>,
  repository: Repository,
  tags: readonly TagToDelete[],
): Promise<ReadonlyMap<string, string>> {
  const failures = new Map<string, string>();
  for (let at = 0; at < tags.length; at += IDS_AT_ONCE) {
    const batch = tags.slice(at, at + IDS_AT_ONCE);
    try {
      const { client, id } = placeOf(clients, repository);
      const imageIds: ImageIdentifier[] = batch.map(({ tag, digest }) => ({ imageTag: tag, imageDigest: digest }));
      const answer = await client.send(new BatchDeleteImageCommand({ ...id, imageIds }));
      for (const { imageId, failureCode, failureReason } of answer.failures ?? []) {
        if (failureCode === 'ImageNotFound') continue;
        failures.set(
          imageId?.imageTag ?? '',
          `destination: delete: ${failureCode}: ${failureReason ?? 'no reason given'}`,
        );
      }
    } catch (cause) {
      const remedy = isNamed(cause, 'AccessDeniedException') ? 'ecr:BatchDeleteImage there would do' : undefined;
      const { message } = awsFailure(`destination: delete from ${formatRepository(repository)}`, cause, remedy);
      for (const { tag } of batch) failures.set(tag, message);
    }
  }
  return failures;
}
