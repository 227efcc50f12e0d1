import { Annotations } from 'aws-cdk-lib';
import type { LifecycleRule } from 'aws-cdk-lib/aws-ecr';
import {
  Grant,
  type IGrantable,
  type IPrincipal,
  OrganizationPrincipal,
  PolicyDocument,
  PolicyStatement,
} from 'aws-cdk-lib/aws-iam';
import { grantKey } from './key-access';
import { lifecycleRules } from './lifecycle';
import { lifecycleDocument } from './lifecycle-text';
import type { MirrorPlaces } from './mirror-places';
import { checkFloatingTags, MUTABILITY, type RepositorySettings, tagFilters } from './mirror-repository';
import { PULL_ACTIONS } from './model/ecr-actions';
import type { RepositorySetting } from './model/repository-setting';

/** Lets the worker create repositories that are missing, kept as declared ones are. */
export class WorkerCreation {
  private readonly lifecycle: readonly LifecycleRule[];
  private readonly pullers: IPrincipal[] = [];
  private setsPolicies = false;

  /** @throws Error naming the setting, what was got and what would do. */
  constructor(
    private readonly places: MirrorPlaces,
    private readonly settings: RepositorySettings,
  ) {
    checkFloatingTags(settings);
    this.lifecycle = lifecycleRules(settings);
  }

  /** What the worker needs for it, under the prefixes and nowhere else. */
  grant(worker: IGrantable): void {
    const { encryptionKey, tags } = this.settings;
    const tagging = Object.keys(tags ?? {}).length > 0 ? ['ecr:TagResource'] : [];
    this.allow(worker, ['ecr:CreateRepository', 'ecr:PutLifecyclePolicy', ...tagging]);
    // Amazon ECR User Guide, "Encryption at rest": it asks for these in the name of whoever creates a repository.
    grantKey(encryptionKey, worker, { service: 'ecr', actions: ['CreateGrant', 'DescribeKey'] });
    if (this.statements().length > 0) this.grantPolicies(worker);
    this.warnOfKey();
  }

  /** Lets one more principal pull from them, by their policy. */
  letPull(puller: IPrincipal, worker: IGrantable): void {
    this.pullers.push(puller);
    this.grantPolicies(worker);
  }

  /** What the worker is told. */
  setting(): RepositorySetting {
    const { scanOnPush, immutable, floatingTags, encryptionKey, tags } = this.settings;
    const statements = this.statements();
    return {
      scanOnPush: scanOnPush ?? true,
      tagMutability: immutable === true ? MUTABILITY.fixed : MUTABILITY.free,
      ...(immutable === true ? { exclusions: patterns(floatingTags ?? []) } : {}),
      ...(encryptionKey === undefined ? {} : { kmsKey: encryptionKey.keyArn }),
      ...(tags === undefined ? {} : { tags }),
      lifecyclePolicy: lifecycleDocument(this.lifecycle),
      ...(statements.length === 0 ? {} : { policy: new PolicyDocument({ statements }) }),
    };
  }

  /** Amazon ECR takes a key of the repository's own region alone. */
  private warnOfKey(): void {
    const { encryptionKey } = this.settings;
    if (encryptionKey === undefined) return;
    const regions = this.places.otherRegions();
    if (regions.length === 0) return;
    const where = regions.map((region) => (region === '*' ? 'any region' : region)).join(', ');
    Annotations.of(encryptionKey).addWarningV2(
      'cdk-ecr-mirror:keyOfAnotherRegion',
      `repositoryDefaults.encryptionKey: got it with BY_WORKER and destinations in ${where}, where Amazon ECR takes no key of this region; repositories that are there beforehand, or no key, would do`,
    );
  }

  private statements(): PolicyStatement[] {
    const { pullOrganizations = [], policyStatements = [] } = this.settings;
    const principals = [...pullOrganizations.map((id) => new OrganizationPrincipal(id)), ...this.pullers];
    const pulling = principals.map((one) => new PolicyStatement({ principals: [one], actions: PULL_ACTIONS }));
    return [...pulling, ...policyStatements];
  }

  private grantPolicies(worker: IGrantable): void {
    if (!this.setsPolicies) this.allow(worker, ['ecr:SetRepositoryPolicy']);
    this.setsPolicies = true;
  }

  private allow(grantee: IGrantable, actions: string[]): void {
    const resourceArns = this.places.creatable();
    if (resourceArns.length > 0) Grant.addToPrincipal({ grantee, actions, resourceArns });
  }
}

function patterns(floatingTags: readonly string[]): readonly string[] {
  return tagFilters(floatingTags).map((filter) => filter.imageTagMutabilityExclusionFilterValue);
}
