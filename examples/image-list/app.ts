/**
 * Images from a list that others keep: whoever adds one edits `images.yaml` and needs to know nothing of this app. What is wrong
 * with it fails at synthesis, with the entry's name.
 *
 * `npx cdk deploy --app 'npx tsx examples/image-list/app.ts'`
 */
import { App, Stack } from 'aws-cdk-lib';
// In an app of your own: from 'cdk-ecr-mirror'.
import { EcrMirror, ImageList } from '../../lib/index';

export const app = new App();
const stack = new Stack(app, 'ImageListMirror');

new EcrMirror(stack, 'Mirror', { images: ImageList.fromFile(`${__dirname}/images.yaml`) });
