import { DescribeRepositoriesCommand, type ECRClient, ListImagesCommand, type Repository } from '@aws-sdk/client-ecr';
import { type Digest, isDigest } from '../lib/model/digest';
import { isNamed } from './items';

/** What there is in Amazon ECR, in numbers: by lists, of which a page has a thousand. */

const PAGE = 1000;
/** A registry holds 100,000 repositories by default, a repository as many images, each of these up to 1,000 tags. */
const MOST_PAGES = 1000;

/** All repositories of an account, in the client's region. */
export async function* describeRepositories(client: ECRClient, registryId: string): AsyncGenerator<Repository> {
  let nextToken: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await client.send(new DescribeRepositoriesCommand({ registryId, maxResults: PAGE, nextToken }));
    yield* answer.repositories ?? [];
    nextToken = answer.nextToken;
    if (nextToken === undefined) return;
  }
  throw new Error(`has more than ${MOST_PAGES * PAGE} repositories`);
}

/** Names of all repositories of an account, in the client's region. */
export async function listRepositories(client: ECRClient, registryId: string): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for await (const { repositoryName } of describeRepositories(client, registryId))
    if (repositoryName !== undefined) names.add(repositoryName);
  return names;
}

/** How many tags each image of a repository has, those without any included; none of a repository that is not there. */
export async function countTags(
  client: ECRClient,
  place: { readonly registryId: string; readonly repositoryName: string },
): Promise<ReadonlyMap<Digest, number>> {
  const tags = new Map<Digest, number>();
  let nextToken: string | undefined;
  try {
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const answer = await client.send(new ListImagesCommand({ ...place, maxResults: PAGE, nextToken }));
      for (const { imageDigest, imageTag } of answer.imageIds ?? []) {
        if (!isDigest(imageDigest)) continue;
        tags.set(imageDigest, (tags.get(imageDigest) ?? 0) + (imageTag === undefined ? 0 : 1));
      }
      nextToken = answer.nextToken;
      if (nextToken === undefined) return tags;
    }
  } catch (error) {
    if (isNamed(error, 'RepositoryNotFoundException')) return new Map();
    throw error;
  }
  throw new Error(`has more than ${MOST_PAGES * PAGE} tags`);
}
