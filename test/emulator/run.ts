/** `npm run e2e:emulator`: the sample app, deployed into MiniStack and at work. Expects PYTHON, which `scripts/emulator.mjs` sets. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reason } from '../../engine/errors';
import { countActivity } from '../../local/activity';
import { makeNarrator, type Narrator } from '../../local/demo/narrator';
import { ecrPushEvent } from '../../local/ecr';
import { image, multiPlatform, pushBuilt } from '../../local/images';
import { readBack } from '../../local/read-back';
import { type RunningRegistry, startRegistry } from '../../local/registry';
import { type JsonMap, listOf, mapOf } from '../../local/template/value';
import { which } from '../real/needs';
import { startDockerRegistry } from '../real/registries';
import { assemblyFolder, deploySample } from './cdk';
import { type Deployed, readDeployed } from './deployed';
import { type Emulator, startEmulator } from './emulator';
import { type Beside, endpointsOf, registeredOf, sendEvent, startBeside, startJobs } from './jobs';
import { checkDeployed, states } from './read-back';
import { WAITING_REPOSITORY, waitForImages } from './waiting';

const PLACE = { account: '111122223333', region: 'eu-west-1' };
const OWN = `${PLACE.account}.dkr.ecr.${PLACE.region}.amazonaws.com`;
const ARRIVES_WITHIN = 60_000;
const LOOK_EVERY = 250;
const SDK = { AWS_EC2_METADATA_DISABLED: 'true', AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };

/** What is to be ended, the newest first. */
const endings: (() => unknown)[] = [];
const lines: string[] = [];

async function main(python: string): Promise<number> {
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  const narrator = makeNarrator(process.stdout, print);
  const folder = mkdtempSync(join(tmpdir(), 'emulator-'));
  endings.push(() => rmSync(folder, { recursive: true, force: true }));
  try {
    await tell(python, folder, narrator);
  } catch (error) {
    await narrator.check('the emulator goes on to the end', () => {
      throw error;
    });
  }
  if (narrator.wrong.length > 0) explain(folder, print);
  print(`emulator: ${narrator.checks} checks, ${narrator.wrong.length} failed`);
  return narrator.wrong.length === 0 ? 0 : 1;
}

async function tell(python: string, folder: string, narrator: Narrator): Promise<void> {
  const registries = await startRegistries();
  const { own } = registries;
  const beside = await startBeside(PLACE.account, PLACE.region, own);
  endings.push(() => beside.endpoint.close());
  const environment = {
    ...SDK,
    ...beside.environment,
    ...endpointsOf({
      'docker.io': registries.hub,
      'public.ecr.aws': registries.publicEcr,
      'ghcr.io': registries.partner,
      [OWN]: own,
    }),
  };
  // CDK's functions find the SDK where Lambda has it: beside the code.
  const modules = { NODE_PATH: join(process.cwd(), 'node_modules') };
  const emulator = await startEmulator({ python, ...PLACE, folder, environment: { ...environment, ...modules } });
  endings.push(() => emulator.stop());

  narrator.chapter('cdk bootstrap, cdk deploy');
  const outputs = mapOf(Object.values(await deploySample({ folder, endpoint: emulator.url, ...PLACE }))[0]);
  const deployed = await readDeployed(emulator, outputs);
  await checkDeployed(deployed, narrator);
  const activity = countActivity();
  const runner = startJobs({
    ...PLACE,
    emulator,
    activity,
    assembly: assemblyFolder(folder),
    surroundings: environment,
    onLine: (line) => lines.push(line),
  });
  endings.push(() => runner.stop());
  beside.runJobs(runner, registeredOf(deployed));
  await bringIn({ emulator, deployed, narrator, beside, registries });
  await bringOut({ emulator, deployed, narrator, beside, registries });
  await waitForImages({
    folder,
    endpoint: emulator.url,
    ...PLACE,
    narrator,
    ...registries,
    runJobs: async () => beside.runJobs(runner, registeredOf(await readDeployed(emulator, outputs))),
  });
}

type Registries = Awaited<ReturnType<typeof startRegistries>>;

interface Scene {
  readonly emulator: Emulator;
  readonly deployed: Deployed;
  readonly narrator: Narrator;
  readonly beside: Beside;
  readonly registries: Registries;
}

/** The partner's is a real one where that is installed. */
async function startRegistries() {
  const [hub, publicEcr] = [await startRegistry(), await startRegistry()];
  const own = await startRegistry({
    personality: {
      kind: 'ecr',
      ...PLACE,
      repositories: ['mirror/docker-hub/library/nginx', 'mirror/team/alpine', 'released/app', WAITING_REPOSITORY],
    },
  });
  for (const registry of [hub, publicEcr, own]) endings.push(() => registry.close());
  return { hub, publicEcr, own, partner: await startPartner() };
}

async function startPartner(): Promise<{ readonly address: string; readonly name: string }> {
  if (which('docker-registry') === undefined) {
    const embedded = await startRegistry();
    endings.push(() => embedded.close());
    return { address: embedded.address, name: 'an embedded registry' };
  }
  const real = await startDockerRegistry();
  endings.push(() => real.close());
  return { address: real.url, name: 'docker-registry' };
}

/** A row by hand through the stream, and the declared ones through an invocation. */
async function bringIn({ emulator, deployed, narrator, registries: { hub, own } }: Scene): Promise<void> {
  narrator.chapter('A row is added');
  const alpine = image({ seed: 'alpine' });
  const nginx = multiPlatform({ seed: 'nginx', attestations: true });
  await pushBuilt(hub.address, 'library/alpine', alpine, ['3.20']);
  await pushBuilt(hub.address, 'library/nginx', nginx, ['1.27.0', '1.24.0']);
  await putRow(emulator, deployed, {
    Source: 'docker.io/library/alpine:3.20',
    Destination: `${OWN}/mirror/team/alpine`,
  });
  await narrator.check('its image arrives, whole: table, stream, controller, job, worker, registry', () =>
    eventually(async () => {
      const found = await readBack(own, 'mirror/team/alpine', '3.20');
      return found?.digest === alpine.root.descriptor.digest;
    }),
  );
  await narrator.check('the table of copies says Mirrored', () =>
    eventually(async () => (await copiesOf(emulator, deployed)).get(`${OWN}/mirror/team/alpine:3.20`) === 'Mirrored'),
  );
  await emulator.call('lambda', `/2015-03-31/functions/${deployed.controller}/invocations`, { trigger: 'schedule' });
  await narrator.check('the declared images arrive when the schedule fires: those that were asked for', () =>
    eventually(async () => {
      const found = await readBack(own, 'mirror/docker-hub/library/nginx', '1.27.0');
      const older = await readBack(own, 'mirror/docker-hub/library/nginx', '1.24.0');
      return found?.digest === nginx.root.descriptor.digest && older === undefined;
    }),
  );
}

/** An event of Amazon ECR through the bus of the emulator. */
async function bringOut({ emulator, deployed, narrator, beside, registries: { own, partner } }: Scene): Promise<void> {
  narrator.chapter('An image is pushed to the own registry');
  await putRow(emulator, deployed, { Source: `${OWN}/released/app:1.0.0`, Destination: 'ghcr.io/example/app' });
  const app = image({ seed: 'app' });
  await pushBuilt(own.address, 'released/app', app, ['1.0.0'], ownerOf(own));
  const digest = app.root.descriptor.digest;
  const { mediaType } = app.root.descriptor;
  const push = { repository: 'released/app', digest, tag: '1.0.0', mediaType, time: Date.now() };
  const { detail } = ecrPushEvent(PLACE, push);
  await sendEvent(emulator, 'aws.ecr', 'ECR Image Action', detail);
  await narrator.check(`it arrives at the partner, ${partner.name}`, () =>
    eventually(async () => {
      const answer = await fetch(`${partner.address}/v2/example/app/manifests/${digest}`, {
        headers: { accept: mediaType },
      });
      return answer.ok;
    }),
  );
  await narrator.check('nothing was asked of AWS that nobody answers', () => beside.endpoint.unknown.length === 0);
}

function ownerOf({ ecr }: RunningRegistry): { authorization: string } {
  return { authorization: `Basic ${ecr?.authorizationToken().token}` };
}

async function putRow({ call }: Emulator, { mirrors }: Deployed, row: Readonly<Record<string, string>>): Promise<void> {
  const Item = Object.fromEntries(Object.entries(row).map(([name, value]) => [name, { S: value }]));
  await call('dynamodb', 'DynamoDB_20120810.PutItem', { TableName: mirrors, Item });
}

async function copiesOf({ call }: Emulator, { copies }: Deployed): Promise<ReadonlyMap<string, string>> {
  const { Items } = await call('dynamodb', 'DynamoDB_20120810.Scan', { TableName: copies });
  return states(listOf(Items).map(mapOf) as readonly JsonMap[]);
}

/** @throws Error when it does not hold within a minute */
async function eventually(holds: () => Promise<boolean>): Promise<boolean> {
  for (const deadline = Date.now() + ARRIVES_WITHIN; Date.now() < deadline; ) {
    if (await holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  }
  throw new Error(`not within ${ARRIVES_WITHIN / 1000} s`);
}

/** The end of the emulator's log and of the jobs' lines. */
function explain(folder: string, print: (line: string) => void): void {
  const log = readFileSync(join(folder, 'emulator.log'), 'utf8').trim().split('\n');
  for (const line of [...log.slice(-40), ...lines.slice(-20)]) print(`  | ${line}`);
}

async function end(): Promise<void> {
  for (const ending of endings.splice(0).reverse()) {
    await Promise.resolve()
      .then(ending)
      .catch((error) => process.stderr.write(`emulator: ${reason(error)}\n`));
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void end().then(() => process.exit(130)));
}
main(process.env.PYTHON ?? 'python3')
  .finally(end)
  .then(
    (code) => process.exit(code),
    (error) => {
      process.stderr.write(`emulator: ${reason(error)}\n`);
      process.exit(1);
    },
  );
