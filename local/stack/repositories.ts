import { AwsError } from '../aws/error';
import type { EcrControlPlane } from '../aws/services';
import type { Resolver } from '../template/resolver';
import type { Json } from '../template/value';

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
