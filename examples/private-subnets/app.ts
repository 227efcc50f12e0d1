/**
 * Workers in private subnets, which reach AWS by endpoints: only what comes from registries outside passes the NAT gateway,
 * layers on their way into Amazon ECR do not. Interface endpoints cost by the hour and zone, with or without
 * traffic; they pay off beyond some hundred gigabytes a month.
 *
 * `npx cdk deploy --app 'npx tsx examples/private-subnets/app.ts'`
 */
import { App, Stack } from 'aws-cdk-lib';
import { Port, SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
// In an app of your own: from 'cdk-ecr-mirror'.
import { EcrMirror, RegistryCredentials, TagSelection } from '../../lib/index';

export const app = new App();
const stack = new Stack(app, 'MirrorInPrivateSubnets');
const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });

// Workers call out by HTTPS, and nothing calls them. Names are the network's own to resolve.
const workers = new SecurityGroup(stack, 'Workers', { vpc, allowAllOutbound: false });
workers.connections.allowToAnyIpv4(Port.HTTPS, 'Registries and AWS');

new EcrMirror(stack, 'Mirror', {
  vpc,
  vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
  securityGroups: [workers],
  vpcEndpoints: true,
  // Docker Hub allows more pulls to those who log in. The secret holds {"username": "…", "accessToken": "…"}.
  credentials: [
    RegistryCredentials.fromSecret('docker.io', Secret.fromSecretNameV2(stack, 'DockerHub', 'mirror/docker-hub')),
  ],
  images: [{ source: 'docker.io/library/postgres', tags: TagSelection.semver('>=16').latest(4) }],
});
