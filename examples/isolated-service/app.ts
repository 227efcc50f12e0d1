/**
 * A service in subnets without a way out: no NAT gateway, no internet gateway, only endpoints. It pulls from the mirror, which
 * has a network of its own and alone reaches other registries. What the service cannot have is an image that is not mirrored.
 *
 * `npx cdk deploy --app 'npx tsx examples/isolated-service/app.ts'`
 */
import { App, Duration, Stack } from 'aws-cdk-lib';
import { GatewayVpcEndpointAwsService, InterfaceVpcEndpointAwsService, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, FargateService, FargateTaskDefinition, LogDrivers } from 'aws-cdk-lib/aws-ecs';
// In an app of your own: from 'cdk-ecr-mirror'.
import { EcrMirror } from '../../lib/index';

export const app = new App();
const stack = new Stack(app, 'ServiceWithoutAWayOut');
const vpc = new Vpc(stack, 'Vpc', {
  maxAzs: 2,
  natGateways: 0,
  subnetConfiguration: [{ name: 'Isolated', subnetType: SubnetType.PRIVATE_ISOLATED }],
});

// What pulling from Amazon ECR takes: its API, its registry, and the buckets of its layers. The last is free.
vpc.addInterfaceEndpoint('EcrApi', { service: InterfaceVpcEndpointAwsService.ECR });
vpc.addInterfaceEndpoint('EcrDocker', { service: InterfaceVpcEndpointAwsService.ECR_DOCKER });
vpc.addInterfaceEndpoint('Logs', { service: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS });
vpc.addGatewayEndpoint('Layers', { service: GatewayVpcEndpointAwsService.S3 });

// Without `vpc`: the workers have public subnets of their own, in which nothing else is and nothing listens.
const nginx = 'docker.io/library/nginx:1.27.3';
const mirror = new EcrMirror(stack, 'Mirror', {
  images: [{ source: nginx }],
  waitForImages: Duration.minutes(20),
});

const task = new FargateTaskDefinition(stack, 'Task');
task.addContainer('web', {
  image: ContainerImage.fromEcrRepository(mirror.repositoryFor(nginx), '1.27.3'),
  logging: LogDrivers.awsLogs({ streamPrefix: 'web' }),
});
const service = new FargateService(stack, 'Service', {
  cluster: new Cluster(stack, 'Cluster', { vpc }),
  taskDefinition: task,
  vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
  minHealthyPercent: 100,
  circuitBreaker: { rollback: true },
});
// Not before the images are there.
service.node.addDependency(mirror);
