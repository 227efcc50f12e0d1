import type { Duration } from 'aws-cdk-lib';
import { Lazy, RemovalPolicy, Tags, Token } from 'aws-cdk-lib';
import {
  type CfnRepository,
  type LifecycleRule,
  Repository,
  RepositoryEncryption,
  TagMutability,
} from 'aws-cdk-lib/aws-ecr';
import { OrganizationPrincipal, type PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { type KeepLast, lifecycleRules } from './lifecycle';
import { rewrittenText } from './lifecycle-text';
import { show } from './model/invalid';
import { PropsInvalid } from './props-invalid';
import { covers } from './tag-form';

/** How a repository is kept, as far as Amazon ECR can be told so when it creates the repository by itself. */
export interface CreatedRepositorySettings {
  /**
   * How long an image stays that no tag leads to any more: the one that a tag led to before it moved.
   *
   * @default Duration.days(14)
   */
  readonly untaggedAfter?: Duration;

  /**
   * How many tagged images are kept. Each becomes a rule of its own, because one rule with several prefixes takes only images
   * that have tags of all of them; the longest prefix is asked first.
   *
   * @default - all of them
   */
  readonly keepLast?: KeepLast[];

  /**
   * Further lifecycle rules, after those of `keepLast` and before the one for untagged images.
   *
   * @default - none
   */
  readonly lifecycleRules?: LifecycleRule[];

  /**
   * How many images are kept that tags held before they moved, in all of the repository, where mirrors ask for that (`keepPrevious`).
   * Amazon ECR counts them by when they were pushed, the newest first, and an image that a tag leads to as well goes with them.
   *
   * Where some tags move often and others seldom, those are kept for longer by a `keepLast` of their own, such as
   * `{ prefix: 'prev-stable-', count: 5 }`.
   *
   * @default 50
   */
  readonly previousImages?: number;

  /**
   * Whether a tag can be written once only.
   *
   * Official images are pushed again under the same version tags, so a mirror of them in an immutable repository ends in
   * conflicts that somebody has to look at.
   *
   * @default false
   */
  readonly immutable?: boolean;

  /**
   * Tags that may move although the repository is immutable: up to four patterns with at most two `*` each, such as `latest`
   * and `*-nightly`. Signatures and what else is kept under `sha256-…` tags may always be added to.
   *
   * @default - in an EcrMirror, the tags of declared images that move by their form: `latest`, `1.27`
   */
  readonly floatingTags?: string[];

  /**
   * Key that encrypts the images. It cannot be changed later. Blobs are mounted only between repositories with the same key.
   *
   * @default - Amazon ECR's own
   */
  readonly encryptionKey?: IKey;

  /**
   * Organisations, `o-…`, whose accounts may pull.
   *
   * @default - none
   */
  readonly pullOrganizations?: string[];

  /**
   * Further statements of the repository's policy.
   *
   * @default - none
   */
  readonly policyStatements?: PolicyStatement[];

  /**
   * Tags of the repository itself.
   *
   * @default - none
   */
  readonly tags?: { [key: string]: string };
}

/** How a repository of mirrored images is kept. */
export interface RepositorySettings extends CreatedRepositorySettings {
  /**
   * Whether images are scanned when they are pushed, where the registry has no scanning configuration of its own.
   *
   * @default true
   */
  readonly scanOnPush?: boolean;

  /**
   * What happens to the repository, and the images in it, when it is removed from the stack.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** How a repository of mirrored images is kept, and what it is called. */
export interface MirrorRepositoryProps extends RepositorySettings {
  /**
   * Name of the repository.
   *
   * @default - one that CloudFormation makes up
   */
  readonly repositoryName?: string;
}

/** Cosign's signatures, and referrers in registries without an API for them: such a tag is written anew for each addition. */
const ADDED_TO = 'sha256-*';
/** Patterns that Amazon ECR takes for one repository. */
const MOST_FILTERS = 5;
const FILTER = /^[0-9a-zA-Z._*-]{1,128}$/;
const MOST_WILDCARDS = 2;

/**
 * A repository for mirrored images: scanned on push, tags that may move, untagged images that expire after two weeks, and
 * lifecycle rules that are checked to match what they say.
 *
 * @example
 *
 * new MirrorRepository(this, 'Nginx', {
 *   repositoryName: 'base/nginx',
 *   keepLast: [{ prefix: '1.27', count: 10 }, { count: 50 }],
 *   immutable: true,
 *   floatingTags: ['latest'],
 * });
 */
export class MirrorRepository extends Repository {
  private readonly immutable: boolean;
  private readonly floating = new Set<string>();

  constructor(scope: Construct, id: string, props: MirrorRepositoryProps = {}) {
    const { encryptionKey, removalPolicy } = props;
    checkFloatingTags(props);
    super(scope, id, {
      repositoryName: props.repositoryName,
      imageScanOnPush: props.scanOnPush ?? true,
      imageTagMutability: TagMutability.MUTABLE,
      lifecycleRules: lifecycleRules(props),
      ...(encryptionKey === undefined ? {} : { encryption: RepositoryEncryption.KMS, encryptionKey }),
      removalPolicy: removalPolicy ?? RemovalPolicy.RETAIN,
      emptyOnDelete: removalPolicy === RemovalPolicy.DESTROY,
    });
    this.rewriteLifecycle();
    this.immutable = props.immutable ?? false;
    if (this.immutable) this.fixTags();
    for (const tag of props.floatingTags ?? []) this._addFloatingTag(tag);
    for (const organization of props.pullOrganizations ?? []) this.grantPull(new OrganizationPrincipal(organization));
    for (const statement of props.policyStatements ?? []) this.addToResourcePolicy(statement);
    for (const [key, value] of Object.entries(props.tags ?? {})) Tags.of(this).add(key, value);
  }

  /**
   * Lets one more tag move. No more is known of a mutable repository, where every tag may.
   *
   * @internal
   */
  public _addFloatingTag(pattern: string): void {
    if (!this.immutable || this.movable(pattern)) return;
    tagFilters([...this.floating, pattern]);
    this.floating.add(pattern);
  }

  /**
   * Whether a tag may be written again.
   *
   * @internal
   */
  public _mayMove(tag: string): boolean {
    return !this.immutable || this.movable(tag);
  }

  private movable(tag: string): boolean {
    return [ADDED_TO, ...this.floating].some((pattern) => covers(pattern, tag));
  }

  /** CDK writes a policy when the template is made: rules may be added until then. */
  private rewriteLifecycle(): void {
    const resource = this.node.defaultChild as CfnRepository;
    const written = resource.lifecyclePolicy;
    const produce = () => {
      const policy: CfnRepository.LifecyclePolicyProperty | undefined = this.stack.resolve(written);
      if (policy?.lifecyclePolicyText === undefined) return policy;
      return { ...policy, lifecyclePolicyText: rewrittenText(this, policy.lifecyclePolicyText) };
    };
    resource.lifecyclePolicy = Lazy.any({ produce });
  }

  /** Which tags move is known when the template is made: images may be declared until then. */
  private fixTags(): void {
    const resource = this.node.defaultChild as CfnRepository;
    resource.imageTagMutability = MUTABILITY.fixed;
    resource.imageTagMutabilityExclusionFilters = Lazy.any({ produce: () => tagFilters([...this.floating]) });
  }
}

/** Amazon ECR's words for whether tags may move. */
export const MUTABILITY = {
  free: TagMutability.MUTABLE,
  /** But for {@link tagFilters}. */
  fixed: TagMutability.IMMUTABLE_WITH_EXCLUSION,
};

/** The tags that may move in an immutable repository: these, and those that are added to. @throws Error for too many */
export function tagFilters(floating: readonly string[]) {
  for (const pattern of floating) checkFilter(pattern);
  if (floating.length + 1 > MOST_FILTERS) {
    const got = floating.map(show).join(', ');
    throw new PropsInvalid(
      `floatingTags: got ${got}; at most ${MOST_FILTERS - 1} beside ${ADDED_TO} would do, patterns such as 1.* are fewer`,
    );
  }
  return [ADDED_TO, ...floating].map((pattern) => ({
    imageTagMutabilityExclusionFilterType: 'WILDCARD',
    imageTagMutabilityExclusionFilterValue: pattern,
  }));
}

/** @throws Error for tags that may move where all tags may, and where nobody can tell which they are. */
export function checkFloatingTags({ immutable, floatingTags }: CreatedRepositorySettings): void {
  if (Token.isUnresolved(floatingTags)) {
    throw new PropsInvalid(
      'floatingTags: got a list that is known at deployment only; a list of patterns, each of which may be, would do',
    );
  }
  if (floatingTags === undefined || immutable === true) return;
  throw new PropsInvalid(
    'floatingTags: got them without immutable, where every tag may move; immutable: true, or neither, would do',
  );
}

function checkFilter(pattern: string): void {
  if (Token.isUnresolved(pattern)) return;
  const wildcards = pattern.split('*').length - 1;
  if (FILTER.test(pattern) && wildcards <= MOST_WILDCARDS) return;
  throw new PropsInvalid(
    `floatingTags: got ${show(pattern)}; letters, digits, . _ - and at most ${MOST_WILDCARDS} * would do`,
  );
}
