import { acquire } from '../../aws/leases';
import { noteJob, writeWorkList } from '../../aws/work-lists';
import { failuresOf, type Reply } from '../../lambda/reply';
import { parseDigest } from '../../lib/model/digest';
import { parseReference } from '../../lib/model/reference';
import type { Service } from '../../local/aws/endpoint';
import { AwsError } from '../../local/aws/error';
import type { AwsCall } from '../../local/aws/protocol';
import { mapOf } from '../../local/template/value';
import { startMirror, type TestMirror } from '../aws/mirror';
import { imageAt } from '../aws/values';

let mirror: TestMirror;
/** Which calls of DynamoDB are refused. */
let refused: (call: AwsCall) => boolean;

beforeEach(async () => {
  refused = () => false;
  const dynamoDb =
    (real: Service): Service =>
    (call) => {
      if (refused(call)) throw new AwsError('ProvisionedThroughputExceededException', 'Rate exceeded');
      return real(call);
    };
  mirror = await startMirror({ dynamoDb });
});
afterEach(() => mirror.close());

const row = (name: string, more: Record<string, unknown> = {}) => ({
  Source: `upstream.test/${name}:1`,
  Destination: `destination.test/mirror/${name}`,
  ...more,
});
const item = (name: string) => mirror.copy(`upstream.test/${name}:1`, `destination.test/mirror/${name}:1`);

describe('what a run leased that died', () => {
  const leasedByTheDead = async (name: string) => {
    const digest = await mirror.publish(name, '1', name);
    await mirror.put(row(name));
    const source = imageAt(`upstream.test/${name}:1`, parseDigest(digest));
    const pair = { source, destination: parseReference(`destination.test/mirror/${name}:1`), why: 'missing' as const };
    await acquire(mirror.stack.copies, pair, 'dead', mirror.clock.now());
  };

  it('before it had a job is taken over by the next run, when no invocation can be at it any more', async () => {
    await leasedByTheDead('app');
    mirror.clock.advance(19 * 60);
    expect(await mirror.call({})).toMatchObject({ copies: 0, skipped: { 'in-progress': 1 } });
    mirror.clock.advance(2 * 60);
    expect(await mirror.call({})).toMatchObject({ copies: 1 });
    expect(await mirror.runSubmitted()).toEqual([0]);
  });

  it('and had a job for is left to that', async () => {
    await leasedByTheDead('app');
    await writeWorkList(mirror.stack.copies, 'dead', [{ group: 0, chunk: 0, text: '' }], mirror.clock);
    await noteJob(mirror.stack.copies, 'dead', 'job-of-the-dead');
    mirror.clock.advance(60 * 60);
    expect(await mirror.call({})).toMatchObject({ copies: 0, skipped: { 'in-progress': 1 } });
  });

  it('is asked about once for each plan, however many copies wait for it', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await leasedByTheDead(name);
    mirror.clock.advance(60 * 60);
    const before = mirror.stack.endpoint.calls.length;
    expect(await mirror.call({})).toMatchObject({ copies: 4 });
    const asked = mirror.stack.endpoint.calls
      .slice(before)
      .filter(({ operation, input }) => operation === 'GetItem' && JSON.stringify(input).includes('plan#dead'));
    expect(asked).toHaveLength(1);
  });
});

describe('a row with a schedule of its own', () => {
  it('is looked at by the next run when its copies got no job', async () => {
    await mirror.publish('app', '1', 'a');
    await mirror.put(row('app', { Every: '6h' }));
    mirror.refuseJobs = 'the queue is disabled';
    expect(await mirror.call({})).toMatchObject({ copies: 0 });
    mirror.refuseJobs = undefined;
    expect(await mirror.call({})).toMatchObject({ copies: 1 });
    expect(await mirror.call({})).toMatchObject({ skipped: { 'not-due': 1 } });
  });

  it('is looked at by the invocation that goes on when time did not suffice for its copies', async () => {
    await mirror.publish('app', '1', 'a');
    await mirror.put(row('app', { Every: '6h' }));
    // For the plan's time-out, then before the lease.
    mirror.remaining = [900_000, 0];
    expect(await mirror.call({})).toMatchObject({ copies: 0, continued: true });
    expect(await mirror.call(mirror.handedOver[0])).toMatchObject({ copies: 1, continued: false });
  });

  it('that was mended is no longer said to be wrong, though its copies got no job', async () => {
    await mirror.put(row('app', { Every: '6h' }));
    await mirror.call({});
    expect(await mirror.copy('upstream.test/app:1', '-')).toMatchObject({ State: 'Failed' });
    await mirror.publish('app', '1', 'a');
    mirror.refuseJobs = 'the queue is disabled';
    await mirror.call({});
    expect(await mirror.copy('upstream.test/app:1', '-')).not.toHaveProperty('State');
    mirror.refuseJobs = undefined;
    expect(await mirror.call({})).toMatchObject({ copies: 1 });
  });
});

it('an invocation that is told twice to go on writes over no work list', async () => {
  await mirror.publish('app', '1', 'a');
  await mirror.put(row('app'));
  await mirror.call({ continue: { hops: 1, run: 'r' } });
  await mirror.publish('tool', '1', 'b');
  await mirror.put(row('tool'));
  expect(await mirror.call({ continue: { hops: 1, run: 'r' } })).toMatchObject({
    skipped: { 'in-progress': 1 },
    copies: 1,
  });
  expect(await mirror.runSubmitted()).toEqual([0, 0]);
  expect((await mirror.copies()).map(({ State }) => State)).toEqual(['Mirrored', 'Mirrored']);
});

it('an invocation that has handed on does not fail because its run could not be written down', async () => {
  await mirror.publish('app', '1', 'a');
  await mirror.put(row('app'));
  refused = ({ operation }) => operation === 'PutItem';
  mirror.remaining = [900_000, 0];
  const reply: Reply = await mirror.call({});
  expect(reply).toMatchObject({ continued: true, errors: [expect.stringContaining('write run: Provisioned')] });
  expect(failuresOf(reply)).toEqual([]);
  const last: Reply = await mirror.call({ continue: { hops: 1, run: reply.run } });
  expect(failuresOf(last)).toHaveLength(1);
});

it('a copy that cannot be given up, for want of a job, keeps no other from being given up', async () => {
  for (const name of ['a', 'b', 'c']) {
    await mirror.publish(name, '1', name);
    await mirror.put(row(name));
  }
  mirror.refuseJobs = 'the queue is disabled';
  let turn = 0;
  refused = ({ input }) => ':failed' in mapOf(input.ExpressionAttributeValues) && turn++ === 0;
  const reply = await mirror.call({});
  expect(reply).toMatchObject({ errors: [expect.stringContaining('the queue is disabled')] });
  const states = await Promise.all(['a', 'b', 'c'].map(async (name) => (await item(name))?.State));
  expect(states.sort()).toEqual(['Failed', 'Failed', 'Queued']);
});
