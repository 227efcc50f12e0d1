import { Stack, Token } from 'aws-cdk-lib';
import { CfnPullThroughCacheRule } from 'aws-cdk-lib/aws-ecr';
import type { Grant, IGrantable, IRole } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { CreatedRepositorySettings } from './mirror-repository';
import { show } from './model/invalid';
import { ecrRepositoryArns, ownRegistry } from './own-registry';
import { PropsInvalid } from './props-invalid';
import { makePullThroughRole } from './pull-through-role';
import { checkSecret } from './pull-through-secret';
import type { PullThroughUpstream } from './pull-through-upstream';
import { RepositoryCreationTemplate } from './repository-creation-template';
import { TemplateAppliedFor } from './repository-creation-template-props';
import { checkRepositoryPrefix, pathOf, ROOT, repositoriesUnder } from './repository-prefix';

/** What Amazon ECR caches, where, and how. */
export interface PullThroughCacheProps {
  /** From where an image comes when it is pulled for the first time, and then is brought up to date. */
  readonly upstream: PullThroughUpstream;

  /**
   * What the names of cached repositories begin with, 2 to 30 characters; or `ROOT`, for all repositories under which no other
   * cache is. A registry has one cache for each prefix.
   */
  readonly prefix: string;

  /**
   * What the names upstream begin with, 2 to 30 characters: with `prefix` `team` and `upstreamPrefix` `platform`, `team/app` is
   * `platform/app` upstream.
   *
   * @default - nothing: whatever follows `prefix` is the name upstream
   */
  readonly upstreamPrefix?: string;

  /**
   * How the repositories are kept that come into being by a first pull. They cannot be immutable.
   *
   * @default - tags may move, untagged images expire after 14 days
   */
  readonly repositorySettings?: CreatedRepositorySettings;
}

/** Of the prefixes of a rule, in characters. */
const PREFIX_LENGTH = [2, 30] as const;
/** User guide, "Considerations for using pull through cache rules". */
const REGIONS_WITHOUT = ['cn-north-1', 'cn-northwest-1', 'us-gov-east-1', 'us-gov-west-1'];

/**
 * Lets Amazon ECR fetch images from an upstream registry when somebody pulls them, and keep them: a pull-through cache rule, and
 * how the repositories are kept that it creates.
 *
 * Nothing is there until somebody pulls it, and a tag is compared with its upstream once in 24 hours at most, when it is pulled.
 * What has to be there before an outage, sooner than after a day, from any other registry, or for AWS Lambda, is for an
 * `EcrMirror`.
 *
 * @example
 *
 * const cache = new PullThroughCache(this, 'Kubernetes', {
 *   upstream: PullThroughUpstream.kubernetes(),
 *   prefix: 'k8s',
 * });
 * cache.grantPull(nodeRole);
 * const image = `${cache.uri}/pause:3.10`;
 */
export class PullThroughCache extends Construct {
  /** What the names of cached repositories begin with, or `ROOT`. */
  public readonly prefix: string;
  /** What takes the place of the upstream's host, and of `upstreamPrefix`, in what is pulled. */
  public readonly uri: string;
  /** By which the repositories are created. */
  public readonly template: RepositoryCreationTemplate;
  /** In which the Amazon ECR of another account is asked, if it is. */
  public readonly role?: IRole;

  constructor(scope: Construct, id: string, props: PullThroughCacheProps) {
    super(scope, id);
    const { upstream, prefix, upstreamPrefix } = props;
    checkCache(this, props);
    this.prefix = prefix;
    this.uri = `${ownRegistry(this)}/${pathOf(prefix)}`.slice(0, -1);
    this.template = new RepositoryCreationTemplate(this, 'Template', {
      description: 'Repositories of a pull-through cache',
      ...props.repositorySettings,
      prefix,
      appliedFor: [TemplateAppliedFor.PULL_THROUGH_CACHE],
    });
    this.role = upstream.role ?? this.makeRole(props);
    const rule = new CfnPullThroughCacheRule(this, 'Resource', {
      ecrRepositoryPrefix: prefix,
      upstreamRegistry: upstream.upstreamRegistry,
      upstreamRegistryUrl: upstream.upstreamRegistryUrl,
      upstreamRepositoryPrefix: upstreamPrefix,
      credentialArn: upstream.secret?.secretArn,
      customRoleArn: this.role?.roleArn,
    });
    // The first pull creates a repository, which is kept as the template then says.
    rule.node.addDependency(this.template);
  }

  /**
   * Lets somebody pull by way of the cache: also what is not there yet, if the grantee has a policy of its own. Others, such as
   * organisations, pull from the repositories that are there.
   */
  public grantPull(grantee: IGrantable): Grant {
    return this.template.grantPull(grantee);
  }

  /** For the Amazon ECR of any account that is not known to be the own one. */
  private makeRole({ upstream, prefix, upstreamPrefix }: PullThroughCacheProps): IRole | undefined {
    const { upstreamRegistry, upstreamRegistryUrl } = upstream;
    if (upstreamRegistry !== 'ecr') return undefined;
    const not = [Stack.of(this).account];
    const repositories = ecrRepositoryArns(this, `${upstreamRegistryUrl}/${pathOf(upstreamPrefix ?? ROOT)}**`, { not });
    if (repositories.length === 0) return undefined;
    return makePullThroughRole(this, { upstream: repositories, cache: repositoriesUnder(this, prefix) });
  }
}

/** @throws Error naming the prop, what was got and what would do. What is known at deployment only passes. */
function checkCache(cache: PullThroughCache, { upstream, prefix, upstreamPrefix }: PullThroughCacheProps): void {
  const { region } = Stack.of(cache);
  if (!Token.isUnresolved(region) && REGIONS_WITHOUT.includes(region)) {
    throw new PropsInvalid(
      `PullThroughCache: got the region ${region}, in which Amazon ECR has none; another region, or an EcrMirror, would do`,
    );
  }
  checkRepositoryPrefix('prefix', prefix, PREFIX_LENGTH);
  if (upstreamPrefix !== undefined) checkRepositoryPrefix('upstreamPrefix', upstreamPrefix, PREFIX_LENGTH);
  if (prefix === ROOT && upstreamPrefix !== undefined && upstreamPrefix !== ROOT) {
    throw new PropsInvalid(
      `upstreamPrefix: got ${show(upstreamPrefix)} with the prefix ${ROOT}, which takes none; ${ROOT} would do`,
    );
  }
  if (upstream.secret !== undefined) checkSecret(cache, upstream.secret);
}
