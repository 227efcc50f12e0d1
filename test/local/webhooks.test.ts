import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { EcrMirror, WebhookSource } from '../../lib/index';
import { secretNamed } from '../../local/canary';
import { image, pushBuilt } from '../../local/images';
import { readBack } from '../../local/read-back';
import { type RunningRegistry, startRegistry } from '../../local/registry';
import { type LocalStack, startStack } from '../../local/stack';

/** Webhooks on a machine, by the bundles of a synthesized template: from the request at the URL to the image in its repository. */
const PLACE = { account: '111122223333', region: 'eu-west-1' };
const OWN = `${PLACE.account}.dkr.ecr.${PLACE.region}.amazonaws.com`;
const ARN = `arn:aws:secretsmanager:${PLACE.region}:${PLACE.account}:secret:github-AbCdEf`;
const SECRET = secretNamed('GitHub');
const NAME = 'mirror/ghcr/our-org/app';
const folder = mkdtempSync(join(tmpdir(), 'webhooks-'));
let ghcr: RunningRegistry;
let own: RunningRegistry;
let stack: LocalStack;

const publish = async (name: string, tag: string, seed: string) => {
  const built = image({ seed });
  await pushBuilt(ghcr.address, `our-org/${name}`, built, [tag]);
  return built.root.descriptor.digest;
};

/** What GitHub sends when an image was pushed. */
function pushed(name: string, tag: string, { secret = SECRET, delivery = '1' } = {}) {
  const body = JSON.stringify({
    action: 'published',
    delivery,
    package: {
      name,
      namespace: 'our-org',
      package_type: 'CONTAINER',
      package_version: { container_metadata: { tag: { name: tag } } },
    },
  });
  return {
    rawPath: '/ghcr',
    headers: {
      'x-github-event': 'package',
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    },
    requestContext: { http: { method: 'POST' } },
    body,
    isBase64Encoded: false,
  };
}

const taker = () => {
  const found = stack.template.ofType('AWS::Lambda::Url')[0];
  if (found === undefined) throw new Error('the template has no URL');
  return found.ref;
};
const send = async (request: object) => {
  const invocation = await stack.invoke(taker(), { ...request });
  return 'result' in invocation ? (invocation.result as { statusCode: number }).statusCode : invocation.error;
};
const submitted = () =>
  stack.aws.calls.filter(({ service, operation }) => service === 'batch' && operation === 'submitjob');
const kept = async () => {
  const table = stack.template.ofType('AWS::DynamoDB::GlobalTable').find(({ id }) => id.includes('Webhooks'));
  return stack.aws.calls.filter(
    ({ service, operation, input, error }) =>
      service === 'dynamodb' &&
      operation === 'PutItem' &&
      (input as { TableName?: string }).TableName === table?.ref &&
      error === undefined,
  );
};

beforeAll(async () => {
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8'));
  const app = new App({ outdir: folder, context, analyticsReporting: false, builtinCloudFormationValidation: false });
  const deployed = new Stack(app, 'Webhooks', { env: PLACE });
  new EcrMirror(deployed, 'Mirror', {
    webhooks: { sources: [WebhookSource.ghcr({ secret: Secret.fromSecretCompleteArn(deployed, 'Secret', ARN) })] },
  });
  app.synth();
  ghcr = await startRegistry();
  own = await startRegistry({ personality: { kind: 'ecr', ...PLACE } });
  for (const name of ['app', 'tool']) {
    await publish(name, '1', name);
    own.state.create(`mirror/ghcr/our-org/${name}`);
  }
  const registries = { 'ghcr.io': ghcr, [OWN]: own };
  stack = await startStack({ assembly: folder, ...PLACE, registries, secrets: { [ARN]: SECRET } });
  await stack.putRow({ Source: 'ghcr.io/our-org/app:1', Every: '7d' });
  await stack.putRow({ Source: 'ghcr.io/our-org/tool:1' });
  await stack.waitUntilIdle();
}, 60_000);

afterAll(async () => {
  await stack?.stop();
  await own?.close();
  await ghcr?.close();
  rmSync(folder, { recursive: true, force: true });
});

it('mirrors just what was pushed, whatever the schedule of its row', async () => {
  const digest = await publish('app', '1', 'app, once more');
  await publish('tool', '1', 'tool, once more');
  const before = submitted().length;
  expect(await send(pushed('app', '1'))).toBe(202);
  await stack.waitUntilIdle();
  expect((await readBack(own, NAME, '1'))?.digest).toBe(digest);
  expect(submitted()).toHaveLength(before + 1);
}, 60_000);

it('does nothing for a replay, for what is not registered, and for what is unsigned, wrongly signed or too large', async () => {
  const before = submitted().length;
  expect(await send(pushed('app', '1'))).toBe(202);
  expect(await send(pushed('app', '2'))).toBe(202);
  expect(await send(pushed('other', '1'))).toBe(202);
  expect(await send(pushed('app', '1', { secret: 'some-other-secret', delivery: '2' }))).toBe(401);
  const { headers: _, ...unsigned } = pushed('app', '1', { delivery: '3' });
  expect(await send(unsigned)).toBe(401);
  expect(await send({ ...unsigned, rawPath: `/ghcr/${SECRET}` })).toBe(401);
  expect(await send(pushed('app', '1', { delivery: 'x'.repeat(256 * 1024) }))).toBe(413);
  await stack.waitUntilIdle();
  expect(submitted()).toHaveLength(before);
}, 60_000);

it('keeps all of a thousand webhooks, and makes one job of them', async () => {
  const digest = await publish('app', '1', 'app, a last time');
  const before = submitted().length;
  const earlier = (await kept()).length;
  const numbers = Array.from({ length: 1_000 }, (_, number) => number);
  for (let at = 0; at < numbers.length; at += 100) {
    const answers = await Promise.all(
      numbers.slice(at, at + 100).map((number) => send(pushed('app', '1', { delivery: `storm ${number}` }))),
    );
    expect(new Set(answers)).toEqual(new Set([202]));
  }
  await stack.waitUntilIdle(240_000);
  expect((await kept()).length - earlier).toBe(1_000);
  expect((await readBack(own, NAME, '1'))?.digest).toBe(digest);
  expect(submitted()).toHaveLength(before + 1);
  expect(stack.failures).toEqual([]);
}, 300_000);
