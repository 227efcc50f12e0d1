import { AwsError } from '../aws/error';
import type { EcrControlPlane } from '../aws/services';
import type { Resolver } from '../template/resolver';
import { type Json, type JsonMap, listOf, mapOf } from '../template/value';

/** What a template's property is called in CreateRepository. */
const SETTINGS: Readonly<Record<string, string>> = {
  ImageTagMutability: 'imageTagMutability',
};

/** Creates the repositories that a template declares; one that is there stays as it is. */
export function createRepositories(template: Resolver, plane: EcrControlPlane): void {
  for (const { ref, properties } of template.ofType('AWS::ECR::Repository')) {
    const settings = Object.entries(SETTINGS).flatMap(([property, name]) =>
      properties[property] === undefined ? [] : [[name, properties[property] as Json] as const],
    );
    try {
      plane('CreateRepository', { repositoryName: ref, ...Object.fromEntries(settings) });
    } catch (error) {
      if (!(error instanceof AwsError) || error.code !== 'RepositoryAlreadyExistsException') throw error;
    }
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
