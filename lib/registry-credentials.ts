import { Token } from 'aws-cdk-lib';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { show } from './model/invalid';
import { DOCKER_HUB, parseRepository } from './model/reference';
import type { CredentialSetting } from './model/settings';

/** What a credential may be used for. */
export enum CredentialDirection {
  /** Reading from the registry. */
  PULL = 'pull',
  /** Writing to the registry. */
  PUSH = 'push',
  /** Reading and writing. */
  BOTH = 'both',
}

/** The credential of a registry, or of the repositories under a path of it. It is kept in a secret and nowhere else. */
export class RegistryCredentials {
  /**
   * A credential in AWS Secrets Manager: `username` and `password`, `username` and `accessToken`, `user:password`, or a
   * Docker `config.json`.
   *
   * @param place A registry, or a registry and the first components of a name: `docker.io`, `ghcr.io/our-organisation`.
   * @param secret The secret.
   * @param direction What it may be used for. By default `CredentialDirection.PULL`: a credential for pulling never pushes.
   */
  public static fromSecret(place: string, secret: ISecret, direction?: CredentialDirection): RegistryCredentials {
    return new RegistryCredentials(canonicalPlace(place), secret, direction ?? CredentialDirection.PULL);
  }

  private constructor(
    /** The registry, or the path in it, as it is compared with references. */
    public readonly place: string,
    /** Where the credential is kept. */
    public readonly secret: ISecret,
    /** What it may be used for. */
    public readonly direction: CredentialDirection,
  ) {}

  /**
   * As the runtime knows it.
   *
   * @internal
   */
  public _setting(): CredentialSetting {
    return { for: this.place, direction: this.direction, secretArn: this.secret.secretArn };
  }
}

/** Docker Hub's several names are one, hosts are lower case; what is no registry is refused. */
function canonicalPlace(place: string): string {
  if (Token.isUnresolved(place)) return place;
  const [host = '', ...path] = place.split('/');
  const { registry } = parseRepository(`${place}/any/name`);
  if (registry === DOCKER_HUB && !host.toLowerCase().endsWith(DOCKER_HUB)) {
    throw new Error(
      `RegistryCredentials: got ${show(place)}; a registry would do, with a path if need be: ghcr.io/our-team`,
    );
  }
  return [registry, ...path].join('/');
}
