/**
 * Images of our own, pushed out: what is pushed to `released/…` in Amazon ECR appears in GitHub's registry, and in Amazon ECR
 * Public, within a minute. Only from there, and only to there: no row can send anything else out.
 *
 * `npx cdk deploy --app 'npx tsx examples/outward/app.ts'`
 */
import { App, Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
// In an app of your own: from 'cdk-ecr-mirror'.
import { CredentialDirection, EcrMirror, MirrorRepository, RegistryCredentials, TagSelection } from '../../lib/index';

export const app = new App();
const stack = new Stack(app, 'OutwardMirror');
const registry = `${stack.account}.dkr.ecr.${stack.region}.${stack.urlSuffix}`;

// What is released is never overwritten, but for the tags that say which is the newest.
const released = new MirrorRepository(stack, 'Released', {
  repositoryName: 'released/app',
  immutable: true,
  floatingTags: ['latest', 'stable'],
  keepLast: [{ count: 100 }],
});

const mirror = new EcrMirror(stack, 'Mirror', {
  // Nothing comes in.
  allowedSources: [],
  allowedDestinations: [],
  outward: [
    { from: `${registry}/released/**`, to: 'ghcr.io/our-organisation/*' },
    { from: `${registry}/released/**`, to: 'public.ecr.aws/our-alias/*' },
  ],
  // A SecureString that holds user:token. Credentials pull, unless they are said to push.
  credentials: [
    RegistryCredentials.fromParameter(
      'ghcr.io/our-organisation',
      StringParameter.fromSecureStringParameterAttributes(stack, 'GitHub', { parameterName: '/mirror/ghcr' }),
      CredentialDirection.PUSH,
    ),
  ],
  metrics: true,
});
mirror.addAlarms(new Topic(stack, 'Alarms'));

// The row that does it: all releases, to both.
mirror.addMirror('Released', {
  source: `${registry}/${released.repositoryName}`,
  tags: TagSelection.all(),
  destinations: ['ghcr.io/our-organisation/app', 'public.ecr.aws/our-alias/app'],
});
