import { CfnJson, Token } from 'aws-cdk-lib';
import { CfnPodIdentityAssociation } from 'aws-cdk-lib/aws-eks';
import {
  type IOpenIdConnectProvider,
  type IPrincipal,
  OpenIdConnectPrincipal,
  PrincipalWithConditions,
  Role,
  ServicePrincipal,
  SessionTagsPrincipal,
} from 'aws-cdk-lib/aws-iam';
import type { Construct, IDependable } from 'constructs';
import { type Cluster, isOnFargate } from './eks-cluster';
import { PropsInvalid } from './props-invalid';

/** A service account of a cluster. */
export interface ServiceAccountName {
  readonly namespace: string;
  readonly name: string;
}

/** Role of a service account, and what has to be there before its pods start. */
export interface ServiceAccountRole {
  readonly role: Role;
  readonly needs: readonly IDependable[];
}

const DESCRIPTION = 'Asks Amazon ECR for tokens, and pulls with them, for a cluster';

/** @throws Error for a cluster on AWS Fargate */
export function podIdentityRole(
  scope: Construct,
  cluster: Cluster,
  account: ServiceAccountName,
  addAgent: boolean,
): ServiceAccountRole {
  if (isOnFargate(cluster)) {
    throw new PropsInvalid(
      'identity: got POD_IDENTITY for a cluster on AWS Fargate, where no agent runs; IRSA would do',
    );
  }
  const role = makeRole(scope, podsOf(cluster, account));
  const association = new CfnPodIdentityAssociation(scope, 'Association', {
    clusterName: cluster.clusterName,
    namespace: account.namespace,
    serviceAccount: account.name,
    roleArn: role.roleArn,
  });
  const agent = addAgent ? cluster.eksPodIdentityAgent : undefined;
  return { role, needs: [role, association, ...(agent === undefined ? [] : [agent])] };
}

/** @throws Error of an imported cluster that does not know its provider */
export function webIdentityRole(scope: Construct, cluster: Cluster, account: ServiceAccountName): ServiceAccountRole {
  const provider = providerOf(cluster);
  const conditions = { StringEquals: webIdentityOf(scope, provider, account) };
  const role = makeRole(scope, new OpenIdConnectPrincipal(provider).withConditions(conditions));
  return { role, needs: [role] };
}

function providerOf(cluster: Cluster): IOpenIdConnectProvider {
  try {
    return cluster.openIdConnectProvider;
  } catch {
    throw new PropsInvalid(
      'identity: got IRSA for an imported cluster without openIdConnectProvider; one with it, or POD_IDENTITY, would do',
    );
  }
}

function makeRole(scope: Construct, assumedBy: IPrincipal): Role {
  return new Role(scope, 'Role', { assumedBy, description: DESCRIPTION });
}

/** By what EKS Pod Identity says of who asks: an association alone would let any account of any cluster have the role. */
function podsOf(cluster: Cluster, { namespace, name }: ServiceAccountName): IPrincipal {
  const tags = { 'eks-cluster-name': cluster.clusterName, 'kubernetes-namespace': namespace };
  const said = Object.entries({ ...tags, 'kubernetes-service-account': name });
  const conditions = Object.fromEntries(said.map(([tag, value]) => [`aws:RequestTag/${tag}`, value]));
  return new SessionTagsPrincipal(
    new PrincipalWithConditions(new ServicePrincipal('pods.eks.amazonaws.com'), { StringEquals: conditions }),
  );
}

function webIdentityOf(
  scope: Construct,
  { openIdConnectProviderIssuer: issuer }: IOpenIdConnectProvider,
  { namespace, name }: ServiceAccountName,
): unknown {
  const value = {
    [`${issuer}:aud`]: 'sts.amazonaws.com',
    [`${issuer}:sub`]: `system:serviceaccount:${namespace}:${name}`,
  };
  // CloudFormation has no keys that are known at deployment only.
  return Token.isUnresolved(issuer) ? new CfnJson(scope, 'WebIdentity', { value }) : value;
}
