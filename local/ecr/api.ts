import { AwsError } from '../aws/error';
import { Fault } from '../registry/fault';
import type { RunningRegistry } from '../registry/server';
import * as account from './account';
import * as images from './images';
import type { Input } from './input';
import * as layers from './layers';
import * as repositories from './repositories';
import type { Operation } from './service';

/** `X-Amz-Target` of its requests, before the dot. */
export const ECR_TARGET = 'AmazonEC2ContainerRegistry_V20150921';

/**
 * One operation by its name, such as `DescribeImages`, from the JSON of a request to the JSON of an answer. `caller` is the
 * access key of whoever asks, and is known by the tokens that it gets.
 *
 * @throws AwsError
 */
export type EcrApi = (operation: string, input: Input, caller?: string) => object;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  BatchCheckLayerAvailability: layers.batchCheckLayerAvailability,
  BatchDeleteImage: images.batchDeleteImage,
  BatchGetImage: images.batchGetImage,
  CreateRepository: repositories.createRepository,
  CreateRepositoryCreationTemplate: account.createRepositoryCreationTemplate,
  DeleteRepository: repositories.deleteRepository,
  DeleteRepositoryCreationTemplate: account.deleteRepositoryCreationTemplate,
  DescribeImages: images.describeImages,
  DescribeRepositories: repositories.describeRepositories,
  DescribeRepositoryCreationTemplates: account.describeRepositoryCreationTemplates,
  GetAccountSetting: account.getAccountSetting,
  GetAuthorizationToken: account.getAuthorizationToken,
  GetDownloadUrlForLayer: layers.getDownloadUrlForLayer,
  GetLifecyclePolicy: repositories.getLifecyclePolicy,
  GetRepositoryPolicy: repositories.getRepositoryPolicy,
  ListImageReferrers: images.listImageReferrers,
  ListImages: images.listImages,
  ListTagsForResource: repositories.listTagsForResource,
  PutAccountSetting: account.putAccountSetting,
  PutImageScanningConfiguration: repositories.putImageScanningConfiguration,
  PutImageTagMutability: repositories.putImageTagMutability,
  PutLifecyclePolicy: repositories.putLifecyclePolicy,
  SetRepositoryPolicy: repositories.setRepositoryPolicy,
  TagResource: repositories.tagResource,
  UpdateImageStorageClass: images.updateImageStorageClass,
};

/**
 * Amazon ECR's API over the repositories that an embedded registry with its personality serves.
 *
 * Does NOT do: IAM, signatures of requests, pushing layers and images by the API, lifecycle and scanning as actions,
 * replication, pull-through rules, restoring from the archive over time (an image is back at once).
 *
 * @throws Error when the registry has another personality.
 */
export function ecrApi(registry: RunningRegistry): EcrApi {
  if (registry.ecr === undefined) throw new Error("ecrApi: a registry with the personality 'ecr' would do");
  const { state, clock } = registry;
  const account = registry.ecr;
  return (operation, input, caller) => {
    const run = Object.hasOwn(OPERATIONS, operation) ? OPERATIONS[operation] : undefined;
    if (run === undefined) throw new AwsError('UnknownOperationException', `${operation} is not known here`);
    try {
      return run({ state, clock, account, caller }, input);
    } catch (error) {
      throw error instanceof Fault && error.status === 429
        ? new AwsError('ThrottlingException', 'Rate exceeded')
        : error;
    }
  };
}
