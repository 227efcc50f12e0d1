import type { Duration } from 'aws-cdk-lib';
import type { ICluster as IEksCluster } from 'aws-cdk-lib/aws-eks';
import type { ICluster as IEksV2Cluster } from 'aws-cdk-lib/aws-eks-v2';
import type { EcrMirror } from './ecr-mirror';

/** How a job in a cluster gets a role of AWS. */
export enum TokenRotationIdentity {
  /** By EKS Pod Identity: an association with its service account, and an agent on the nodes. Not on AWS Fargate. */
  POD_IDENTITY = 'pod-identity',

  /** By a web identity of its service account (IRSA): needs the cluster's OpenID Connect provider in IAM, and no agent. */
  IRSA = 'irsa',
}

/** Which tokens are renewed, where, and how. */
export interface TokenRotationProps {
  /**
   * The cluster, of `aws-eks` or of `aws-eks-v2`, in which `kubectl` can be run: one of this app, or an imported one with what
   * its `kubectl` provider needs.
   */
  readonly cluster: IEksCluster | IEksV2Cluster;

  /** Namespaces of the cluster whose pods pull. They have to be there: each gets a pull secret. */
  readonly namespaces: string[];

  /**
   * Of the pull secret in each namespace, as pods and service accounts name it in `imagePullSecrets`. In one that is there,
   * entries of other registries stay as they are.
   *
   * @default ecr
   */
  readonly secretName?: string;

  /**
   * Whether a pull secret is made where it is missing. Kubernetes binds that right to no name: the job may then create any
   * secret in these namespaces.
   *
   * @default true
   */
  readonly createSecrets?: boolean;

  /**
   * A mirror whose images are pulled: all of them, those that come later included.
   *
   * @default - none, but what `repositories` says
   */
  readonly mirror?: EcrMirror;

  /**
   * What may be pulled with the tokens: repositories of Amazon ECR with their registries, in any accounts and regions of the
   * partition: `123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/**`. Those of other accounts have to let the role in, too.
   *
   * @default - those of `mirror`; without it all repositories of this account and region
   */
  readonly repositories?: string[];

  /**
   * How the job gets its role.
   *
   * @default TokenRotationIdentity.POD_IDENTITY
   */
  readonly identity?: TokenRotationIdentity;

  /**
   * Whether the add-on `eks-pod-identity-agent` is added to a cluster of this app, once however many ask for it. An imported
   * cluster has to have it; EKS Auto Mode has it without the add-on.
   *
   * @default - true with `POD_IDENTITY`
   */
  readonly podIdentityAgent?: boolean;

  /**
   * Time from one renewal to the next: 1, 2, 3, 4 or 6 hours, so that a run that fails leaves tokens that are good until the
   * next one.
   *
   * @default Duration.hours(6)
   */
  readonly every?: Duration;

  /**
   * Of the job, its service account and its roles, at most 52 characters. A second rotation in a cluster has a name and a
   * namespace of its own.
   *
   * @default ecr-token-rotation
   */
  readonly name?: string;

  /**
   * Where the job runs: a namespace that is there.
   *
   * @default - a namespace of its own, `ecr-mirror`, which is made
   */
  readonly namespace?: string;

  /**
   * An image with Node 20 or later, with its digest. `ecr-mirror pull-config token-rotation --pin` says the digests of today.
   *
   * @default public.ecr.aws/docker/library/node:22-alpine
   */
  readonly image?: string;

  /**
   * An image with a shell and the AWS CLI, version 2, with its digest.
   *
   * @default public.ecr.aws/aws-cli/aws-cli:latest
   */
  readonly awsImage?: string;
}
