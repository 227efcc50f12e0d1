/**
 * A sample: a mirror of a few images, as a stack of its own, to start from. `npx cdk deploy`, or `npx tsx bin/app.ts` to look
 * at it. Choices by context, `-c name=value`: `prefix`, `hours` (between two looks at everything), `metrics=true`,
 * `createRepositories=true` (the worker creates those that rows lack), `topic` (ARN of an SNS topic that is told what goes
 * wrong), `dockerHub` (name of a secret with a token for Docker Hub).
 */
import { App, Duration, Stack } from 'aws-cdk-lib';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EcrMirror, RegistryCredentials, RepositoryCreation, TagSelection } from '../lib/index';

const app = new App();
const stack = new Stack(app, 'EcrMirror', { description: 'Keeps copies of container images in Amazon ECR' });
const choice = (name: string): string | undefined => app.node.tryGetContext(name);
const dockerHub = choice('dockerHub');
const topic = choice('topic');

const mirror = new EcrMirror(stack, 'Mirror', {
  // Each gets a repository, here mirror/docker-hub/library/nginx, and a row. More rows can be added to the table at any time.
  images: [
    // The five newest versions, as they come; a tag that moves is followed.
    { source: 'docker.io/library/nginx', tags: TagSelection.semver('>=1.25').latest(5) },
    { source: 'public.ecr.aws/docker/library/redis:8' },
  ],
  // Which of our own images may leave, and where to. A row decides which of them do.
  outward: [
    { from: `${stack.account}.dkr.ecr.${stack.region}.${stack.urlSuffix}/released/**`, to: 'ghcr.io/example/*' },
  ],
  prefix: choice('prefix'),
  // Rows that are added later need a repository, too: the worker makes it, kept as those of the images above.
  repositoryCreation: choice('createRepositories') === 'true' ? RepositoryCreation.BY_WORKER : undefined,
  // Pushes to Amazon ECR and changed rows are acted upon at once; this finds what other registries do not tell us.
  schedule: ScheduleExpression.rate(Duration.hours(Number(choice('hours') ?? 1))),
  // Docker Hub allows more pulls to those who log in. The secret holds {"username": "…", "accessToken": "…"}.
  credentials:
    dockerHub === undefined
      ? []
      : [RegistryCredentials.fromSecret('docker.io', Secret.fromSecretNameV2(stack, 'DockerHub', dockerHub))],
  metrics: choice('metrics') === 'true',
});

if (topic !== undefined) mirror.addAlarms(Topic.fromTopicArn(stack, 'Topic', topic));
