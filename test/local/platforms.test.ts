import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { EcrMirror } from '../../lib/index';
import { multiPlatform, pushBuilt } from '../../local/images';
import { readBack } from '../../local/read-back';
import { type RunningRegistry, reads, startRegistry } from '../../local/registry';
import { type LocalStack, startStack } from '../../local/stack';

const OWN = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
const platforms = ['amd64', 'arm64', 's390x'].map((architecture) => ({ os: 'linux', architecture }));
const imageOf = (seed: string) => multiPlatform({ seed, platforms, attestations: true });
const [app, tool, moved] = [imageOf('app'), imageOf('tool'), imageOf('moved')];
const APP = 'ghcr.io/org/app:v1';
const TOOL = 'ghcr.io/org/tool:v1';
const toApp = `${OWN}/mirror/ghcr/org/app`;

const folder = mkdtempSync(join(tmpdir(), 'platforms-'));
let upstream: RunningRegistry;
let own: RunningRegistry;
let stack: LocalStack;

function synthesize(outdir: string): void {
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8')) as { context: Record<string, unknown> };
  const scope = new App({ outdir, analyticsReporting: false, context, builtinCloudFormationValidation: false });
  new EcrMirror(new Stack(scope, 'Platforms'), 'Mirror', {
    images: [
      { source: APP, platforms: ['linux/arm64', 'linux/amd64'] },
      { source: TOOL, platforms: ['linux/arm64'] },
    ],
  });
  scope.synth();
}

const itemOf = async (source: string) => (await stack.copies()).find(({ Source }) => Source === source) ?? {};
const mirrored = (name: string) => readBack(own, `mirror/ghcr/org/${name}`, 'v1');
const digestsOf = (built: typeof app) => built.manifests.map(({ descriptor }) => descriptor.digest);
/** Jobs and manifests read at the source in a time. */
async function during(
  act: () => unknown,
): Promise<{ readonly jobs: number; readonly read: number; readonly put: number }> {
  const before = stack.runner.list().length;
  upstream.forgetRequests();
  own.forgetRequests();
  await act();
  await stack.waitUntilIdle();
  return {
    jobs: stack.runner.list().length - before,
    read: reads(upstream.requests, 'manifest').size,
    put: own.requests.filter(({ method }) => method === 'PUT' || method === 'POST').length,
  };
}
const nothing = { jobs: 0, read: 0, put: 0 };

beforeAll(async () => {
  synthesize(folder);
  upstream = await startRegistry();
  own = await startRegistry({ personality: { kind: 'ecr', account: '111122223333', region: 'eu-west-1' } });
  await pushBuilt(upstream.address, 'org/app', app, ['v1']);
  await pushBuilt(upstream.address, 'org/tool', tool, ['v1']);
  stack = await startStack({ assembly: folder, registries: { 'ghcr.io': upstream, [OWN]: own } });
  await stack.waitUntilIdle();
}, 60_000);

afterAll(async () => {
  await stack.stop();
  await Promise.all([upstream.close(), own.close()]);
  rmSync(folder, { recursive: true });
});

it('mirrors just the platforms that the stack declares, and keeps which they are', async () => {
  const [amd64, arm64, s390x, ofAmd64, ofArm64] = digestsOf(app);
  const found = await mirrored('app');
  expect(found?.manifests).toEqual(expect.arrayContaining([amd64, arm64, ofAmd64, ofArm64]));
  expect(found?.manifests).not.toContain(s390x);
  expect(await itemOf(APP)).toMatchObject({
    State: 'Mirrored',
    Digest: found?.digest,
    SourceDigest: app.root.descriptor.digest,
    Platforms: 'linux/amd64,linux/arm64',
  });
  expect((await mirrored('tool'))?.digest).toBe(digestsOf(tool)[1]);
  expect(await itemOf(TOOL)).toMatchObject({ Digest: digestsOf(tool)[1], Platforms: 'linux/arm64' });
});

it('copies nothing when nothing has changed, and reads no manifest to know that: on schedule, and when a row is written', async () => {
  expect(await during(() => stack.runSchedule())).toEqual(nothing);
  const rows = [
    { Source: APP, Platforms: ['linux/arm64', 'linux/amd64'], Note: 'written again' },
    { Source: TOOL, Platforms: 'linux/arm64', Note: 'written again' },
  ];
  expect(await during(() => Promise.all(rows.map((row) => stack.putRow(row))))).toEqual(nothing);
  expect(await during(() => stack.runSchedule())).toEqual(nothing);
}, 60_000);

it('copies once when the source moves', async () => {
  await pushBuilt(upstream.address, 'org/app', moved, ['v1']);
  expect(await during(() => stack.runSchedule())).toMatchObject({ jobs: 1 });
  const [amd64, arm64] = digestsOf(moved);
  expect((await mirrored('app'))?.manifests).toEqual(expect.arrayContaining([amd64, arm64]));
  expect(await during(() => stack.runSchedule())).toEqual(nothing);
}, 60_000);

it('copies once when the row wants others, or all', async () => {
  for (const [Platforms, digest] of [
    [new Set(['linux/s390x']), digestsOf(moved)[2]],
    [undefined, moved.root.descriptor.digest],
    [['linux/amd64'], digestsOf(moved)[0]],
  ] as const) {
    const row = { Source: APP, ...(Platforms === undefined ? {} : { Platforms }) };
    expect(await during(() => stack.putRow(row))).toMatchObject({ jobs: 1 });
    expect((await mirrored('app'))?.digest).toBe(digest);
    expect((await itemOf(APP)).Platforms).toEqual(Platforms === undefined ? undefined : [...Platforms].join());
    expect(await during(() => stack.runSchedule())).toEqual(nothing);
  }
}, 60_000);

it('sends nothing when the table has forgotten what is there, and remembers it again', async () => {
  await stack.changeCopy(APP, `${toApp}:v1`, { State: 'Failed' });
  expect(await during(() => stack.runSchedule())).toMatchObject({ jobs: 1, put: 0 });
  expect(await itemOf(APP)).toMatchObject({ State: 'Mirrored', Bytes: 0, Digest: digestsOf(moved)[0] });
  expect(await during(() => stack.runSchedule())).toEqual(nothing);
}, 60_000);

it('fails a copy of a platform that is not there, saying which there are, until it is', async () => {
  await stack.putRow({ Source: TOOL, Platforms: ['linux/arm64', 'linux/riscv64'] });
  await stack.waitUntilIdle();
  expect(await itemOf(TOOL)).toMatchObject({
    State: 'Failed',
    Error: expect.stringMatching(
      /got no linux\/riscv64; of linux\/amd64, linux\/arm64, linux\/s390x those that are wanted/,
    ),
    Digest: digestsOf(tool)[1],
  });
  expect((await mirrored('tool'))?.digest).toBe(digestsOf(tool)[1]);
  const whole = multiPlatform({ seed: 'tool', platforms: [...platforms, { os: 'linux', architecture: 'riscv64' }] });
  await pushBuilt(upstream.address, 'org/tool', whole, ['v1']);
  expect(await during(() => stack.runSchedule())).toMatchObject({ jobs: 1 });
  expect(await itemOf(TOOL)).toMatchObject({ State: 'Mirrored', Platforms: 'linux/arm64,linux/riscv64' });
  expect(stack.failures).toEqual([]);
}, 60_000);

it('leaves an image with the same configs as it is, where the row asks for that, until it asks no more', async () => {
  const source = imageOf('again');
  const written = multiPlatform({ seed: 'again', platforms, annotations: { by: 'somebody else' } });
  await pushBuilt(upstream.address, 'org/tool', source, ['v1']);
  const authorization = `Basic ${own.ecr?.authorizationToken().token}`;
  await pushBuilt(own.address, 'mirror/ghcr/org/tool', written, ['v1'], { authorization });
  const alike = { State: 'Mirrored', Digest: written.root.descriptor.digest, Compare: 'config', Bytes: 0 };

  expect(await during(() => stack.putRow({ Source: TOOL, Compare: 'config' }))).toMatchObject({ jobs: 1, put: 0 });
  expect(await itemOf(TOOL)).toMatchObject({ ...alike, SourceDigest: source.root.descriptor.digest });
  expect(await during(() => stack.runSchedule())).toEqual(nothing);
  expect(await during(() => stack.putRow({ Source: TOOL, Compare: 'config', Note: 'x' }))).toEqual(nothing);

  expect(await during(() => stack.putRow({ Source: TOOL }))).toMatchObject({ jobs: 1 });
  expect((await mirrored('tool'))?.digest).toBe(source.root.descriptor.digest);
  expect(await itemOf(TOOL)).not.toHaveProperty('Compare');
  expect(await during(() => stack.runSchedule())).toEqual(nothing);
}, 60_000);
