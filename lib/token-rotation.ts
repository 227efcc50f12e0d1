import { Stack } from 'aws-cdk-lib';
import { Grant, type IGrantable, type IPrincipal, type IRole } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { applyManifests } from './eks-cluster';
import { PULL_ACTIONS, TOKEN_ACTION } from './model/ecr-actions';
import { rotationManifests } from './model/token-rotation/manifests';
import type { Identity } from './model/token-rotation/settings';
import { ecrRepositoryArns, ownRegistry } from './own-registry';
import { PropsInvalid } from './props-invalid';
import { podIdentityRole, type ServiceAccountName, webIdentityRole } from './service-account-role';
import { rotationPrograms, warnOfImages } from './token-rotation-images';
import { TokenRotationIdentity, type TokenRotationProps } from './token-rotation-props';
import { registriesOf, registryOfStack } from './token-rotation-registries';
import { settingsOf } from './token-rotation-settings';

/**
 * Keeps tokens of Amazon ECR in pull secrets of an EKS cluster: for nodes that get none by themselves, such as hybrid nodes, and
 * for images that the role of the nodes may not pull. A job asks for them at once, and every six hours from then on; they are good
 * for twelve.
 *
 * A token carries the permissions of whoever asked for it: the job has a role of its own, without keys, which may pull what is
 * named here and nothing else. It is granted more as anybody is.
 *
 * @example
 *
 * const rotation = new TokenRotation(this, 'PullTokens', {
 *   cluster,
 *   mirror,
 *   namespaces: ['apps', 'tools'],
 * });
 * otherRepository.grantPull(rotation);
 */
export class TokenRotation extends Construct implements IGrantable {
  /** In which tokens are asked for, and with which is pulled. */
  public readonly role: IRole;
  /** The role, for those who grant to it. */
  public readonly grantPrincipal: IPrincipal;
  /** Of the pull secret in each namespace: what pods name in `imagePullSecrets`. */
  public readonly secretName: string;

  constructor(scope: Construct, id: string, props: TokenRotationProps) {
    super(scope, id);
    const { cluster, mirror, identity = TokenRotationIdentity.POD_IDENTITY } = props;
    const { secretName, ...settings } = settingsOf(props);
    const patterns = props.repositories ?? (mirror === undefined ? [`${ownRegistry(this)}/**`] : []);
    const named = registriesOf(this, patterns);
    const registries = mirror === undefined ? named : [registryOfStack(mirror), ...named];
    const distinct = [...new Map(registries.map((one) => [one.host, one])).values()];
    if (distinct.length === 0) throw new PropsInvalid('repositories: got none; one or more, or a mirror, would do');
    warnOfImages(this, settings, distinct);

    const { role, needs } = this.makeRole(props, settings);
    this.role = role;
    this.grantPrincipal = role;
    this.secretName = secretName;
    this.letPull(patterns);
    mirror?.grantPull(this);
    const who: Identity =
      identity === TokenRotationIdentity.IRSA ? { kind: 'role', arn: role.roleArn } : { kind: 'ambient' };
    const manifests = rotationManifests({ ...settings, identity: who }, distinct, {
      programs: rotationPrograms(),
      // Texts of values that are known at deployment only are other ones at each synthesis.
      textOf: (value) => JSON.stringify(Stack.of(this).resolve(value)),
    });
    applyManifests(this, 'Manifest', cluster, manifests).node.addDependency(...needs);
  }

  private makeRole({ cluster, identity, podIdentityAgent }: TokenRotationProps, account: ServiceAccountName) {
    return identity === TokenRotationIdentity.IRSA
      ? webIdentityRole(this, cluster, account)
      : podIdentityRole(this, cluster, account, podIdentityAgent ?? true);
  }

  private letPull(patterns: readonly string[]): void {
    const resourceArns = patterns.flatMap((pattern) => ecrRepositoryArns(this, pattern));
    if (resourceArns.length > 0) Grant.addToPrincipal({ grantee: this, actions: PULL_ACTIONS, resourceArns });
    Grant.addToPrincipal({ grantee: this, actions: [TOKEN_ACTION], resourceArns: ['*'] });
  }
}
