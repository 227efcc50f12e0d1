import { Lazy, Stack } from 'aws-cdk-lib';
import { CfnRepositoryCreationTemplate } from 'aws-cdk-lib/aws-ecr';
import {
  type AddToResourcePolicyResult,
  Grant,
  type IGrantable,
  type IPrincipal,
  type IRole,
  OrganizationPrincipal,
  PolicyDocument,
  PolicyStatement,
} from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { makeCreationRole } from './creation-role';
import { lifecycleRules } from './lifecycle';
import { lifecycleText } from './lifecycle-text';
import { type CreatedRepositorySettings, checkFloatingTags, MUTABILITY, tagFilters } from './mirror-repository';
import { PULL_ACTIONS } from './model/ecr-actions';
import { show } from './model/invalid';
import { PropsInvalid } from './props-invalid';
import { type RepositoryCreationTemplateProps, TemplateAppliedFor } from './repository-creation-template-props';
import { checkRepositoryPrefix, repositoriesUnder } from './repository-prefix';

/** Of a template's prefix, in characters. */
const PREFIX_LENGTH = [1, 256] as const;
/** What a cache asks for when it looks whether an image is still what its source is. */
const IMPORT = 'ecr:BatchImportUpstreamImage';

/**
 * Lets Amazon ECR create repositories under a prefix, kept as those of a `MirrorRepository`: tags that may move, untagged
 * images that expire after two weeks. Whether images are scanned is a setting of the registry.
 *
 * Pushing to a repository that is not there fails without a template for it.
 *
 * @example
 *
 * const template = new RepositoryCreationTemplate(this, 'Team', {
 *   prefix: 'team-a',
 *   appliedFor: [TemplateAppliedFor.CREATE_ON_PUSH],
 *   keepLast: [{ count: 50 }],
 * });
 * template.grantCreate(pipelineRole);
 */
export class RepositoryCreationTemplate extends Construct {
  /** What the names of the repositories begin with, or `ROOT`. */
  public readonly prefix: string;
  /** In which Amazon ECR creates the repositories; it needs one for keys and tags alone. */
  public readonly role?: IRole;

  private readonly appliedFor: readonly TemplateAppliedFor[];
  private readonly arn: string;
  private readonly statements: PolicyStatement[] = [];
  private readonly pullers: (() => readonly IPrincipal[])[] = [];

  constructor(scope: Construct, id: string, props: RepositoryCreationTemplateProps) {
    super(scope, id);
    const { prefix, appliedFor, immutable, floatingTags, encryptionKey, tags } = props;
    checkTemplate(this, props);
    this.prefix = prefix;
    this.appliedFor = appliedFor;
    this.arn = repositoriesUnder(this, prefix);
    if (encryptionKey !== undefined || Object.keys(tags ?? {}).length > 0) {
      this.role = makeCreationRole(this, this.arn, encryptionKey);
    }
    new CfnRepositoryCreationTemplate(this, 'Resource', {
      prefix,
      description: props.description ?? 'Repositories of mirrored images',
      appliedFor,
      imageTagMutability: immutable === true ? MUTABILITY.fixed : MUTABILITY.free,
      imageTagMutabilityExclusionFilters: immutable === true ? tagFilters(floatingTags ?? []) : undefined,
      lifecyclePolicy: lifecycleText(this, lifecycleRules(props)),
      repositoryPolicy: Lazy.string({ produce: () => this.policyText(props) }),
      encryptionConfiguration:
        encryptionKey === undefined ? undefined : { encryptionType: 'KMS', kmsKey: encryptionKey.keyArn },
      resourceTags: tags === undefined ? undefined : Object.entries(tags).map(([key, value]) => ({ key, value })),
      customRoleArn: this.role?.roleArn,
    });
  }

  /** Lets somebody have repositories created by pushing to them, or by pulling where they are a cache's. */
  public grantCreate(grantee: IGrantable): Grant {
    return Grant.addToPrincipal({ grantee, actions: ['ecr:CreateRepository'], resourceArns: [this.arn] });
  }

  /**
   * Lets somebody pull from the repositories. Where they are a cache's, this goes for images that are not there yet, too, if the
   * grantee has a policy of its own; others, such as organisations, pull from repositories that are there.
   *
   * Repositories that were created before keep the policy that they have.
   */
  public grantPull(grantee: IGrantable): Grant {
    if (this.appliedFor.includes(TemplateAppliedFor.PULL_THROUGH_CACHE)) this.grantCreate(grantee);
    Grant.addToPrincipal({ grantee, actions: ['ecr:GetAuthorizationToken'], resourceArns: ['*'] });
    return Grant.addToPrincipalOrResource({
      grantee,
      actions: this.pullActions(),
      resourceArns: [this.arn],
      // A repository's policy names no resource.
      resourceSelfArns: [],
      resource: {
        env: Stack.of(this).env,
        addToResourcePolicy: (statement: PolicyStatement) => this.addToPolicy(statement),
      },
    });
  }

  /**
   * Lets more principals pull by the policy of the repositories; asked when the template is made.
   *
   * @internal
   */
  public _letPull(pullers: () => readonly IPrincipal[]): void {
    this.pullers.push(pullers);
  }

  private addToPolicy(statement: PolicyStatement): AddToResourcePolicyResult {
    this.statements.push(statement);
    return { statementAdded: true, policyDependable: this };
  }

  private pullActions(): string[] {
    return this.appliedFor.includes(TemplateAppliedFor.PULL_THROUGH_CACHE) ? [...PULL_ACTIONS, IMPORT] : PULL_ACTIONS;
  }

  private policyText({ pullOrganizations = [], policyStatements = [] }: CreatedRepositorySettings): string | undefined {
    const principals = [
      ...pullOrganizations.map((organization) => new OrganizationPrincipal(organization)),
      ...this.pullers.flatMap((pullers) => pullers()),
    ];
    const pulling = principals.map((one) => new PolicyStatement({ principals: [one], actions: this.pullActions() }));
    const statements = [...pulling, ...this.statements, ...policyStatements];
    if (statements.length === 0) return undefined;
    return Stack.of(this).toJsonString(new PolicyDocument({ statements }));
  }
}

/** @throws Error naming the prop, what was got and what would do. What is known at deployment only passes. */
function checkTemplate(template: RepositoryCreationTemplate, props: RepositoryCreationTemplateProps): void {
  const { prefix, appliedFor, immutable } = props;
  checkRepositoryPrefix('prefix', prefix, PREFIX_LENGTH);
  checkFloatingTags(props);
  if (appliedFor.length === 0) {
    throw new PropsInvalid(
      `appliedFor: got none; one or more of ${Object.values(TemplateAppliedFor).join(', ')} would do`,
    );
  }
  if (immutable === true && appliedFor.includes(TemplateAppliedFor.PULL_THROUGH_CACHE)) {
    throw new PropsInvalid(
      'immutable: got true for repositories of a pull-through cache, which then can never bring an image up to date; tags that may move would do',
    );
  }
  const own = repositoriesUnder(template, prefix);
  const twin = Stack.of(template)
    .node.findAll()
    .filter((one) => one instanceof RepositoryCreationTemplate)
    .find((one) => one !== template && repositoriesUnder(one, one.prefix) === own);
  if (twin === undefined) return;
  throw new PropsInvalid(
    `prefix: got ${show(prefix)}, for which ${twin.node.path} is a template already; one template for both, or another prefix, would do`,
  );
}
