import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { EcrMirror, ImageList } from '../../lib/index';
import { multiPlatform, pushBuilt } from '../../local/images';
import { readBack } from '../../local/read-back';
import { type RunningRegistry, startRegistry } from '../../local/registry';
import { type LocalStack, startStack } from '../../local/stack';

/** A list of images in a deployed stack: from the file, by way of a synthesized template, to the images in its repositories. */
const PLACE = { account: '111122223333', region: 'eu-west-1' };
const OWN = `${PLACE.account}.dkr.ecr.${PLACE.region}.amazonaws.com`;
const LIST = `images:
  - source: docker.io/library/nginx
    tags: ["1.27", "1.28"]
  - source: docker.io/library/nginx
    tags: { semver: ">=1.27 <2", latest: 2 }
  - source: quay.io/prometheus/node-exporter
    tags: "v1.*"
    platforms: [linux/arm64]
    destination: mirror/node-exporter
`;
const PLACES = ['mirror/docker-hub/library/nginx', 'mirror/node-exporter'];
const folder = mkdtempSync(join(tmpdir(), 'image-list-'));
const app = multiPlatform({ seed: 'app' });
let upstream: RunningRegistry;
let own: RunningRegistry;
let stack: LocalStack;

beforeAll(async () => {
  const list = join(folder, 'images.yaml');
  writeFileSync(list, LIST);
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8'));
  const outdir = join(folder, 'out');
  const cdk = new App({ outdir, context, analyticsReporting: false, builtinCloudFormationValidation: false });
  new EcrMirror(new Stack(cdk, 'Listed', { env: PLACE }), 'Mirror', { images: ImageList.fromFile(list) });
  cdk.synth();
  upstream = await startRegistry();
  await pushBuilt(upstream.address, 'library/nginx', app, ['1.26', '1.27', '1.28', 'latest']);
  await pushBuilt(upstream.address, 'prometheus/node-exporter', app, ['v1.8', 'v2.0']);
  own = await startRegistry({ personality: { kind: 'ecr', ...PLACE } });
  const registries = { 'docker.io': upstream, 'quay.io': upstream, [OWN]: own };
  stack = await startStack({ assembly: outdir, ...PLACE, registries });
  await stack.waitUntilIdle();
}, 60_000);

afterAll(async () => {
  await stack?.stop();
  await own?.close();
  await upstream?.close();
  rmSync(folder, { recursive: true, force: true });
});

const tagsOf = (name: string) => [...(own.state.repositories.get(name)?.tags.keys() ?? [])].sort();
const pushes = () => own.requests.filter(({ method }) => method === 'PUT').length;
const jobs = () => stack.aws.calls.filter(({ operation }) => operation === 'submitjob').length;

it('declares the repositories that the images go to', () => {
  const declared = stack.template.ofType('AWS::ECR::Repository').map(({ properties }) => properties.RepositoryName);
  expect([...new Set(declared)].sort()).toEqual(PLACES);
});

it('mirrors every image of the list, whole, and each once however many entries want it', async () => {
  expect(tagsOf('mirror/docker-hub/library/nginx')).toEqual(['1.27', '1.28']);
  expect(tagsOf('mirror/node-exporter')).toEqual(['v1.8']);
  const whole = await readBack(own, 'mirror/docker-hub/library/nginx', '1.28');
  expect(whole?.digest).toBe(app.root.descriptor.digest);
  const states = (await stack.copies()).filter(({ Destination }) => Destination !== '-');
  expect(states.map(({ State }) => State)).toEqual(['Mirrored', 'Mirrored', 'Mirrored']);
});

it('narrows an image to the platform that its entry names', async () => {
  const narrowed = await readBack(own, 'mirror/node-exporter', 'v1.8');
  expect(narrowed?.manifests).toHaveLength(1);
  expect(narrowed?.digest).not.toBe(app.root.descriptor.digest);
});

it('leaves everything as it is when it is run again', async () => {
  const before = { pushes: pushes(), jobs: jobs() };
  const looked = upstream.requests.length;
  stack.runSchedule();
  await stack.waitUntilIdle();
  expect(upstream.requests.length).toBeGreaterThan(looked);
  expect({ pushes: pushes(), jobs: jobs() }).toEqual(before);
  expect(stack.failures).toEqual([]);
  expect(stack.aws.unknown).toEqual([]);
});

it('mirrors what the list selects once the source has it', async () => {
  await pushBuilt(upstream.address, 'library/nginx', multiPlatform({ seed: 'newer' }), ['1.29']);
  stack.runSchedule();
  await stack.waitUntilIdle();
  expect(tagsOf('mirror/docker-hub/library/nginx')).toEqual(['1.27', '1.28', '1.29']);
});
