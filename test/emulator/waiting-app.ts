/** A mirror for which a deployment waits. By context: `images`, separated by commas; none at first, and nothing is waited for. */
import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { EcrMirror } from '../../lib/index';

const app = new App();
const images: string = app.node.tryGetContext('images') ?? '';
const sources = images.split(',').filter((source) => source !== '');

new EcrMirror(new Stack(app, 'Waiting'), 'Mirror', {
  prefix: 'waiting',
  images: sources.map((source) => ({ source })),
  ...(sources.length === 0 ? {} : { waitForImages: Duration.minutes(4) }),
  removalPolicy: RemovalPolicy.DESTROY,
});
