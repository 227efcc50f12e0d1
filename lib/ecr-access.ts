import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { coversRegistry, ecrRepositoryArns } from './own-registry';

/** Sources are asked as any registry is, destinations by ECR's own API, and for what refers to an image. */
const LOOK_AT_SOURCE = ['ecr:BatchGetImage', 'ecr:ListImages'];
const LOOK_AT_DESTINATION = [...LOOK_AT_SOURCE, 'ecr:DescribeImages'];
const PULL = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];
const PUSH = [...PULL, 'ecr:CompleteLayerUpload', 'ecr:InitiateLayerUpload', 'ecr:PutImage', 'ecr:UploadLayerPart'];

/** Controller and worker. */
export interface Parties {
  readonly controller: IGrantable;
  readonly worker: IGrantable;
}

/** Lets both ask for ECR tokens, which say nothing about repositories yet. */
export function grantTokens({ controller, worker }: Parties): void {
  for (const party of [controller, worker]) allow(party, ['ecr:GetAuthorizationToken'], ['*']);
}

/** What follows from places that rows may copy from. */
export function grantSources(scope: IConstruct, { controller, worker }: Parties, patterns: readonly string[]): void {
  const arns = patterns.flatMap((pattern) => ecrRepositoryArns(scope, pattern));
  allow(controller, LOOK_AT_SOURCE, arns);
  allow(worker, PULL, arns);
  grantPublicTokens({ controller, worker }, patterns);
}

/** What follows from places that rows may copy to. */
export function grantDestinations(
  scope: IConstruct,
  { controller, worker }: Parties,
  patterns: readonly string[],
): void {
  const arns = patterns.flatMap((pattern) => ecrRepositoryArns(scope, pattern));
  allow(controller, LOOK_AT_DESTINATION, arns);
  allow(worker, PUSH, arns);
  grantPublicTokens({ controller, worker }, patterns);
}

/** Amazon ECR Public: its limits for who is known are far above those for anonymous access. */
function grantPublicTokens({ controller, worker }: Parties, patterns: readonly string[]): void {
  if (!patterns.some((pattern) => coversRegistry(pattern, 'public.ecr.aws'))) return;
  for (const party of [controller, worker]) {
    allow(party, ['ecr-public:GetAuthorizationToken', 'sts:GetServiceBearerToken'], ['*']);
  }
}

function allow(grantee: IGrantable, actions: string[], resourceArns: string[]): void {
  if (resourceArns.length > 0) Grant.addToPrincipal({ grantee, actions, resourceArns });
}
