/** A sample: a mirror of a few images, as a stack of its own. `npx cdk deploy`, or `npx tsx bin/app.ts` to look at it. */
import { App, Duration, Stack } from 'aws-cdk-lib';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { EcrMirror, TagSelection } from '../lib/index';

const app = new App();
const stack = new Stack(app, 'EcrMirror', { description: 'Keeps copies of container images in Amazon ECR' });

new EcrMirror(stack, 'Mirror', {
  images: [
    { source: 'docker.io/library/nginx', tags: TagSelection.semver('>=1.25').latest(5) },
    { source: 'public.ecr.aws/docker/library/redis:8' },
  ],
  outward: [
    { from: `${stack.account}.dkr.ecr.${stack.region}.${stack.urlSuffix}/released/**`, to: 'ghcr.io/example/*' },
  ],
  schedule: ScheduleExpression.rate(Duration.hours(1)),
});
