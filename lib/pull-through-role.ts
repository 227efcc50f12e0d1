import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

const READ = [
  'ecr:BatchGetImage',
  'ecr:BatchImportUpstreamImage',
  'ecr:GetDownloadUrlForLayer',
  'ecr:GetImageCopyStatus',
];
const WRITE = ['ecr:CompleteLayerUpload', 'ecr:InitiateLayerUpload', 'ecr:PutImage', 'ecr:UploadLayerPart'];

export interface PullThroughRoleProps {
  /** Repositories of the other account. */
  readonly upstream: string[];
  /** Repositories of the cache. */
  readonly cache: string;
}

/**
 * The role in which Amazon ECR pulls from the Amazon ECR of another account.
 *
 * The actions are those of the user guide, section "Setting up permissions for cross-account ECR to ECR PTC", its resources
 * narrowed down.
 */
export function makePullThroughRole(scope: Construct, { upstream, cache }: PullThroughRoleProps): Role {
  const role = new Role(scope, 'Role', {
    assumedBy: new ServicePrincipal('pullthroughcache.ecr.amazonaws.com'),
    description: 'Pulls from the Amazon ECR of another account into a pull-through cache',
  });
  const allow = (actions: string[], resources: string[]) =>
    role.addToPolicy(new PolicyStatement({ actions, resources }));
  allow(['ecr:GetAuthorizationToken'], ['*']);
  allow(READ, [...upstream, cache]);
  allow(WRITE, [cache]);
  return role;
}
