import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ecrPushEvent } from '../../local/ecr';
import { image, multiPlatform, pushBuilt, signatureReferrer } from '../../local/images';
import { readBack } from '../../local/read-back';
import { type RunningRegistry, reads, startRegistry } from '../../local/registry';
import { type LocalStack, startStack } from '../../local/stack';
import { synthesize } from '../../local/synth';

const OWN = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
const folder = mkdtempSync(join(tmpdir(), 'stack-'));
let hub: RunningRegistry;
let own: RunningRegistry;
let partner: RunningRegistry;
let stack: LocalStack;

const nginx = multiPlatform({ seed: 'nginx', attestations: true });
const redis = image({ seed: 'redis' });
const signature = signatureReferrer(redis.root.descriptor);

const authorization = () => `Basic ${own.ecr?.authorizationToken().token}`;
const stateOf = async (source: string, destination: string) =>
  (await stack.copies()).find((item) => item.Source === source && item.Destination === destination);

beforeAll(async () => {
  const synthesis = synthesize(folder);
  hub = await startRegistry({ personality: { kind: 'docker-hub' } });
  partner = await startRegistry();
  own = await startRegistry({
    personality: {
      kind: 'ecr',
      account: '111122223333',
      region: 'eu-west-1',
      repositories: ['mirror/team/nginx', 'released/app'],
    },
    onPush: (push) => own.ecr && stack.deliver(ecrPushEvent(own.ecr, push)),
  });
  const publicEcr = partner;
  await pushBuilt(hub.address, 'library/nginx', nginx, ['1.27.0', '1.24.0', 'latest']);
  await pushBuilt(publicEcr.address, 'docker/library/redis', redis, ['8']);
  await pushBuilt(publicEcr.address, 'docker/library/redis', signature);
  await synthesis;
  stack = await startStack({
    assembly: folder,
    registries: { 'docker.io': hub, 'public.ecr.aws': publicEcr, 'ghcr.io': partner, [OWN]: own },
  });
  await stack.waitUntilIdle();
}, 60_000);

afterAll(async () => {
  await stack.stop();
  await Promise.all([hub, own, partner].map((registry) => registry.close()));
  rmSync(folder, { recursive: true });
});

describe('a deployed stack', () => {
  it('mirrors what it declares, every byte of it, and what refers to it', async () => {
    const mirrored = await readBack(own, 'mirror/docker-hub/library/nginx', '1.27.0');
    expect(mirrored?.digest).toBe(nginx.root.descriptor.digest);
    expect(mirrored?.manifests.length).toBe(nginx.manifests.length);
    expect(await readBack(own, 'mirror/docker-hub/library/nginx', '1.24.0')).toBeUndefined();
    const signed = await readBack(own, 'mirror/ecr-public/docker/library/redis', '8');
    expect(signed).toMatchObject({
      digest: redis.root.descriptor.digest,
      referrers: [signature.root.descriptor.digest],
    });
  });

  it('keeps the state of each copy in its table', async () => {
    const copy = await stateOf('docker.io/library/nginx:1.27.0', `${OWN}/mirror/docker-hub/library/nginx:1.27.0`);
    expect(copy).toMatchObject({ State: 'Mirrored', Digest: nginx.root.descriptor.digest });
  });

  it('asks AWS for nothing that the local stack does not know', () => {
    expect(stack.aws.unknown).toEqual([]);
    expect(stack.failures).toEqual([]);
  });

  it('calls AWS in the roles that the template gives its function and its jobs', () => {
    const callers = (operation: string) =>
      new Set(stack.aws.calls.filter((call) => call.operation === operation).map((call) => call.accessKeyId));
    expect(callers('submitjob').size).toBe(1);
    expect(callers('GetParameter').size).toBe(2);
    expect(callers('GetAuthorizationToken')).not.toEqual(callers('submitjob'));
  });
});

it('copies nothing when nothing has changed', async () => {
  const jobs = stack.runner.list().length;
  for (const registry of [hub, own, partner]) registry.forgetRequests();
  stack.runSchedule();
  await stack.waitUntilIdle();
  expect(stack.runner.list().length).toBe(jobs);
  expect(reads([...hub.requests, ...own.requests, ...partner.requests]).size).toBe(0);
  expect(own.requests.filter(({ method }) => method === 'PUT')).toEqual([]);
});

it('turns a new row into a copy, and a bad one into a line that says what is wrong', async () => {
  await Promise.all([
    stack.putRow({ Source: 'docker.io/library/nginx:1.24.0', Destination: `${OWN}/mirror/team/nginx` }),
    stack.putRow({ Source: 'docker.io/library/nginx:latest', Destinatoin: `${OWN}/mirror/team/nginx` }),
  ]);
  await stack.waitUntilIdle();
  const copied = await readBack(own, 'mirror/team/nginx', '1.24.0');
  expect(copied?.digest).toBe(nginx.root.descriptor.digest);
  const problem = await stateOf('docker.io/library/nginx:latest', '-');
  expect(problem).toMatchObject({ State: 'Invalid', Error: expect.stringContaining('Destinatoin') });
});

it('refuses a regular expression that looks ahead, and selects by one that does not', async () => {
  const row = {
    Source: 'nginx, by expression',
    From: 'docker.io/library/nginx',
    Destination: `${OWN}/mirror/team/nginx:expression-{tag}`,
  };
  await stack.putRow({ ...row, Tags: { Include: ['/^1[.](?!24)/'] } });
  await stack.waitUntilIdle();
  const problem = await stateOf(row.Source, '-');
  expect(problem).toMatchObject({
    State: 'Invalid',
    Error: expect.stringContaining('Tags.Include: got "/^1[.](?!24)/"; look'),
  });

  await stack.putRow({ ...row, Tags: { Include: ['/^1[.]/'], Exclude: ['/24/'], Min: 1 } });
  await stack.waitUntilIdle();
  const copied = await readBack(own, 'mirror/team/nginx', 'expression-1.27.0');
  expect(copied?.digest).toBe(nginx.root.descriptor.digest);
  expect(await readBack(own, 'mirror/team/nginx', 'expression-1.24.0')).toBeUndefined();
  expect((await stateOf(row.Source, '-'))?.State).not.toBe('Invalid');

  await stack.putRow({ ...row, Tags: { Include: ['/^3[.]/'], Min: 1 } });
  await stack.waitUntilIdle();
  expect(await stateOf(row.Source, '-')).toMatchObject({
    Error: expect.stringContaining('got 0 of 3 tags, fewer than the 1'),
  });
  await stack.deleteRow(row.Source);
});

it('refuses a row that asks for more than the construct allows', async () => {
  const source = `${OWN}/released/app`;
  await stack.putRow({ Source: source, Destination: 'docker.io/stranger/app' });
  await stack.waitUntilIdle();
  expect(await stateOf(source, '-')).toMatchObject({ State: 'Invalid' });
  expect(hub.state.repositories.has('stranger/app')).toBe(false);
  await stack.deleteRow(source);
});

it('mirrors outward what is pushed to the own registry', async () => {
  await stack.putRow({ Source: `${OWN}/released/app:1.0`, Destination: 'ghcr.io/example/app' });
  await stack.waitUntilIdle();
  const app = image({ seed: 'app' });
  await pushBuilt(own.address, 'released/app', app, ['1.0'], { authorization: authorization() });
  await stack.waitUntilIdle();
  expect((await readBack(partner, 'example/app', '1.0'))?.digest).toBe(app.root.descriptor.digest);
});
