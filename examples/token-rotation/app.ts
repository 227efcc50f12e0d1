/**
 * A cluster whose nodes are not in AWS (EKS Hybrid Nodes) pulls what is mirrored: a job keeps tokens of Amazon ECR in its pull
 * secrets. The cluster was made by somebody else, and has the add-on `eks-pod-identity-agent`.
 *
 * `npx cdk deploy --app 'npx tsx examples/token-rotation/app.ts' --parameters NodeImage=… --parameters AwsImage=…`
 */
import { App, CfnOutput, CfnParameter, Fn, Stack } from 'aws-cdk-lib';
import { Cluster, KubectlProvider } from 'aws-cdk-lib/aws-eks-v2';
// In an app of your own: from 'cdk-ecr-mirror'.
import { EcrMirror, TagSelection, TokenRotation } from '../../lib/index';

export const app = new App();
const stack = new Stack(app, 'TokenRotation');

const mirror = new EcrMirror(stack, 'Mirror', {
  images: [{ source: 'docker.io/library/nginx', tags: TagSelection.semver('>=1.25').latest(5) }],
});

// What the cluster's own stack exports: its name, and the function that runs kubectl.
const cluster = Cluster.fromClusterAttributes(stack, 'Cluster', {
  clusterName: Fn.importValue('HybridClusterName'),
  kubectlProvider: KubectlProvider.fromKubectlProviderAttributes(stack, 'Kubectl', {
    serviceToken: Fn.importValue('HybridClusterKubectl'),
  }),
});

// By their digests, which `ecr-mirror pull-config token-rotation --pin` says: with a tag, whoever moves it gets the tokens.
const imageOf = (id: string, description: string) =>
  new CfnParameter(stack, id, { description, allowedPattern: '.+@sha256:[0-9a-f]{64}' }).valueAsString;

const rotation = new TokenRotation(stack, 'PullTokens', {
  cluster,
  mirror,
  // Of the platform team, in another account: its repositories let this role in.
  repositories: [`210987654321.dkr.ecr.${stack.region}.${stack.urlSuffix}/platform/**`],
  namespaces: ['apps', 'tools'],
  image: imageOf('NodeImage', 'An image with Node 20 or later'),
  awsImage: imageOf('AwsImage', 'An image with a shell and the AWS CLI, version 2'),
});

new CfnOutput(stack, 'PullSecret', { value: rotation.secretName, description: 'imagePullSecrets in apps and tools' });
new CfnOutput(stack, 'PullRole', {
  value: rotation.role.roleArn,
  description: 'For the policies of the platform team',
});
