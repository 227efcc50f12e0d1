import {
  DescribeImagesCommand,
  type ECRClient,
  type ImageDetail,
  type ImageIdentifier,
  ListImagesCommand,
} from '@aws-sdk/client-ecr';
import { mapWithin } from '../engine/gate';
import { type Digest, isDigest } from '../lib/model/digest';
import { type EcrHost, parseEcrHost } from '../lib/model/ecr-host';
import { formatReference, formatRepository, type Reference, type Repository } from '../lib/model/reference';
import { type RoleSetting, roleFor } from '../lib/model/settings';
import type { AwsClients } from './clients';
import { awsFailure } from './errors';
import { isNamed } from './items';

/** Image ids that DescribeImages takes at once. */
const IDS_AT_ONCE = 100;
/** One missing id fails the whole call. Up to so many are then asked one by one; for more the repository is listed. */
const ASKED_SINGLY = 8;
const LIST_PAGE = 1000;
/** A repository holds 100,000 images by default, each with up to 1,000 tags. */
const LONGEST_LIST = 1000;
const CONCURRENCY = 8;

/** Digests by canonical reference. Undefined: nothing there. An error: ECR would not say. */
export type EcrDigests = Map<string, Digest | Error | undefined>;

/**
 * What ECR repositories hold under these references, through ECR's API: many references a call, and none of them counts as
 * a pull. Accounts that have a role are asked in it. References in other registries are left out of the answer. Only active images count: an archived one cannot be
 * pulled. Never rejects.
 */
export async function ecrDigests(
  clients: AwsClients,
  references: readonly Reference[],
  roles?: readonly RoleSetting[],
): Promise<EcrDigests> {
  const found: EcrDigests = new Map();
  await mapWithin(CONCURRENCY, groupByRepository(references), async ({ repository, host, members }) => {
    try {
      const images = await lookUp(clients.ecr(host.region, roleFor(roles, host.account)), {
        repository,
        host,
        members,
      });
      for (const member of members) found.set(formatReference(member), images.get(idOf(member)));
    } catch (cause) {
      const error = awsFailure(`ECR ${formatRepository(repository)}`, cause);
      for (const member of members) found.set(formatReference(member), error);
    }
  });
  return found;
}

interface Group {
  readonly repository: Repository;
  readonly host: EcrHost;
  readonly members: Reference[];
}

function groupByRepository(references: readonly Reference[]): Group[] {
  const groups = new Map<string, Group>();
  for (const reference of references) {
    const host = parseEcrHost(reference.repository.registry);
    if (host === undefined) continue;
    const key = formatRepository(reference.repository);
    const group = groups.get(key) ?? { repository: reference.repository, host, members: [] };
    group.members.push(reference);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** How an image is asked for: its tag, or its digest where it has none. */
function idOf(reference: Reference): string {
  return reference.tag ?? reference.digest ?? '';
}

/** Digest by tag, or by digest. */
type Images = Map<string, Digest>;

async function lookUp(client: ECRClient, { repository, host, members }: Group): Promise<Images> {
  const ids = [...new Set(members.map(idOf))];
  const place = { registryId: host.account, repositoryName: repository.name };
  try {
    return await describeAll(client, place, ids);
  } catch (error) {
    if (isNamed(error, 'RepositoryNotFoundException')) return new Map();
    throw error;
  }
}

interface Place {
  readonly registryId: string;
  readonly repositoryName: string;
}

async function describeAll(client: ECRClient, place: Place, ids: readonly string[]): Promise<Images> {
  const images: Images = new Map();
  for (let at = 0; at < ids.length; at += IDS_AT_ONCE) {
    const batch = ids.slice(at, at + IDS_AT_ONCE);
    if (await describe(client, place, batch, images)) continue;
    const rest = ids.slice(at);
    if (rest.length > ASKED_SINGLY) return list(client, place, ids.some(isDigest));
    for (const id of rest) await describe(client, place, [id], images);
    return images;
  }
  return images;
}

/** False when one of them is not there: ECR then says nothing about the others. */
async function describe(client: ECRClient, place: Place, ids: readonly string[], images: Images): Promise<boolean> {
  try {
    const answer = await client.send(new DescribeImagesCommand({ ...place, imageIds: ids.map(identifier) }));
    for (const detail of answer.imageDetails ?? []) addImage(images, detail);
    return true;
  } catch (error) {
    if (isNamed(error, 'ImageNotFoundException')) return false;
    throw error;
  }
}

function identifier(id: string): ImageIdentifier {
  return isDigest(id) ? { imageDigest: id } : { imageTag: id };
}

function addImage(images: Images, { imageDigest, imageTags, imageStatus }: ImageDetail): void {
  if (!isDigest(imageDigest) || (imageStatus !== undefined && imageStatus !== 'ACTIVE')) return;
  images.set(imageDigest, imageDigest);
  for (const tag of imageTags ?? []) images.set(tag, imageDigest);
}

async function list(client: ECRClient, place: Place, untagged: boolean): Promise<Images> {
  const images: Images = new Map();
  const filter = untagged ? undefined : { tagStatus: 'TAGGED' as const };
  let nextToken: string | undefined;
  for (let page = 0; page < LONGEST_LIST; page += 1) {
    const answer = await client.send(new ListImagesCommand({ ...place, filter, maxResults: LIST_PAGE, nextToken }));
    for (const { imageDigest, imageTag } of answer.imageIds ?? []) {
      if (!isDigest(imageDigest)) continue;
      images.set(imageDigest, imageDigest);
      if (imageTag !== undefined) images.set(imageTag, imageDigest);
    }
    nextToken = answer.nextToken;
    if (nextToken === undefined) return images;
  }
  throw new Error(`has more than ${LONGEST_LIST * LIST_PAGE} tags`);
}
