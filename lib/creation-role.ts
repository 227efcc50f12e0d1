import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

/**
 * The role in which Amazon ECR creates repositories with keys or tags. Its own (AWSServiceRoleForECRTemplate) may set neither.
 *
 * The actions are those of the user guide, section "Create a custom policy for repository creation templates", its resources
 * narrowed down.
 */
export function makeCreationRole(scope: Construct, repositoriesArn: string, encryptionKey?: IKey): Role {
  const role = new Role(scope, 'Role', {
    assumedBy: new ServicePrincipal('ecr.amazonaws.com'),
    description: 'Creates repositories by a template of Amazon ECR',
  });
  const allow = (actions: string[], arn: string) =>
    role.addToPolicy(new PolicyStatement({ actions, resources: [arn] }));
  allow(['ecr:CreateRepository', 'ecr:ReplicateImage', 'ecr:TagResource'], repositoriesArn);
  if (encryptionKey !== undefined) {
    allow(['kms:CreateGrant', 'kms:DescribeKey', 'kms:RetireGrant'], encryptionKey.keyArn);
  }
  return role;
}
