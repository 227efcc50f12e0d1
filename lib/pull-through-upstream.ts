import { Token } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { parseEcrHost } from './model/ecr-host';
import { show } from './model/invalid';
import { PropsInvalid } from './props-invalid';
import { SECRET_PREFIX } from './pull-through-secret';

/**
 * A registry that Amazon ECR can cache. There are no others: images of Google's registries, of self-managed GitLab, Harbor and
 * the like are for an `EcrMirror`.
 *
 * The secret of a registry holds JSON with `username` and `accessToken`; its name begins with `ecr-pullthroughcache/`, it lies in
 * the account and region of the cache, and is encrypted with Secrets Manager's own key.
 */
export class PullThroughUpstream {
  /**
   * Docker Hub. Names have two components at least: `library/nginx`.
   *
   * @param secret User name and access token.
   */
  public static dockerHub(secret: ISecret): PullThroughUpstream {
    return PullThroughUpstream.withSecret('dockerHub', 'docker-hub', 'registry-1.docker.io', secret);
  }

  /** Amazon ECR Public. */
  public static ecrPublic(): PullThroughUpstream {
    return new PullThroughUpstream('ecr-public', 'public.ecr.aws');
  }

  /** The registry of the Kubernetes project, `registry.k8s.io`. */
  public static kubernetes(): PullThroughUpstream {
    return new PullThroughUpstream('k8s', 'registry.k8s.io');
  }

  /**
   * Red Hat Quay, at quay.io.
   *
   * @param secret User name and token, if its images are not public.
   */
  public static quay(secret?: ISecret): PullThroughUpstream {
    return new PullThroughUpstream('quay', 'quay.io', secret);
  }

  /**
   * GitHub Container Registry, `ghcr.io`.
   *
   * @param secret User name and personal access token.
   */
  public static github(secret: ISecret): PullThroughUpstream {
    return PullThroughUpstream.withSecret('github', 'github-container-registry', 'ghcr.io', secret);
  }

  /**
   * GitLab's own registry, `registry.gitlab.com`; not one of a self-managed GitLab.
   *
   * @param secret User name and token.
   */
  public static gitlab(secret: ISecret): PullThroughUpstream {
    return PullThroughUpstream.withSecret('gitlab', 'gitlab-container-registry', 'registry.gitlab.com', secret);
  }

  /**
   * A registry of Microsoft Azure.
   *
   * @param host `<name>.azurecr.io`
   * @param secret User name and token.
   */
  public static azure(host: string, secret: ISecret): PullThroughUpstream {
    if (!Token.isUnresolved(host) && !/^[a-z0-9][a-z0-9-]*\.azurecr\.io$/.test(host)) {
      throw new PropsInvalid(`PullThroughUpstream.azure: got ${show(host)}; <name>.azurecr.io would do`);
    }
    return PullThroughUpstream.withSecret('azure', 'azure-container-registry', host, secret);
  }

  /**
   * Chainguard's registry, `cgr.dev`.
   *
   * @param secret User name and token.
   */
  public static chainguard(secret: ISecret): PullThroughUpstream {
    return PullThroughUpstream.withSecret('chainguard', 'chainguard', 'cgr.dev', secret);
  }

  /**
   * Amazon ECR of another account or region. Another account has to allow it in its registry's, or its repositories', policy.
   *
   * @param host `<account>.dkr.ecr.<region>.amazonaws.com`
   * @param role Role of the cache's own account in which it pulls from another account, trusting
   * `pullthroughcache.ecr.amazonaws.com`. By default the cache makes one.
   */
  public static ecr(host: string, role?: IRole): PullThroughUpstream {
    const known = Token.isUnresolved(host) ? undefined : (parseEcrHost(host) ?? 'none');
    if (known === 'none' || known?.fips === true || known?.dualStack === true) {
      throw new PropsInvalid(
        `PullThroughUpstream.ecr: got ${show(host)}; <account>.dkr.ecr.<region>.amazonaws.com would do`,
      );
    }
    return new PullThroughUpstream('ecr', host, undefined, role);
  }

  /** Callers without types may leave a secret out. */
  private static withSecret(name: string, registry: string, host: string, secret?: ISecret): PullThroughUpstream {
    if (secret !== undefined) return new PullThroughUpstream(registry, host, secret);
    throw new PropsInvalid(
      `PullThroughUpstream.${name}: got no secret, without which Amazon ECR does not cache ${show(host)}; one whose name begins with ${SECRET_PREFIX} would do`,
    );
  }

  private constructor(
    /** What Amazon ECR calls it. */
    public readonly upstreamRegistry: string,
    /** Its host. */
    public readonly upstreamRegistryUrl: string,
    /** What it is asked with, if it is not open to everybody. */
    public readonly secret?: ISecret,
    /** In which another account's Amazon ECR is asked, if it was given. */
    public readonly role?: IRole,
  ) {}
}
