import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { EcrMirror, OnConflict } from '../../lib/index';
import { expireImages } from '../../local/ecr/lifecycle';
import { image, multiPlatform, pushBuilt } from '../../local/images';
import { readBack } from '../../local/read-back';
import { type RunningRegistry, startRegistry } from '../../local/registry';
import { type LocalStack, startStack } from '../../local/stack';

const PLACE = { account: '111122223333', region: 'eu-west-1' };
const OWN = `${PLACE.account}.dkr.ecr.${PLACE.region}.amazonaws.com`;
const DAY = 86_400_000;
const folder = mkdtempSync(join(tmpdir(), 'policies-'));
let hub: RunningRegistry;
let own: RunningRegistry;
let stack: LocalStack;

const place = (name: string) => `mirror/docker-hub/library/${name}`;
const repository = (name: string) => own.state.create(place(name));
const tags = (name: string) => Object.fromEntries(repository(name).tags);
const publish = async (name: string, tag: string, seed: string) => {
  const built = image({ seed });
  await pushBuilt(hub.address, `library/${name}`, built, [tag]);
  return built.root.descriptor.digest;
};
const copyOf = async (source: string) =>
  (await stack.copies()).find((item) => item.Source === `docker.io/library/${source}` && item.Destination !== 'seen');
const run = async () => {
  stack.runSchedule();
  await stack.waitUntilIdle();
};

beforeAll(async () => {
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8'));
  const app = new App({ outdir: folder, context, analyticsReporting: false, builtinCloudFormationValidation: false });
  new EcrMirror(new Stack(app, 'Policies', { env: PLACE }), 'Mirror', {
    images: [
      { source: 'nginx:1.27', keepPrevious: true },
      { source: 'redis:8.0.1', onConflict: OnConflict.SUFFIX },
      { source: 'postgres:17.1.0' },
      { source: 'alpine:3.20', minAge: Duration.seconds(5) },
    ],
    // As strict as it gets: one image, a day, and tags that may not move but where their form says that they do.
    repositoryDefaults: {
      immutable: true,
      keepLast: [{ count: 1 }],
      untaggedAfter: Duration.days(1),
      previousImages: 2,
    },
  });
  app.synth();
  hub = await startRegistry();
  own = await startRegistry({ personality: { kind: 'ecr', ...PLACE } });
  await pushBuilt(hub.address, 'library/nginx', multiPlatform({ seed: 'first', attestations: true }), ['1.27']);
  await publish('redis', '8.0.1', 'a');
  await publish('postgres', '17.1.0', 'a');
  await publish('alpine', '3.20', 'a');
  stack = await startStack({
    assembly: folder,
    stack: 'Policies',
    ...PLACE,
    registries: { 'docker.io': hub, [OWN]: own },
  });
  await stack.waitUntilIdle();
  await run();
}, 90_000);

afterAll(async () => {
  await stack?.stop();
  await Promise.all([hub, own].map((registry) => registry.close()));
  rmSync(folder, { recursive: true });
});

it('quarantines an image until it has been known for long enough, and mirrors it then', async () => {
  const before = await copyOf('alpine:3.20');
  expect(before).toMatchObject({
    State: 'Quarantined',
    Error: expect.stringMatching(/^sha256:\S+ is known since \S+ and is copied from \S+ on, 5s later$/),
  });
  expect(tags('alpine')).toEqual({});
  for (let tries = 0; tries < 30 && (await copyOf('alpine:3.20'))?.State === 'Quarantined'; tries += 1) {
    await pause(1_000);
    await run();
  }
  expect(await copyOf('alpine:3.20')).toMatchObject({ State: 'Mirrored', Digest: before?.SourceDigest });
  expect(tags('alpine')).toEqual({ '3.20': before?.SourceDigest });
}, 90_000);

it('mirrors beside a tag that may not move, or reports it, as the row says', async () => {
  const [redis, postgres] = [tags('redis'), tags('postgres')];
  const [next] = await Promise.all([publish('redis', '8.0.1', 'b'), publish('postgres', '17.1.0', 'b')]);
  await run();
  const beside = `8.0.1-${next.slice(7, 19)}`;
  expect(tags('redis')).toEqual({ ...redis, [beside]: next });
  expect(await copyOf('redis:8.0.1')).toMatchObject({ State: 'Mirrored', Digest: next, Tag: beside });
  expect(tags('postgres')).toEqual(postgres);
  expect(await copyOf('postgres:17.1.0')).toMatchObject({
    State: 'Conflict',
    Error: expect.stringContaining('immutable'),
  });
  const jobs = stack.runner.list().length;
  await run();
  expect(stack.runner.list().length).toBe(jobs);
}, 90_000);

describe('a service that runs an image by its digest', () => {
  it('can be scaled after the tag has moved and the lifecycle policy has run, whichever way Amazon ECR dates a new tag', async () => {
    const { '1.27': pinned = '' } = tags('nginx');
    const dates = (when: number) => {
      const stored = repository('nginx').manifests.get(pinned);
      if (stored !== undefined) repository('nginx').manifests.set(pinned, { ...stored, pushedAt: when });
    };
    const now = Date.now();
    // Pushed a year ago, and never dated anew by its second tag.
    dates(now - 365 * DAY);
    const next = await publish('nginx', '1.27', 'second');
    await run();
    const kept = String((await copyOf('nginx:1.27'))?.Kept);
    expect(kept).toMatch(/^prev-1\.27-\d{8}$/);
    expect(tags('nginx')).toEqual({ 1.27: next, [kept]: pinned });
    expireImages(repository('nginx'), now + 30 * DAY);
    expect((await readBack(own, place('nginx'), pinned))?.digest).toBe(pinned);
    dates(now);
    expireImages(repository('nginx'), now + 60 * DAY);
    expect((await readBack(own, place('nginx'), pinned))?.manifests.length).toBeGreaterThan(2);
    // The rule for all other tags, which keeps one image, had it expire otherwise.
    repository('nginx').tags.delete(kept);
    expect(expireImages(repository('nginx'), now + 60 * DAY)).toContain(pinned);
  }, 90_000);

  it('loses it when as many have been kept since as the repository is to keep', async () => {
    const moves = ['third', 'fourth', 'fifth'];
    const digests = [tags('nginx')['1.27']];
    for (const seed of moves) {
      digests.push(await publish('nginx', '1.27', seed));
      await run();
    }
    expect(Object.keys(tags('nginx'))).toHaveLength(4);
    expect(expireImages(repository('nginx'), Date.now())).toEqual([digests[0]]);
    expect(Object.values(tags('nginx')).sort()).toEqual(digests.slice(1).sort());
    expect(stack.failures).toEqual([]);
    expect(stack.aws.unknown).toEqual([]);
  }, 120_000);
});
