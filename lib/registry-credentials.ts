import { Token } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IStringParameter } from 'aws-cdk-lib/aws-ssm';
import { grantKey } from './key-access';
import { show } from './model/invalid';
import { DOCKER_HUB, parseRepository } from './model/reference';
import type { CredentialSetting } from './model/settings';
import { PropsInvalid } from './props-invalid';

/** What a credential may be used for. */
export enum CredentialDirection {
  /** Reading from the registry. */
  PULL = 'pull',
  /** Writing to the registry. */
  PUSH = 'push',
  /** Reading and writing. */
  BOTH = 'both',
}

/**
 * The credential of a registry, or of the repositories under a path of it. It is kept in a secret or a parameter and nowhere
 * else. Its text is one of:
 *
 * - JSON with `username` and `password`, as Secrets Manager's own forms make it
 * - JSON with `username` and `accessToken`, as Amazon ECR's pull-through cache wants it
 * - `user:password`
 * - a Docker `config.json` with an entry for the registry (`auth`, or `username` and `password`, or `identitytoken`), as
 *   `docker login` and Kubernetes' `kubernetes.io/dockerconfigjson` secrets have it
 */
export class RegistryCredentials {
  /**
   * A credential in AWS Secrets Manager.
   *
   * @param place A registry, or a registry and the first components of a name: `docker.io`, `ghcr.io/our-organisation`.
   * @param secret The secret.
   * @param direction What it may be used for. By default `CredentialDirection.PULL`: a credential for pulling never pushes.
   */
  public static fromSecret(place: string, secret: ISecret, direction?: CredentialDirection): RegistryCredentials {
    return new RegistryCredentials(canonicalPlace(place), direction ?? CredentialDirection.PULL, secret);
  }

  /**
   * A credential in AWS Systems Manager's Parameter Store: a SecureString, such as
   * `StringParameter.fromSecureStringParameterAttributes` finds.
   *
   * @param place A registry, or a registry and the first components of a name: `docker.io`, `ghcr.io/our-organisation`.
   * @param parameter The parameter.
   * @param direction What it may be used for. By default `CredentialDirection.PULL`: a credential for pulling never pushes.
   */
  public static fromParameter(
    place: string,
    parameter: IStringParameter,
    direction?: CredentialDirection,
  ): RegistryCredentials {
    return new RegistryCredentials(canonicalPlace(place), direction ?? CredentialDirection.PULL, undefined, parameter);
  }

  private constructor(
    /** The registry, or the path in it, as it is compared with references. */
    public readonly place: string,
    /** What it may be used for. */
    public readonly direction: CredentialDirection,
    /** The secret in which it is kept, if it is one. */
    public readonly secret?: ISecret,
    /** The parameter in which it is kept, if it is one. */
    public readonly parameter?: IStringParameter,
  ) {}

  /**
   * As the runtime knows it.
   *
   * @internal
   */
  public _setting(): CredentialSetting {
    const scope = { for: this.place, direction: this.direction };
    if (this.parameter !== undefined) return { ...scope, parameterArn: this.parameter.parameterArn };
    return { ...scope, secretArn: this.secret?.secretArn ?? '' };
  }

  /**
   * Lets the grantee read it, and do nothing else with it.
   *
   * @internal
   */
  public _grantRead(grantee: IGrantable): void {
    const { secret, parameter } = this;
    if (parameter !== undefined) {
      Grant.addToPrincipal({ grantee, actions: ['ssm:GetParameter'], resourceArns: [parameter.parameterArn] });
      // What fromSecureStringParameterAttributes returns has a key, which the interface does not say.
      grantKey((parameter as { readonly encryptionKey?: IKey }).encryptionKey, grantee, decrypting('ssm'));
    }
    if (secret !== undefined) {
      const arn = secret.secretFullArn ?? `${secret.secretArn}-??????`;
      Grant.addToPrincipal({ grantee, actions: ['secretsmanager:GetSecretValue'], resourceArns: [arn] });
      grantKey(secret.encryptionKey, grantee, decrypting('secretsmanager'));
    }
  }
}

const decrypting = (service: string) => ({ service, actions: ['Decrypt'] });

/** Docker Hub's several names are one, hosts are lower case; what is no registry is refused. */
function canonicalPlace(place: string): string {
  if (Token.isUnresolved(place)) return place;
  const [host = '', ...path] = place.split('/');
  const { registry } = parseRepository(`${place}/any/name`);
  if (registry === DOCKER_HUB && !host.toLowerCase().endsWith(DOCKER_HUB)) {
    throw new PropsInvalid(
      `RegistryCredentials: got ${show(place)}; a registry would do, with a path if need be: ghcr.io/our-team`,
    );
  }
  return [registry, ...path].join('/');
}
