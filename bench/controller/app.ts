/** A mirror of whatever rows there are. */
import { App, Stack } from 'aws-cdk-lib';
import { EcrMirror } from '../../lib/index';

new EcrMirror(new Stack(new App(), 'Bench'), 'Mirror');
