import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { EcrMirror } from '../../lib/index';
import {
  cosignTag,
  multiPlatform,
  pushBuilt,
  sbomReferrer,
  signatureImage,
  signatureReferrer,
} from '../../local/images';
import { readBack } from '../../local/read-back';
import { type RepositoryState, type RunningRegistry, startRegistry } from '../../local/registry';
import { removeManifest } from '../../local/registry/manifests';
import { type LocalStack, startStack } from '../../local/stack';

/** The deployed mirror, end to end: what is signed after it was mirrored, and what is lost where it was mirrored to. */

const PLACE = { account: '111122223333', region: 'eu-west-1' };
const OWN = `${PLACE.account}.dkr.ecr.${PLACE.region}.amazonaws.com`;
const NAME = 'mirror/docker-hub/library/nginx';
const SOURCE = 'docker.io/library/nginx:1.27.3';
const folder = mkdtempSync(join(tmpdir(), 'verification-'));
const nginx = multiPlatform({ seed: 'nginx', layerSize: 50_000 });
const [amd64] = nginx.manifests;
const sbom = sbomReferrer(nginx.root.descriptor);
const signature = cosignTag(nginx.root.descriptor);
let hub: RunningRegistry;
let own: RunningRegistry;
let stack: LocalStack;

beforeAll(async () => {
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8'));
  const app = new App({ outdir: folder, context, analyticsReporting: false, builtinCloudFormationValidation: false });
  new EcrMirror(new Stack(app, 'Verified'), 'Mirror', { images: [{ source: SOURCE }], verification: {} });
  app.synth();
  hub = await startRegistry();
  own = await startRegistry({ personality: { kind: 'ecr', ...PLACE } });
  await pushBuilt(hub.address, 'library/nginx', nginx, ['1.27.3']);
  stack = await startStack({ assembly: folder, ...PLACE, registries: { 'docker.io': hub, [OWN]: own } });
  await stack.waitUntilIdle();
}, 60_000);

afterAll(async () => {
  await stack.stop();
  await Promise.all([hub.close(), own.close()]);
  rmSync(folder, { recursive: true });
});

const held = () => own.state.repositories.get(NAME) as RepositoryState;
const item = async () =>
  (await stack.copies()).find(
    ({ Source, Destination }) => Source === SOURCE && Destination === `${OWN}/${NAME}:1.27.3`,
  );

/** Every schedule: the one that mirrors and the one that verifies. */
async function night(): Promise<void> {
  hub.forgetRequests();
  stack.runSchedule();
  await stack.waitUntilIdle();
  // Who came second found the copy taken.
  stack.runSchedule();
  await stack.waitUntilIdle();
}

const readFromHub = () =>
  hub.requests.filter(({ method, kind }) => method === 'GET' && (kind === 'blob' || kind === 'manifest')).length;

it('is mirrored', async () => {
  expect((await readBack(own, NAME, '1.27.3'))?.digest).toBe(nginx.root.descriptor.digest);
  expect(await item()).toMatchObject({ State: 'Mirrored' });
});

it('follows with signatures that came alone, without the image being read or sent again', async () => {
  const ofPlatform = signatureReferrer(amd64?.descriptor ?? nginx.root.descriptor);
  await pushBuilt(hub.address, 'library/nginx', ofPlatform);
  await pushBuilt(hub.address, 'library/nginx', signatureImage(nginx.root.descriptor), [signature]);
  await pushBuilt(hub.address, 'library/nginx', sbom);
  hub.forgetRequests();
  stack.runSchedule();
  await stack.waitUntilIdle();
  expect(held().tags.has(signature)).toBe(true);
  for (const { root } of [sbom, ofPlatform]) expect(held().manifests.has(root.descriptor.digest)).toBe(true);
  const layers = new Set(nginx.blobs.map(({ descriptor }) => descriptor.digest as string));
  expect(hub.requests.filter(({ kind, digest }) => kind === 'blob' && layers.has(digest ?? ''))).toEqual([]);
});

it('is proven to be whole, reading nothing of the image at the source', async () => {
  await night();
  expect(await item()).toMatchObject({ State: 'Mirrored', LastVerified: expect.stringMatching(/^20/) });
  expect(await item()).not.toHaveProperty('Repaired');
  expect(readFromHub()).toBe(0);
});

const LOSSES: readonly [string, () => unknown, RegExp][] = [
  [
    'a layer',
    () => own.state.deleteBlob(NAME, nginx.blobs.at(-1)?.descriptor.digest ?? ''),
    /^layer sha256:\w+ of sha256:\w+ is not there$/,
  ],
  ['a platform', () => removeManifest(held(), amd64?.descriptor.digest ?? ''), /^manifest sha256:\w+ is not there$/],
  [
    'a platform that was archived',
    () => {
      const child = held().manifests.get(amd64?.descriptor.digest ?? '');
      if (child !== undefined) child.archived = true;
    },
    /^manifest sha256:\w+ is not there$/,
  ],
  [
    'a referrer that expired',
    () => removeManifest(held(), sbom.root.descriptor.digest),
    /^manifest sha256:\w+ is not there$/,
  ],
];

it.each(LOSSES)('sends again what is lost: %s', async (_, lose, says) => {
  await lose();
  hub.forgetRequests();
  await night();
  const back = await readBack(own, NAME, '1.27.3');
  expect([back?.manifests.length, held().manifests.has(sbom.root.descriptor.digest)]).toEqual([
    nginx.manifests.length,
    true,
  ]);
  expect(held().manifests.get(amd64?.descriptor.digest ?? '')?.archived).not.toBe(true);
  const found = stack.logs.filter(({ text }) => text.includes('"lacks":["')).at(-1);
  const lacks = JSON.parse(found?.text ?? '{}').lacks as string[];
  expect(lacks).toEqual([expect.stringMatching(says)]);
  expect(await item()).toMatchObject({ State: 'Mirrored' });
});

it('calls AWS for nothing that its roles may not', () => {
  expect([stack.aws.unknown, stack.failures]).toEqual([[], []]);
});
