import { Lazy, Stack } from 'aws-cdk-lib';
import { CfnRepositoryCreationTemplate, type LifecycleRule } from 'aws-cdk-lib/aws-ecr';
import {
  Grant,
  type IGrantable,
  type IPrincipal,
  OrganizationPrincipal,
  PolicyDocument,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { PULL_ACTIONS } from './ecr-access';
import { lifecycleRules } from './lifecycle';
import { MUTABILITY, type RepositorySettings, tagFilters } from './mirror-repository';

export interface CreationTemplateProps {
  /** What the names of the repositories begin with. */
  readonly prefix: string;
  readonly settings: RepositorySettings;
  /** Who may pull from them and has no policy of its own: asked when the template is made. */
  readonly pullers: () => readonly IPrincipal[];
}

/** Lets Amazon ECR create a repository under a prefix when something is first pushed to it, as declared ones are kept. */
export class CreationTemplate extends Construct {
  private readonly arn: string;

  constructor(scope: Construct, id: string, { prefix, settings, pullers }: CreationTemplateProps) {
    super(scope, id);
    const { immutable, floatingTags, encryptionKey, tags } = settings;
    this.arn = Stack.of(this).formatArn({ service: 'ecr', resource: 'repository', resourceName: `${prefix}/*` });
    const needsRole = encryptionKey !== undefined || Object.keys(tags ?? {}).length > 0;
    new CfnRepositoryCreationTemplate(this, 'Resource', {
      prefix,
      description: 'Repositories of mirrored images',
      appliedFor: ['CREATE_ON_PUSH'],
      imageTagMutability: immutable === true ? MUTABILITY.fixed : MUTABILITY.free,
      imageTagMutabilityExclusionFilters: immutable === true ? tagFilters(floatingTags ?? []) : undefined,
      lifecyclePolicy: lifecycleText(lifecycleRules(settings)),
      repositoryPolicy: Lazy.string({ produce: () => this.policyText(settings, pullers()) }),
      encryptionConfiguration:
        encryptionKey === undefined ? undefined : { encryptionType: 'KMS', kmsKey: encryptionKey.keyArn },
      resourceTags: tags === undefined ? undefined : Object.entries(tags).map(([key, value]) => ({ key, value })),
      customRoleArn: needsRole ? this.role(settings).roleArn : undefined,
    });
  }

  /** Whose push creates a repository. */
  grantCreate(grantee: IGrantable): void {
    Grant.addToPrincipal({ grantee, actions: ['ecr:CreateRepository'], resourceArns: [this.arn] });
  }

  /** Without a role, Amazon ECR sets neither keys nor tags. */
  private role({ encryptionKey }: RepositorySettings): Role {
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('ecr.amazonaws.com'),
      description: 'Creates repositories of mirrored images',
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ['ecr:CreateRepository', 'ecr:ReplicateImage', 'ecr:TagResource'],
        resources: [this.arn],
      }),
    );
    if (encryptionKey !== undefined) {
      role.addToPolicy(
        new PolicyStatement({ actions: ['kms:CreateGrant', 'kms:DescribeKey'], resources: [encryptionKey.keyArn] }),
      );
    }
    return role;
  }

  private policyText(settings: RepositorySettings, pullers: readonly IPrincipal[]): string | undefined {
    const { pullOrganizations = [], policyStatements = [] } = settings;
    const principals = [...pullOrganizations.map((id) => new OrganizationPrincipal(id)), ...pullers];
    const statements = [...principals.map(pullStatement), ...policyStatements];
    if (statements.length === 0) return undefined;
    return Stack.of(this).toJsonString(new PolicyDocument({ statements }));
  }
}

function pullStatement(principal: IPrincipal): PolicyStatement {
  return new PolicyStatement({ principals: [principal], actions: PULL_ACTIONS });
}

/** As Amazon ECR writes them. */
function lifecycleText(rules: readonly LifecycleRule[]): string {
  const text = rules.map((rule, index) => ({
    rulePriority: index + 1,
    description: rule.description,
    selection: {
      tagStatus: rule.tagStatus ?? ((rule.tagPrefixList ?? rule.tagPatternList) ? 'tagged' : 'any'),
      tagPrefixList: rule.tagPrefixList,
      tagPatternList: rule.tagPatternList,
      ...(rule.maxImageAge === undefined
        ? { countType: 'imageCountMoreThan', countNumber: rule.maxImageCount }
        : { countType: 'sinceImagePushed', countNumber: rule.maxImageAge.toDays(), countUnit: 'days' }),
    },
    action: { type: 'expire' },
  }));
  return JSON.stringify({ rules: text });
}
