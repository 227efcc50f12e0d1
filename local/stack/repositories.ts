import { AwsError } from '../aws/error';
import type { EcrControlPlane } from '../aws/services';
import type { Resolver } from '../template/resolver';
import { type JsonMap, listOf, mapOf, textOf } from '../template/value';

/** Creates the repositories that a template declares; one that is there stays as it is. */
export function createRepositories(template: Resolver, plane: EcrControlPlane): void {
  for (const { ref: repositoryName, properties } of template.ofType('AWS::ECR::Repository')) {
    const { ImageTagMutability, ImageTagMutabilityExclusionFilters, LifecyclePolicy } = properties;
    const filters = listOf(ImageTagMutabilityExclusionFilters).map(mapOf);
    try {
      plane('CreateRepository', {
        repositoryName,
        ...(ImageTagMutability === undefined ? {} : { imageTagMutability: ImageTagMutability }),
        ...(filters.length === 0 ? {} : { imageTagMutabilityExclusionFilters: filters.map(filterInApi) }),
      });
    } catch (error) {
      if (!(error instanceof AwsError) || error.code !== 'RepositoryAlreadyExistsException') throw error;
      continue;
    }
    const lifecyclePolicyText = textOf(mapOf(LifecyclePolicy).LifecyclePolicyText);
    if (lifecyclePolicyText !== undefined) plane('PutLifecyclePolicy', { repositoryName, lifecyclePolicyText });
  }
}

/** Creates the creation templates that a template declares: a push into a repository that is not there makes it. */
export function createCreationTemplates(template: Resolver, plane: EcrControlPlane): void {
  for (const { properties } of template.ofType('AWS::ECR::RepositoryCreationTemplate')) {
    const { EncryptionConfiguration, ImageTagMutabilityExclusionFilters, ResourceTags, ...others } = properties;
    const filters = listOf(ImageTagMutabilityExclusionFilters).map(mapOf);
    plane('CreateRepositoryCreationTemplate', {
      ...inApi(others),
      ...(EncryptionConfiguration === undefined
        ? {}
        : { encryptionConfiguration: inApi(mapOf(EncryptionConfiguration)) }),
      ...(ResourceTags === undefined ? {} : { resourceTags: ResourceTags }),
      ...(filters.length === 0 ? {} : { imageTagMutabilityExclusionFilters: filters.map(filterInApi) }),
    });
  }
}

/** Names of the API begin with a small letter, those of CloudFormation with a capital. */
function inApi(properties: JsonMap): JsonMap {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [name.charAt(0).toLowerCase() + name.slice(1), value]),
  );
}

function filterInApi(filter: JsonMap): JsonMap {
  const filterType = filter.ImageTagMutabilityExclusionFilterType ?? null;
  return { filterType, filter: filter.ImageTagMutabilityExclusionFilterValue ?? null };
}
