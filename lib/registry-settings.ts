import { CfnPullTimeUpdateExclusion } from 'aws-cdk-lib/aws-ecr';
import type { IPrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { enableBlobMounting } from './blob-mounting';
import { deploymentLogs } from './deployment-logs';
import type { EcrMirrorProps } from './ecr-mirror-props';
import type { MirrorParts } from './mirror-parts';
import { RepositoryCreation } from './repository-creation';
import { RepositoryCreationTemplate } from './repository-creation-template';
import { TemplateAppliedFor } from './repository-creation-template-props';

/**
 * Settings of Amazon ECR itself, as far as the props ask for them.
 *
 * @param strangers who may pull and has no policy of its own: asked when the template is made
 */
export function prepareRegistry(
  scope: Construct,
  props: EcrMirrorProps,
  parts: MirrorParts,
  strangers: () => readonly IPrincipal[],
): void {
  if (props.repositoryCreation === RepositoryCreation.ON_PUSH) addTemplates(scope, props, parts, strangers);
  if (props.blobMounting === true) enableBlobMounting(scope, deploymentLogs(scope, parts.kept));
  if (props.pullTimeExclusion === true) excludePulls(scope, parts);
}

function addTemplates(
  scope: Construct,
  { repositoryDefaults }: EcrMirrorProps,
  { places, worker }: MirrorParts,
  pullers: () => readonly IPrincipal[],
): void {
  for (const prefix of places.prefixes) {
    const template = new RepositoryCreationTemplate(scope, `Template ${prefix}`, {
      ...repositoryDefaults,
      prefix,
      appliedFor: [TemplateAppliedFor.CREATE_ON_PUSH],
    });
    template._letPull(pullers);
    template.grantCreate(worker.role);
  }
}

function excludePulls(scope: Construct, { controller, worker }: MirrorParts): void {
  for (const [id, role] of [
    ['Controller', controller.handler.role],
    ['Worker', worker.role],
  ] as const) {
    if (role !== undefined) new CfnPullTimeUpdateExclusion(scope, `${id}PullTime`, { principalArn: role.roleArn });
  }
}
