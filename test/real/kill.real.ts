import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomFrom } from '../fakes/random';
import { type CountingProxy, countingProxy } from './counting-proxy';
import { type Deployment, deploy, PARTNER, UPSTREAM } from './deployment';
import { expectExit } from './ecr-mirror';
import { allTags, type Place, rawManifest, whatIsMissing } from './judge';
import { describeWith } from './needs';
import { type Ended, start } from './process';
import { pushImage, pushIndex, pushManifest, pushRandomLayer } from './push';
import { type RealRegistry, startDockerRegistry } from './registries';
import { pullWhole } from './skopeo';
import { withFolder } from './temporary';

const KILLS = Number(process.env.REAL_KILLS ?? 50);
const SEED = Number(process.env.REAL_SEED ?? 1);
/** Milliseconds that the source takes to answer, so that a copy lasts longer than its process takes to start. */
const SLOWNESS = 15;
const KIB = 1024;

describeWith(['docker-registry', 'skopeo'], 'a worker killed at any moment', () => {
  const registries: RealRegistry[] = [];
  let proxy: CountingProxy;
  let deployment: Deployment;
  let from: Place;
  let expected: string;

  beforeAll(async () => {
    registries.push(await startDockerRegistry(), await startDockerRegistry());
    proxy = await countingProxy(registries[0]?.url ?? '', { delay: SLOWNESS });
    from = { url: registries[0]?.url ?? '', repository: 'app' };
    expected = await pushManyLayers(from);
    deployment = await deploy(proxy.url, registries[1]?.url ?? '');
  });

  afterAll(async () => {
    await deployment?.close();
    await proxy?.close();
    for (const registry of registries) await registry.close();
  });

  const placeOf = (round: number): Place => ({ url: registries[1]?.url ?? '', repository: `mirror/round-${round}` });

  /** Runs the worker for a round; `moment` is when it is killed, in milliseconds from its first request to the source. */
  async function work(round: number, job: string, moment?: number): Promise<{ ended: Ended; lasted: number }> {
    const { args, cwd, env } = deployment.worker(`${UPSTREAM}/app:v1`, `${PARTNER}/mirror/round-${round}:v1`);
    proxy.reset();
    const { process: worker, ended } = start(process.execPath, args, { cwd, env: { ...env, AWS_BATCH_JOB_ID: job } });
    let over = false;
    void ended.then(() => {
      over = true;
    });
    while (!over && proxy.begun === 0) await sleep(2);
    const began = Date.now();
    if (moment !== undefined) {
      await Promise.race([sleep(moment), ended]);
      worker.kill('SIGKILL');
    }
    return { ended: await ended, lasted: Date.now() - began };
  }

  /** Tags that were listed and could not be asked for, a second long. */
  const nowhere: string[] = [];

  /**
   * Whether a tag that is listed can be asked for. docker-registry lists one as soon as its folder is there, and what was
   * pushed by a worker that is no more may still be on its way: a tag that leads nowhere for good can be pulled by nobody.
   */
  async function resolves(place: Place, tag: string): Promise<boolean> {
    for (let attempt = 0; attempt < 20; attempt += 1) {
      if ((await rawManifest(place, tag)) !== undefined) return true;
      await sleep(50);
    }
    nowhere.push(tag);
    return false;
  }

  /** Every tag that is there, the one we copy and those of referrers, is whole: by our walk and by skopeo's pull. */
  async function judge(place: Place): Promise<readonly string[]> {
    const tags: string[] = [];
    for (const tag of await allTags(place)) {
      if (!(await resolves(place, tag))) continue;
      tags.push(tag);
      expect([tag, await whatIsMissing(place, tag)]).toEqual([tag, []]);
      await withFolder((folder) => pullWhole(place, tag, folder));
    }
    return tags;
  }

  it(`leaves no tag that points at something incomplete, ${KILLS} times, and completes in the end`, async () => {
    const random = randomFrom(SEED);
    const first = await work(0, randomUUID());
    expectExit(first.ended, 0);
    expect(await judge(placeOf(0))).toContain('v1');

    let kills = 0;
    let complete = 0;
    let round = 1;
    let job = randomUUID();
    const found = new Map<string, number>();
    for (let run = 0; kills < KILLS && run < 4 * KILLS + 10; run += 1) {
      const { ended } = await work(round, job, random() * first.lasted);
      const tags = await judge(placeOf(round));
      const state = stateOf(tags);
      if (ended.signal === 'SIGKILL') {
        kills += 1;
        found.set(state, (found.get(state) ?? 0) + 1);
        // Now and then the same destination goes on from where it was left, as a job that Batch tries again.
        if (random() < 0.5) continue;
      }
      expectExit((await work(round, job)).ended, 0);
      expect(await judge(placeOf(round))).toContain('v1');
      expect((await rawManifest(placeOf(round), 'v1'))?.digest).toBe(expected);
      complete += 1;
      round += 1;
      job = randomUUID();
    }
    const states = [...found].map(([state, times]) => `${state} ${times}`).join(', ');
    process.stdout.write(
      `killed ${kills} times, seed ${SEED}: ${states}; completed ${complete} times after that; listed and leading nowhere: ${nowhere.length}\n`,
    );

    expect(kills).toBe(KILLS);
    expectExit((await work(round, job)).ended, 0);
    expect(await judge(placeOf(round))).toContain('v1');
    expect((await rawManifest(placeOf(round), 'v1'))?.digest).toBe(expected);
  }, 1_200_000);
});

/** How far a killed copy had come, as tags tell it. */
function stateOf(tags: readonly string[]): string {
  if (tags.includes('v1')) return 'tagged';
  return tags.length > 0 ? 'signature without tag' : 'no tag';
}

/** An index of two images with layers of their own and a shared one, signed by cosign's tag. */
async function pushManyLayers(place: Place): Promise<string> {
  const shared = await pushRandomLayer(place, 512 * KIB);
  const children = [];
  for (const architecture of ['amd64', 'arm64']) {
    const layers = [shared];
    for (let layer = 0; layer < 12; layer += 1) layers.push(await pushRandomLayer(place, (layer + 1) * 64 * KIB));
    const image = await pushImage(place, `v1-${architecture}`, layers);
    children.push({ ...image, platform: { os: 'linux', architecture } });
  }
  const index = await pushIndex(place, 'v1', children);
  const signature = await pushImage(place, `${index.digest.replace(':', '-')}.sig`, [
    await pushRandomLayer(place, KIB),
  ]);
  const subject = { mediaType: index.mediaType, digest: index.digest, size: index.size };
  const referrer = await pushReferrer(place, subject, signature.mediaType);
  const list = { schemaVersion: 2, mediaType: index.mediaType, manifests: [referrer] };
  await pushManifest(place, index.digest.replace(':', '-'), index.mediaType, Buffer.from(JSON.stringify(list)));
  return index.digest;
}

async function pushReferrer(place: Place, subject: object, mediaType: string) {
  const artifactType = 'application/vnd.example.report';
  const layer = await pushRandomLayer(place, 2 * KIB);
  const manifest = { schemaVersion: 2, mediaType, artifactType, config: layer, layers: [layer], subject };
  const pushed = await pushManifest(place, 'report', mediaType, Buffer.from(JSON.stringify(manifest)));
  return { ...pushed, artifactType };
}
