import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { EcrMirror, SignatureRequirement } from '../../lib/index';
import { cosignTag, image, pushBuilt } from '../../local/images';
import { readBack } from '../../local/read-back';
import { type RunningRegistry, startRegistry } from '../../local/registry';
import { type LocalStack, startStack } from '../../local/stack';
import { bundle, bundleReferrer, signatureImage, simpleLayer } from '../signatures/cosign';
import { keySigner, type Sigstore, startSigstore } from '../signatures/sigstore';

const OWN = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
const SUBJECT = 'https://github.com/org/app/.github/workflows/release.yml@refs/tags/v1';
const ISSUER = 'https://token.actions.githubusercontent.com';
const app = image({ seed: 'app' });
const tool = image({ seed: 'tool' });
const key = keySigner();

const folder = mkdtempSync(join(tmpdir(), 'signatures-'));
let sigstore: Sigstore;
let upstream: RunningRegistry;
let own: RunningRegistry;
let stack: LocalStack;

function synthesize(outdir: string): void {
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8')) as { context: Record<string, unknown> };
  const scope = new App({ outdir, analyticsReporting: false, context, builtinCloudFormationValidation: false });
  new EcrMirror(new Stack(scope, 'Signed'), 'Mirror', {
    images: [
      { source: 'ghcr.io/org/app:v1', requireSignature: SignatureRequirement.keyless(SUBJECT, ISSUER) },
      { source: 'ghcr.io/org/tool:v1', requireSignature: SignatureRequirement.key(key.publicKey) },
    ],
    trustedRoot: sigstore.trustedRoot,
  });
  scope.synth();
}

const itemOf = async (name: string) =>
  (await stack.copies()).find(({ Source }) => Source === `ghcr.io/org/${name}:v1`) ?? {};
const mirrored = async (name: string) => (await readBack(own, `mirror/ghcr/org/${name}`, 'v1'))?.digest;
/** What nobody waits for here: the time in which an image is left alone. */
const letTimePass = async (name: string) => {
  const { Source, Destination, Quarantine } = await itemOf(name);
  await stack.changeCopy(String(Source), String(Destination), {
    Quarantine: { ...(Quarantine as object), Until: Math.floor(Date.now() / 1000) - 1 },
  });
};

beforeAll(async () => {
  sigstore = await startSigstore();
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

it('the worker keeps out what is not signed, and says why', async () => {
  expect(await itemOf('app')).toMatchObject({
    State: 'Quarantined',
    Error: expect.stringContaining(`got no signature; one by "${SUBJECT}" of "${ISSUER}" would do`),
  });
  expect(await itemOf('tool')).toMatchObject({ State: 'Quarantined' });
  expect(await mirrored('app')).toBeUndefined();
  expect(await mirrored('tool')).toBeUndefined();
  expect(stack.failures).toEqual([]);
});

it('it keeps out what a stranger has signed', async () => {
  const stranger = await (await startSigstore()).keyless(SUBJECT, ISSUER);
  upstream.state.place('org/app', bundleReferrer(plain(app), await bundle(digestOf(app), stranger, sigstore)));
  await letTimePass('app');
  stack.runSchedule();
  await stack.waitUntilIdle();
  expect(await itemOf('app')).toMatchObject({
    State: 'Quarantined',
    Error: expect.stringContaining('not verified: Failed to verify certificate chain'),
    Quarantine: { Times: 2 },
  });
  expect(await mirrored('app')).toBeUndefined();
});

it('it mirrors both once they are signed, by the identity and by the key', async () => {
  const signer = await sigstore.keyless(SUBJECT, ISSUER);
  upstream.state.place('org/app', bundleReferrer(plain(app), await bundle(digestOf(app), signer, sigstore)));
  upstream.state.place('org/tool', signatureImage(await simpleLayer(digestOf(tool), key)), cosignTag(plain(tool)));
  const jobs = stack.runner.list().length;
  stack.runSchedule();
  await stack.waitUntilIdle();
  expect(stack.runner.list().length).toBe(jobs);

  await letTimePass('app');
  await letTimePass('tool');
  stack.runSchedule();
  await stack.waitUntilIdle();
  expect(await mirrored('app')).toBe(digestOf(app));
  expect(await mirrored('tool')).toBe(digestOf(tool));
  expect(await itemOf('app')).toMatchObject({ State: 'Mirrored' });
  expect(stack.failures).toEqual([]);
}, 60_000);

function plain({ root }: typeof app) {
  return { ...root.descriptor, platform: undefined };
}

function digestOf({ root }: typeof app) {
  return root.descriptor.digest;
}
