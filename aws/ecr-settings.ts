import {
  DescribeRepositoryCreationTemplatesCommand,
  type ECRClient,
  type Repository as EcrRepository,
  GetAccountSettingCommand,
  GetRepositoryPolicyCommand,
} from '@aws-sdk/client-ecr';
import type { TagMutability } from '../lib/model/moving-tags';
import { describeRepositories } from './ecr-inventory';
import { isNamed } from './items';
import { allPages } from './pages';

/** How a registry of Amazon ECR is set up. */

/** How tags may move, by the names of all repositories of an account. */
export async function tagMutabilities(
  client: ECRClient,
  registryId: string,
): Promise<ReadonlyMap<string, TagMutability>> {
  const found = new Map<string, TagMutability>();
  for await (const repository of describeRepositories(client, registryId)) {
    if (repository.repositoryName !== undefined) found.set(repository.repositoryName, mutabilityOf(repository));
  }
  return found;
}

function mutabilityOf({ imageTagMutability = 'MUTABLE', imageTagMutabilityExclusionFilters = [] }: EcrRepository) {
  const exclusions = imageTagMutabilityExclusionFilters.flatMap(({ filter }) => filter ?? []);
  return { imageTagMutability, exclusions };
}

/** Prefixes under which a push creates a repository that is not there; `ROOT` for all. */
export async function creationPrefixes(client: ECRClient): Promise<readonly string[]> {
  const templates = await allPages(async (nextToken) => {
    const answer = await client.send(new DescribeRepositoryCreationTemplatesCommand({ maxResults: 100, nextToken }));
    return { items: answer.repositoryCreationTemplates ?? [], next: answer.nextToken };
  });
  return templates.flatMap(({ prefix, appliedFor = [] }) =>
    prefix !== undefined && appliedFor.includes('CREATE_ON_PUSH') ? [prefix] : [],
  );
}

/** Whether a push may take blobs over from other repositories of the account and region. */
export async function mountsBlobs(client: ECRClient): Promise<boolean> {
  const { value } = await client.send(new GetAccountSettingCommand({ name: 'BLOB_MOUNTING' }));
  return value === 'ENABLED';
}

/** The document of a repository's policy; undefined where it has none. */
export async function repositoryPolicy(
  client: ECRClient,
  place: { readonly registryId: string; readonly repositoryName: string },
): Promise<string | undefined> {
  try {
    return (await client.send(new GetRepositoryPolicyCommand(place))).policyText;
  } catch (error) {
    if (isNamed(error, 'RepositoryPolicyNotFoundException')) return undefined;
    throw error;
  }
}
