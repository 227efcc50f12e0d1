import { reason } from '../../engine/errors';
import type { Narrator } from '../../local/demo/narrator';
import { image, pushBuilt } from '../../local/images';
import { readBack } from '../../local/read-back';
import type { RunningRegistry } from '../../local/registry';
import { deploy } from './cdk';

export interface WaitingOptions {
  /** Where `cdk deploy` goes to. */
  readonly folder: string;
  readonly endpoint: string;
  readonly account: string;
  readonly region: string;
  readonly narrator: Narrator;
  readonly hub: RunningRegistry;
  readonly own: RunningRegistry;
  /** Lets jobs of what was deployed by then be run. */
  readonly runJobs: () => Promise<void>;
}

const APP = 'node --import tsx test/emulator/waiting-app.ts';
/** A repository of it is in the registry; of the other there is none. */
const COMES = 'docker.io/library/busybox:1.36';
const NEVER_COMES = 'docker.io/library/memcached:1.6';
export const WAITING_REPOSITORY = 'waiting/docker-hub/library/busybox';

/** `waitForImages` by CDK's own provider framework: its functions, its state machine, CloudFormation's answer. */
export async function waitForImages({ narrator, hub, own, runJobs, ...place }: WaitingOptions): Promise<void> {
  narrator.chapter('A deployment waits for its images');
  const busybox = image({ seed: 'busybox' });
  await pushBuilt(hub.address, 'library/busybox', busybox, ['1.36']);
  await pushBuilt(hub.address, 'library/memcached', image({ seed: 'memcached' }), ['1.6']);
  const deployImages = (...sources: string[]) => deploy(APP, { images: sources.join(',') }, place);
  // Its job queue has to be known before a job is submitted to it.
  await deployImages();
  await runJobs();
  await narrator.check('when it ends well, they are there', async () => {
    await deployImages(COMES);
    const found = await readBack(own, WAITING_REPOSITORY, '1.36');
    return found?.digest === busybox.root.descriptor.digest;
  });
  const ending = await deployImages(COMES, NEVER_COMES).then(() => 'it ended well', reason);
  await narrator.check('it fails when one cannot come, and says of which source, for where and why', () => {
    const said = ending.replace(/\s+/g, ' ');
    const to = `${place.account}.dkr.ecr.${place.region}.amazonaws.com/waiting/docker-hub/library/memcached:1.6`;
    if (said.includes(`${NEVER_COMES} to ${to}: Failed: `)) return true;
    throw new Error(said.slice(-1500));
  });
  await narrator.check('what was there before is there again: the next deployment ends well', async () => {
    await deployImages(COMES);
    return true;
  });
}
