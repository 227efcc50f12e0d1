/**
 * An ECS service on mirrored images, in one stack: the deployment waits until the images are there, and the service never
 * asks Docker Hub for anything.
 *
 * `npx cdk deploy --app 'npx tsx examples/ecs-service/app.ts'`
 */
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, FargateService, FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
// In an app of your own: from 'cdk-ecr-mirror'.
import { EcrMirror } from '../../lib/index';

export const app = new App();
const stack = new Stack(app, 'ServiceOnMirroredImages');
const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });

// A whole version. A tag such as 1.27 moves, and the mirror follows it; the service then has what it had at its last deployment.
const nginx = 'docker.io/library/nginx:1.27.3';

const mirror = new EcrMirror(stack, 'Mirror', {
  vpc,
  images: [{ source: nginx }],
  waitForImages: Duration.minutes(20),
});

const task = new FargateTaskDefinition(stack, 'Task');
task.addContainer('web', {
  // The repository's name follows from the source; pulling is granted to the task's execution role by this.
  image: ContainerImage.fromEcrRepository(mirror.repositoryFor(nginx), '1.27.3'),
  portMappings: [{ containerPort: 80 }],
});
const service = new FargateService(stack, 'Service', {
  cluster: new Cluster(stack, 'Cluster', { vpc }),
  taskDefinition: task,
  minHealthyPercent: 100,
  circuitBreaker: { rollback: true },
});
// Not before the images are there.
service.node.addDependency(mirror);
