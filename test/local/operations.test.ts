import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { EcrMirror } from '../../lib/index';
import { image, pushBuilt } from '../../local/images';
import { type RunningRegistry, startRegistry } from '../../local/registry';
import { type LocalStack, startStack } from '../../local/stack';

const OWN = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
const folder = mkdtempSync(join(tmpdir(), 'operations-'));
const lines: string[] = [];
let hub: RunningRegistry;
let own: RunningRegistry;
let stack: LocalStack;

beforeAll(async () => {
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8')) as { context: Record<string, unknown> };
  const app = new App({ outdir: folder, analyticsReporting: false, context, builtinCloudFormationValidation: false });
  const scope = new Stack(app, 'Operated');
  new EcrMirror(scope, 'Mirror', {
    images: [{ source: 'docker.io/library/nginx:1.27.3', staleAfter: Duration.seconds(1) }],
    waitForImages: Duration.minutes(10),
    metrics: true,
    eventBus: EventBus.fromEventBusName(scope, 'Bus', 'default'),
  });
  app.synth();
  [hub, own] = await Promise.all([
    startRegistry({ personality: { kind: 'docker-hub' } }),
    startRegistry({ personality: { kind: 'ecr', account: '111122223333', region: 'eu-west-1' } }),
  ]);
  stack = await startStack({
    assembly: folder,
    registries: { 'docker.io': hub, [OWN]: own },
    onLine: ({ text }) => lines.push(text),
  });
  await stack.waitUntilIdle();
}, 60_000);

afterAll(async () => {
  await stack.stop();
  await Promise.all([hub.close(), own.close()]);
  rmSync(folder, { recursive: true });
});

/** As CDK's provider framework asks for the declared images. */
async function ask(handler: string): Promise<unknown> {
  const [resource] = stack.template.ofType('Custom::MirroredImages');
  const found = stack.template.ofType('AWS::Lambda::Function').find(({ properties }) => properties.Handler === handler);
  const request = { RequestType: 'Create', ResourceProperties: resource?.properties ?? {} };
  return stack.invoke(found?.ref ?? '', request);
}

/** What the controller has said of a figure, run by run. */
const figures = (name: string): readonly number[] =>
  lines
    .filter((line) => line.startsWith('{"_aws"'))
    .map((line) => JSON.parse(line)[name])
    .filter((value) => value !== undefined);

describe('an image that may not be behind for a second', () => {
  it('is overdue while its source has not got it', async () => {
    for (let runs = 0; runs < 20 && figures('Overdue').at(-1) !== 1; runs += 1) {
      stack.runSchedule();
      await stack.waitUntilIdle();
    }
    expect(figures('Overdue').at(-1)).toBe(1);
  }, 60_000);
});

describe('a stack that waits for its images', () => {
  it('has not what the source has not, and goes on when it has it', async () => {
    expect(await ask('index.arrived')).toMatchObject({ result: { IsComplete: false } });
    await pushBuilt(hub.address, 'library/nginx', image({ seed: 'nginx' }), ['1.27.3']);
    expect(await ask('index.begin')).toMatchObject({ result: {} });
    await stack.waitUntilIdle();
    expect(await ask('index.arrived')).toMatchObject({ result: { IsComplete: true } });
  }, 60_000);

  it('says figures in the logs of controller and worker, and tells the bus', async () => {
    const said = lines.filter((line) => line.startsWith('{"_aws"')).map((line) => JSON.parse(line));
    expect(said).toContainEqual(expect.objectContaining({ Deployment: 'Operated/Mirror', Checked: 1 }));
    expect(said).toContainEqual(expect.objectContaining({ Deployment: 'Operated/Mirror', Copied: 1 }));
    stack.runSchedule();
    await stack.waitUntilIdle();
    expect(figures('Overdue').at(-1)).toBe(0);
    const told = stack.aws.calls.filter(({ operation }) => operation === 'PutEvents');
    expect(told).toHaveLength(1);
    expect(told[0]?.input).toMatchObject({ Entries: [{ Source: 'ecr-mirror', DetailType: 'Image Mirrored' }] });
    expect(stack.aws.unknown).toEqual([]);
  });
});
