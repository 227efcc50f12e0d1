/**
 * A pull-through cache beside the mirror: whatever a cluster asks of Docker Hub comes through the cache, while what must be there
 * before an outage, or comes from a registry that Amazon ECR cannot cache, is mirrored beforehand.
 *
 * `npx cdk deploy --app 'npx tsx examples/pull-through-cache/app.ts'`
 */
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
// In an app of your own: from 'cdk-ecr-mirror'.
import { EcrMirror, PullThroughCache, PullThroughUpstream, RegistryCredentials, TagSelection } from '../../lib/index';

export const app = new App();
const stack = new Stack(app, 'PullThroughCache');

// One secret for both: {"username": "…", "accessToken": "…"}. The cache reads only what is called so.
const dockerHub = Secret.fromSecretNameV2(stack, 'DockerHub', 'ecr-pullthroughcache/docker-hub');

// Everything that nobody has thought of: it is fetched when it is first pulled, and kept for a while.
const cache = new PullThroughCache(stack, 'Cache', {
  upstream: PullThroughUpstream.dockerHub(dockerHub),
  prefix: 'docker-hub',
  repositorySettings: { untaggedAfter: Duration.days(7), keepLast: [{ count: 20 }] },
});
const kubernetes = new PullThroughCache(stack, 'Kubernetes', {
  upstream: PullThroughUpstream.kubernetes(),
  prefix: 'k8s',
});

// What production stands on: there before it is asked for, compared with its source each hour, and not by who happens to pull.
const mirror = new EcrMirror(stack, 'Mirror', {
  credentials: [RegistryCredentials.fromSecret('docker.io', dockerHub)],
  images: [
    { source: 'docker.io/library/postgres', tags: TagSelection.semver('>=16').latest(4) },
    // A registry that Amazon ECR does not cache.
    { source: 'gcr.io/distroless/static-debian12:nonroot' },
  ],
});

// The nodes of the cluster pull from all of them, also what nobody has pulled before.
const nodes = new Role(stack, 'Nodes', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
cache.grantPull(nodes);
kubernetes.grantPull(nodes);
mirror.grantPull(nodes);

new CfnOutput(stack, 'Nginx', { value: `${cache.uri}/library/nginx:1.27`, description: 'Instead of nginx:1.27' });
