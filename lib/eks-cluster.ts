import { FargateCluster, type ICluster as IEksCluster, KubernetesManifest } from 'aws-cdk-lib/aws-eks';
import {
  FargateCluster as FargateV2Cluster,
  type ICluster as IEksV2Cluster,
  KubernetesManifest as KubernetesV2Manifest,
} from 'aws-cdk-lib/aws-eks-v2';
import type { Construct } from 'constructs';

/** A cluster of either module of the CDK. */
export type Cluster = IEksCluster | IEksV2Cluster;

/** Applies manifests, in their order: in the scope's stack, whose roles they may name, rather than in the cluster's. */
export function applyManifests(
  scope: Construct,
  id: string,
  cluster: Cluster,
  manifests: readonly object[],
): Construct {
  const manifest = [...manifests];
  return isOfEks(cluster)
    ? new KubernetesManifest(scope, id, { cluster, manifest })
    : new KubernetesV2Manifest(scope, id, { cluster, manifest });
}

/** Whether all its pods are on AWS Fargate, where no agent runs. */
export function isOnFargate(cluster: Cluster): boolean {
  return cluster instanceof FargateCluster || cluster instanceof FargateV2Cluster;
}

/** Clusters of `aws-eks` say in which role kubectl is run, also when they are imported; those of `aws-eks-v2` have none. */
function isOfEks(cluster: Cluster): cluster is IEksCluster {
  return 'kubectlRole' in cluster;
}
