import { failuresOf, type Reply } from '../../lambda/reply';
import { parseReference as ref } from '../../lib/model/reference';
import { image, pushBuilt } from '../../local/images';
import { startMirror, type TestMirror } from '../aws/mirror';

let mirror: TestMirror;
beforeEach(async () => {
  mirror = await startMirror();
});
afterEach(() => mirror.close());

const row = (name: string, more: Record<string, unknown> = {}) => ({
  Source: `upstream.test/${name}:1`,
  Destination: `destination.test/mirror/${name}`,
  ...more,
});
const to = (name: string) => `destination.test/mirror/${name}:1`;

describe('a scheduled run', () => {
  it('leases what is missing, writes the work list and submits one job for all of it', async () => {
    await mirror.publish('app', '1', 'a');
    await mirror.publish('tool', '1', 'b');
    await mirror.put(row('app'), row('tool'));
    const reply = await mirror.call({});
    expect(reply).toMatchObject({
      trigger: 'schedule',
      rows: 2,
      copies: 2,
      jobs: ['job-0'],
      errors: [],
      continued: false,
    });
    expect(await mirror.copy('upstream.test/app:1', to('app'))).toMatchObject({
      State: 'Queued',
      Fence: 1,
      Lease: { Kind: 'queued' },
    });
    expect(mirror.submitted).toHaveLength(1);
  });

  it('does not submit again what waits for its job', async () => {
    await mirror.publish('app', '1', 'a');
    await mirror.put(row('app'));
    await mirror.call({});
    expect(await mirror.call({})).toMatchObject({ copies: 0, jobs: [], skipped: { 'in-progress': 1 } });
  });

  it('submits once what two runs plan at the same time', async () => {
    await mirror.publish('app', '1', 'a');
    await mirror.put(row('app'));
    const replies = await Promise.all([mirror.call({}), mirror.call({}), mirror.call({})]);
    expect(replies.reduce((sum, { copies }) => sum + copies, 0)).toBe(1);
  });

  it('copies nothing when nothing has changed, and says why', async () => {
    const digest = await mirror.publish('app', '1', 'a');
    await mirror.put(row('app'));
    await mirror.call({});
    expect(await mirror.runSubmitted()).toEqual([0]);
    expect(await mirror.copy('upstream.test/app:1', to('app'))).toMatchObject({ State: 'Mirrored', Digest: digest });
    expect(await mirror.call({})).toMatchObject({ copies: 0, jobs: [], skipped: { 'up-to-date': 1 } });
  });

  it('copies just the tag that moved upstream', async () => {
    await mirror.publish('app', '1', 'a');
    await mirror.publish('tool', '1', 'b');
    await mirror.put(row('app'), row('tool'));
    await mirror.call({});
    await mirror.runSubmitted();
    const moved = await mirror.publish('app', '1', 'c');
    expect(await mirror.call({})).toMatchObject({ copies: 1, skipped: { 'up-to-date': 1 } });
    expect(await mirror.runSubmitted()).toEqual([0]);
    expect(await mirror.copy('upstream.test/app:1', to('app'))).toMatchObject({ State: 'Mirrored', Digest: moved });
  });

  it('writes down what it finds mirrored already', async () => {
    await mirror.publish('app', '1', 'a');
    await mirror.put(row('app'));
    await mirror.run({ kind: 'single', source: ref('upstream.test/app:1'), destinations: [ref(to('app'))] }, 'by-hand');
    mirror.clock.advance(3600);
    expect(await mirror.call({})).toMatchObject({ copies: 0, skipped: { 'up-to-date': 1 } });
    expect(await mirror.copy('upstream.test/app:1', to('app'))).toMatchObject({ State: 'Mirrored' });
  });

  it('leaves rows alone that are not due by their own schedule', async () => {
    await mirror.publish('app', '1', 'a');
    await mirror.put(row('app', { Every: '6h' }));
    expect(await mirror.call({})).toMatchObject({ copies: 1 });
    mirror.clock.advance(3 * 3600);
    expect(await mirror.call({})).toMatchObject({ copies: 0, skipped: { 'not-due': 1 } });
    mirror.clock.advance(3 * 3600 + 1);
    expect(await mirror.call({})).toMatchObject({ copies: 1 });
  });

  it('reports each bad row on its own item while the others go on, and clears it when it is mended', async () => {
    await mirror.publish('app', '1', 'a');
    await mirror.put(
      row('app'),
      row('typo', { Destinatoin: 'x' }),
      row('forbidden', { Destination: 'stranger.test/app' }),
      row('missing'),
      { Source: 'upstream.test/one:1', Destination: 'destination.test/same:1' },
      { Source: 'upstream.test/two:1', Destination: 'destination.test/same:1' },
    );
    await mirror.publish('one', '1', '1');
    await mirror.publish('two', '1', '2');
    const reply = await mirror.call({});
    expect(reply).toMatchObject({
      rows: 6,
      copies: 1,
      skipped: { invalid: 1, 'not-allowed': 1, 'source-failed': 1, contested: 2 },
    });
    const item = (name: string) => mirror.copy(`upstream.test/${name}:1`, '-');
    expect(await item('typo')).toMatchObject({ State: 'Invalid', Error: expect.stringContaining('Destinatoin') });
    expect(await item('forbidden')).toMatchObject({
      State: 'Invalid',
      Error: expect.stringContaining('stranger.test'),
    });
    expect(await item('missing')).toMatchObject({ State: 'Failed', Error: expect.stringContaining('missing') });
    expect(await item('one')).toMatchObject({
      State: 'Invalid',
      Error: expect.stringContaining('upstream.test/two:1'),
    });
    expect(await item('two')).toMatchObject({
      State: 'Invalid',
      Error: expect.stringContaining('upstream.test/one:1'),
    });
    expect(await item('app')).toBeUndefined();

    await mirror.put(row('typo'));
    await mirror.publish('typo', '1', 't');
    await mirror.call({});
    expect(await item('typo')).not.toHaveProperty('State');
  });

  it('says of every row that nothing answers what would not answer', async () => {
    await mirror.put({ Source: 'gone.test/app:1', Destination: 'destination.test/app' });
    expect(await mirror.call({})).toMatchObject({
      notes: [{ reason: 'source-failed', detail: expect.stringContaining('gone.test') }],
    });
  });

  it('gives its leases back when no job can be submitted, says so, and fails in the end', async () => {
    await mirror.publish('app', '1', 'a');
    await mirror.put(row('app'));
    mirror.refuseJobs = 'the queue is disabled';
    const reply = await mirror.call({});
    expect(reply).toMatchObject({ copies: 0, jobs: [], errors: [expect.stringContaining('the queue is disabled')] });
    const item = await mirror.copy('upstream.test/app:1', to('app'));
    expect(item).toMatchObject({ State: 'Failed', Error: expect.stringContaining('the queue is disabled') });
    expect(item).not.toHaveProperty('Lease');
    mirror.refuseJobs = undefined;
    expect(await mirror.call({})).toMatchObject({ copies: 1 });
  });
});

describe('a run with little time', () => {
  beforeEach(async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      await mirror.publish(name, '1', name);
      await mirror.put(row(name));
    }
    mirror.rowsAtOnce = 2;
  });

  it('hands the rest to a new invocation, and all rows are done once', async () => {
    // The first answer is for the plan's time-out; then one before each further lot.
    mirror.remaining = [900_000, 59_000];
    const first = await mirror.call({});
    expect(first).toMatchObject({ rows: 2, copies: 2, continued: true });
    expect(mirror.handedOver).toHaveLength(1);
    const second = await mirror.call(mirror.handedOver[0]);
    expect(second).toMatchObject({ rows: 3, copies: 3, continued: false, run: first.run });
    expect(new Set(await mirror.runSubmitted())).toEqual(new Set([0]));
    expect((await mirror.copies()).map(({ State }) => State)).toEqual(Array(5).fill('Mirrored'));
  });

  it('begins a lot anew with half the rows when planning did not end in time', async () => {
    mirror.remaining = [0];
    await mirror.call({});
    expect(await mirror.copies()).toEqual([]);
    expect(mirror.handedOver).toMatchObject([{ continue: { hops: 1, rows: 1 } }]);
  });

  it('hands on what failed, so that the last invocation fails for it and no other is tried again', async () => {
    mirror.rowsAtOnce = 1;
    mirror.remaining = [0];
    const first = await mirror.call({});
    expect(first).toMatchObject({ continued: true, errors: [expect.stringContaining('takes longer to plan')] });
    expect(failuresOf(first as Reply)).toEqual([]);
    mirror.remaining = [900_000];
    const last = await mirror.call(mirror.handedOver[0]);
    expect(last).toMatchObject({ rows: 4, copies: 4, continued: false });
    expect(failuresOf(last as Reply)).toEqual((first as Reply).errors);
  });

  it('leases no more than it can still submit, and leaves the others to a new invocation', async () => {
    mirror.rowsAtOnce = 5;
    // For the plan's time-out, and before each lease.
    mirror.remaining = [900_000, 900_000, 900_000, 59_000, 59_000, 59_000];
    expect(await mirror.call({})).toMatchObject({ copies: 2, jobs: ['job-0'], continued: true });
    const rest = await mirror.call(mirror.handedOver[0]);
    expect(rest).toMatchObject({ copies: 3, jobs: ['job-1'], skipped: { 'in-progress': 2 }, continued: false });
    expect(new Set(await mirror.runSubmitted())).toEqual(new Set([0]));
    expect((await mirror.copies()).map(({ State }) => State)).toEqual(Array(5).fill('Mirrored'));
  });

  it('goes back to the first lot whose copies were left when it submits those of several', async () => {
    // For the plan's time-out, before two lots, before each lease.
    mirror.remaining = [900_000, 900_000, 900_000, 900_000, 900_000, 900_000, 0, 0];
    expect(await mirror.call({})).toMatchObject({ rows: 5, copies: 3, continued: true });
    expect(await mirror.call(mirror.handedOver[0])).toMatchObject({ rows: 5, copies: 2, continued: false });
  });

  it('leaves what it found to a new invocation when there is no time to write it', async () => {
    mirror.rowsAtOnce = 5;
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      await pushBuilt(mirror.destination.address, `mirror/${name}`, image({ seed: name }), ['1']);
    }
    mirror.remaining = [900_000, 89_000];
    expect(await mirror.call({})).toMatchObject({ rows: 0, continued: true });
    expect(await mirror.copies()).toEqual([]);
    expect(await mirror.call(mirror.handedOver[0])).toMatchObject({ skipped: { 'up-to-date': 5 }, continued: false });
    expect((await mirror.copies()).map(({ State }) => State)).toEqual(Array(5).fill('Mirrored'));
  });

  it('does not go on for ever', async () => {
    mirror.remaining = [900_000, 0];
    const reply = await mirror.call({ continue: { hops: 199, run: 'r' } });
    expect(reply).toMatchObject({ continued: false, errors: [expect.stringContaining('200 invocations')] });
    expect(mirror.handedOver).toEqual([]);
  });

  it('submits one job for what is found in all lots', async () => {
    expect(await mirror.call({})).toMatchObject({ rows: 5, copies: 5, jobs: ['job-0'] });
    expect(await mirror.runSubmitted()).toEqual([0]);
    expect((await mirror.copies()).map(({ State }) => State)).toEqual(Array(5).fill('Mirrored'));
  });
});

describe('rows by name', () => {
  it('are mirrored at once, whatever their own schedule, and only they', async () => {
    await mirror.publish('app', '1', 'a');
    await mirror.put(row('app', { Every: '6h' }), row('other'));
    await mirror.call({ sources: ['upstream.test/app:1'] });
    await mirror.runSubmitted();
    await mirror.publish('app', '1', 'b');
    expect(await mirror.call({ sources: ['upstream.test/app:1'] })).toMatchObject({ rows: 1, copies: 1 });
  });

  it('are refused for a destination that a row not named writes', async () => {
    await mirror.publish('app', '1', 'a');
    await mirror.put(row('app'), { Source: 'upstream.test/rival:1', Destination: to('app') });
    expect(await mirror.call({ sources: ['upstream.test/app:1'] })).toMatchObject({ skipped: { contested: 1 } });
  });

  it('that were changed are mirrored, and of one that was removed nothing is said any more', async () => {
    await mirror.publish('app', '1', 'a');
    await mirror.put(row('app'), row('bad', { Destination: 'stranger.test/app' }));
    const record = (eventName: string, name: string) => ({
      eventName,
      dynamodb: { Keys: { Source: { S: `upstream.test/${name}:1` } } },
    });
    const Records = [record('INSERT', 'app'), record('INSERT', 'bad')];
    expect(await mirror.call({ Records })).toMatchObject({ rows: 2, copies: 1, trigger: 'changed rows' });
    expect(await mirror.copy('upstream.test/bad:1', '-')).toMatchObject({ State: 'Invalid' });
    await mirror.remove('upstream.test/bad:1');
    expect(await mirror.call({ Records: [record('REMOVE', 'bad')] })).toMatchObject({ rows: 0, copies: 0 });
    expect(await mirror.copy('upstream.test/bad:1', '-')).not.toHaveProperty('State');
  });
});

describe('a dry run', () => {
  it('says what would be copied and what not, and writes nothing', async () => {
    const digest = await mirror.publish('app', '1', 'a');
    await mirror.put(row('app'), row('paused', { Paused: true }));
    expect(await mirror.call({ dryRun: true })).toEqual({
      dryRun: true,
      copies: [
        {
          source: `upstream.test/app:1@${digest}`,
          digest,
          destinations: [{ to: to('app'), why: 'missing' }],
        },
      ],
      skipped: [{ mirror: 'upstream.test/paused:1', reason: 'paused' }],
      left: 0,
    });
    expect(await mirror.copies()).toEqual([]);
    expect(mirror.submitted).toEqual([]);
  });
});

describe('an ECR push', () => {
  const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
  const push = (repository: string, tag: string) => ({
    'detail-type': 'ECR Image Action',
    account: '123456789012',
    region: 'eu-west-1',
    detail: { result: 'SUCCESS', 'action-type': 'PUSH', 'repository-name': repository, 'image-tag': tag },
  });

  it('concerns the rows of that repository and tag, whichever of its hosts they name', async () => {
    await mirror.put(
      { Source: `${HOST}/team/app:1`, Destination: 'destination.test/a' },
      { Source: '123456789012.dkr-ecr.eu-west-1.on.aws/team/app:1', Destination: 'destination.test/b' },
      { Source: `${HOST}/team/app`, Tags: { Include: ['1*'] }, Destination: 'destination.test/c' },
      { Source: `${HOST}/team/app:2`, Destination: 'destination.test/d' },
      { Source: `${HOST}/team/other:1`, Destination: 'destination.test/e' },
      { Source: '123456789012.dkr.ecr.eu-west-2.amazonaws.com/team/app:1', Destination: 'destination.test/f' },
    );
    // Nobody answers at these hosts here: what counts is which rows were asked for.
    mirror.permissions = { ...mirror.permissions, destinations: ['destination.test/z/**'] };
    expect(await mirror.call(push('team/app', '1'))).toMatchObject({ trigger: 'push', rows: 3 });
  });

  it('concerns the rows that pin what was pushed, and no other digest', async () => {
    const [pushed, other] = ['a', 'b'].map((letter) => `sha256:${letter.repeat(64)}`);
    await mirror.put(
      { Source: `${HOST}/team/app@${pushed}`, Destination: 'destination.test/a' },
      { Source: `${HOST}/team/app@${other}`, Destination: 'destination.test/b' },
    );
    mirror.permissions = { ...mirror.permissions, destinations: ['destination.test/z/**'] };
    const event = push('team/app', '1');
    const detail = { ...event.detail, 'image-digest': pushed };
    expect(await mirror.call({ ...event, detail })).toMatchObject({ trigger: 'push', rows: 1 });
    expect(await mirror.call(event)).toEqual({ ignored: 'no row mirrors team/app:1' });
  });

  it('of an image that nothing mirrors is ignored, such as a push of our own', async () => {
    await mirror.put({ Source: 'upstream.test/app:1', Destination: `${HOST}/mirror/app` });
    expect(await mirror.call(push('mirror/app', '1'))).toEqual({ ignored: 'no row mirrors mirror/app:1' });
  });
});

describe('a job event', () => {
  const failed = (jobId: string, plan: string | undefined, more: Record<string, unknown> = {}) => ({
    'detail-type': 'Batch Job State Change',
    detail: { jobId, status: 'FAILED', statusReason: 'Host died', parameters: { plan }, ...more },
  });
  const plan = () => mirror.submitted[0]?.parameters.plan;

  it('of a job that never spoke for itself fails its copies, which may then be planned again', async () => {
    await mirror.publish('app', '1', 'a');
    await mirror.put(row('app'));
    await mirror.call({});
    expect(await mirror.call(failed('job-0', plan()))).toEqual({ job: 'job-0', copies: 1 });
    expect(await mirror.copy('upstream.test/app:1', to('app'))).toMatchObject({
      State: 'Failed',
      Error: 'job job-0: Host died',
      Job: 'job-0',
    });
    expect(await mirror.call({})).toMatchObject({ copies: 1 });
  });

  it('that comes after the copies were recorded changes nothing', async () => {
    await mirror.publish('app', '1', 'a');
    await mirror.put(row('app'));
    await mirror.call({});
    await mirror.runSubmitted();
    expect(await mirror.call(failed('job-0', plan()))).toEqual({ job: 'job-0', copies: 0 });
    expect(await mirror.copy('upstream.test/app:1', to('app'))).toMatchObject({ State: 'Mirrored' });
  });

  it('of an array as a whole fails what none of its children did', async () => {
    await mirror.publish('app', '1', 'a');
    await mirror.put(row('app'));
    await mirror.call({});
    expect(await mirror.call(failed('job-0', plan(), { arrayProperties: { size: 2 } }))).toMatchObject({ copies: 1 });
  });

  it('of a plan that is gone, or of somebody else, changes nothing', async () => {
    expect(await mirror.call(failed('job-0', 'long-gone'))).toEqual({ job: 'job-0', copies: 0 });
    expect(await mirror.call(failed('job-0', undefined))).toEqual({ job: 'job-0', copies: 0 });
  });

  it('of a blocked queue says on the copies what they wait for', async () => {
    await mirror.publish('app', '1', 'a');
    await mirror.put(row('app'));
    await mirror.call({});
    const event = { ...failed('job-0', plan()), 'detail-type': 'Batch Job Queue Blocked' };
    expect(await mirror.call(event)).toMatchObject({ copies: 1 });
    expect(await mirror.copy('upstream.test/app:1', to('app'))).toMatchObject({
      State: 'Queued',
      Error: 'job job-0 cannot start: Host died',
    });
  });
});

describe('a run that an invocation before began', () => {
  it('goes on from the row that it was handed, or does the rows that were left', async () => {
    for (const name of ['a', 'b', 'c']) await mirror.publish(name, '1', name);
    await mirror.put(row('a'), row('b'), row('c'));
    const handed = { run: 'r', hops: 1, onSchedule: true };
    expect(await mirror.call({ continue: { ...handed, sources: ['upstream.test/b:1'] } })).toMatchObject({ copies: 1 });
    expect(await mirror.call({ continue: handed })).toMatchObject({ copies: 2, skipped: { 'in-progress': 1 } });
  });
});

describe('what is not for the controller to do', () => {
  it.each([
    [{ 'detail-type': 'ECR Image Action', detail: { 'action-type': 'DELETE', result: 'SUCCESS' } }, /DELETE/],
    [{ 'detail-type': 'Batch Job State Change', detail: { status: 'RUNNABLE' } }, /RUNNABLE/],
    [{ Records: [{ eventName: 'INSERT', dynamodb: { Keys: { Other: { S: 'x' } } } }] }, /no row/],
  ])('is left alone, and it says why: %j', async (event, why) => {
    expect(await mirror.call(event)).toEqual({ ignored: expect.stringMatching(why) });
    expect(mirror.submitted).toEqual([]);
  });
});

describe('a dry run that is asked for much or little', () => {
  it('of named rows plans these alone', async () => {
    for (const name of ['a', 'b']) await mirror.publish(name, '1', name);
    await mirror.put(row('a'), row('b'), row('c', { Paused: true }));
    expect(await mirror.call({ dryRun: true, sources: ['upstream.test/b:1', 'upstream.test/c:1'] })).toMatchObject({
      copies: [
        { source: expect.stringContaining('upstream.test/b:1'), destinations: [{ to: to('b'), why: 'missing' }] },
      ],
      skipped: [{ mirror: 'upstream.test/c:1', reason: 'paused' }],
      left: 0,
    });
    expect(mirror.submitted).toEqual([]);
  });

  it('shows a thousand of each, and says how many it does not', async () => {
    await mirror.publish('app', '1', 'a');
    const many = (name: string, more: object) =>
      Array.from({ length: 1003 }, (_, n) => ({ Source: `${name} ${n}`, From: 'upstream.test/app:1', ...more }));
    await mirror.put(
      ...many('paused', { Paused: true, Destination: 'destination.test/mirror/p' }),
      ...many('wanted', {}).map((one, n) => ({
        ...one,
        Destination: `destination.test/mirror/x-${n}`,
        ArtifactTypes: [`a/b${n}`],
      })),
    );
    const { copies, skipped, left } = (await mirror.call({ dryRun: true })) as {
      copies: [];
      skipped: [];
      left: number;
    };
    expect([copies.length, skipped.length, left]).toEqual([1000, 1000, 6]);
  });
});
