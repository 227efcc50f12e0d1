import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { AttributeType, StreamViewType, Table, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { EcrMirror } from '../../lib/index';
import { image, pushBuilt } from '../../local/images';
import { readBack } from '../../local/read-back';
import { type RunningRegistry, startRegistry } from '../../local/registry';
import { type LocalStack, startStack } from '../../local/stack';

const OWN = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
const nginx = image({ seed: 'nginx' });

/** A table as another mirror has made it, and a mirror that knows no more of it than its ARNs. */
function synthesizeAdoption(outdir: string, stream: boolean): void {
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8')) as { context: Record<string, unknown> };
  const app = new App({ outdir, analyticsReporting: false, context, builtinCloudFormationValidation: false });
  const scope = new Stack(app, 'Adopting');
  const { tableArn, tableStreamArn } = new Table(scope, 'Other', {
    partitionKey: { name: 'Source', type: AttributeType.STRING },
    timeToLiveAttribute: 'Expires',
    ...(stream ? { stream: StreamViewType.NEW_AND_OLD_IMAGES } : {}),
  });
  new EcrMirror(scope, 'Mirror', {
    existingTable: TableV2.fromTableAttributes(scope, 'Table', { tableArn, ...(stream ? { tableStreamArn } : {}) }),
    allowedDestinations: [`${OWN}/**`],
  });
  app.synth();
}

describe.each([
  ['with a stream', true],
  ['without a stream', false],
])('the table of another mirror, %s', (_, stream) => {
  const folder = mkdtempSync(join(tmpdir(), 'adopted-'));
  let hub: RunningRegistry;
  let own: RunningRegistry;
  let stack: LocalStack;
  const digestOf = async (repository: string) => (await readBack(own, repository, '1.27.0'))?.digest;
  /** Of the invocations so far. */
  const triggers = () =>
    stack.logs.flatMap(({ text }) => (text.includes('"event":"trigger"') ? [JSON.parse(text).kind] : []));

  beforeAll(async () => {
    synthesizeAdoption(folder, stream);
    [hub, own] = await Promise.all([
      startRegistry({ personality: { kind: 'docker-hub' } }),
      startRegistry({
        personality: {
          kind: 'ecr',
          account: '111122223333',
          region: 'eu-west-1',
          repositories: ['team/nginx', 'team/expired'],
        },
      }),
    ]);
    await pushBuilt(hub.address, 'library/nginx', nginx, ['1.27.0']);
    stack = await startStack({ assembly: folder, registries: { 'docker.io': hub, [OWN]: own } });
    const seconds = Math.floor(Date.now() / 1000);
    const columns = { Team: 'platform', Reviewed: true, Tickets: 3, Contacts: new Set(['a', 'b']) };
    await stack.putRow({
      Source: 'docker.io/library/nginx:1.27.0',
      Destination: `${OWN}/team/nginx:1.27.0`,
      Expires: seconds + 86_400,
      ...columns,
    });
    await stack.putRow({
      Source: 'nginx:1.27.0',
      Destination: `${OWN}/team/expired:1.27.0`,
      Expires: seconds - 60,
      ...columns,
    });
    await stack.waitUntilIdle();
  }, 60_000);

  afterAll(async () => {
    await stack.stop();
    await Promise.all([hub.close(), own.close()]);
    rmSync(folder, { recursive: true });
  });

  it(stream ? 'has its rows mirrored when they change' : 'has its rows left alone until the schedule', async () => {
    expect(new Set(triggers())).toEqual(new Set(stream ? ['rows'] : []));
    expect(await digestOf('team/nginx')).toBe(stream ? nginx.root.descriptor.digest : undefined);
  });

  it('has its rows mirrored by the schedule, bit for bit, whatever columns they have', async () => {
    stack.runSchedule();
    await stack.waitUntilIdle();
    expect(await digestOf('team/nginx')).toBe(nginx.root.descriptor.digest);
    expect(await stack.copies()).toEqual([
      expect.objectContaining({ Source: 'docker.io/library/nginx:1.27.0', State: 'Mirrored' }),
    ]);
    expect([...stack.failures, ...stack.aws.unknown]).toEqual([]);
  });

  it('has no row mirrored that has expired, although it is still there', async () => {
    expect(await digestOf('team/expired')).toBeUndefined();
  });
});
