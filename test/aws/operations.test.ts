import { acquire, start } from '../../aws/leases';
import { emfMetrics } from '../../aws/metrics';
import { parseReference } from '../../lib/model/reference';
import { startMirror, type TestMirror } from './mirror';
import { imageAt } from './values';

let mirror: TestMirror;
beforeEach(async () => {
  mirror = await startMirror();
});
afterEach(() => mirror.close());

/** As AWS Batch says it. */
const ended = (job: string) => ({
  'detail-type': 'Batch Job State Change',
  detail: {
    status: 'FAILED',
    jobId: job,
    statusReason: 'Host EC2 terminated',
    parameters: mirror.submitted[Number(job.slice('job-'.length))]?.parameters,
  },
});
const row = (name: string) => ({ Source: `upstream.test/${name}:1`, Destination: `destination.test/mirror/${name}` });

describe('figures', () => {
  it('are a line from which CloudWatch makes metrics with one dimension', () => {
    const lines: string[] = [];
    emfMetrics('App/Mirror', mirror.clock, (line) => lines.push(line))({ Copied: 2, Bytes: 10 });
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        _aws: {
          Timestamp: mirror.clock.now(),
          CloudWatchMetrics: [
            {
              Namespace: 'EcrMirror',
              Dimensions: [['Deployment']],
              Metrics: [
                { Name: 'Copied', Unit: 'Count' },
                { Name: 'Bytes', Unit: 'Bytes' },
              ],
            },
          ],
        },
        Deployment: 'App/Mirror',
        Copied: 2,
        Bytes: 10,
      },
    ]);
  });

  it('are no line when there are none', () => {
    const lines: string[] = [];
    emfMetrics('App/Mirror', mirror.clock, (line) => lines.push(line))({});
    expect(lines).toEqual([]);
  });

  it('say what a run looked at and a job copied', async () => {
    await mirror.publish('app', '1', 'a');
    await mirror.put(row('app'), row('missing'), { Source: 'x:1', Destination: 7 });
    await mirror.call({});
    await mirror.runSubmitted();
    expect(mirror.figures).toEqual([
      { Checked: 1, Failed: 2, Conflicts: 0, Quarantined: 0, OldestSuccess: 0, Overdue: 0 },
      { Copied: 1, Failed: 0, Conflicts: 0, Quarantined: 0, Bytes: expect.any(Number) },
    ]);
    expect(mirror.figures[1]?.Bytes).toBeGreaterThan(0);
  });

  it('say how long the oldest has waited to be what its source is, until it is', async () => {
    const waited = async () => {
      mirror.figures.length = 0;
      await mirror.call({});
      return mirror.figures[0]?.OldestSuccess;
    };
    await mirror.publish('app', '1', 'a');
    await mirror.put(row('app'), row('missing'));
    expect(await waited()).toBe(0);
    mirror.clock.advance(3600);
    expect(await waited()).toBe(3600);
    await mirror.runSubmitted();
    mirror.clock.advance(600);
    expect(await waited()).toBe(4200);
    await mirror.remove('upstream.test/missing:1');
    expect(await waited()).toBe(0);
    await mirror.publish('app', '1', 'b');
    mirror.clock.advance(60);
    expect(await waited()).toBe(0);
    mirror.clock.advance(90);
    expect(await waited()).toBe(90);
  });

  it('count what is behind for longer than its row allows, until it is not', async () => {
    const overdue = async () => {
      mirror.figures.length = 0;
      await mirror.call({});
      return mirror.figures[0]?.Overdue;
    };
    await mirror.publish('app', '1', 'a');
    await mirror.publish('other', '1', 'b');
    await mirror.put({ ...row('app'), StaleAfter: '1h' }, row('other'), { ...row('missing'), StaleAfter: '2h' });
    expect(await overdue()).toBe(0);
    mirror.clock.advance(3601);
    expect(await overdue()).toBe(1);
    mirror.clock.advance(3600);
    expect(await overdue()).toBe(2);
    await mirror.runSubmitted();
    expect(await overdue()).toBe(1);
    await mirror.publish('missing', '1', 'c');
    await mirror.call({});
    await mirror.runSubmitted();
    expect(await overdue()).toBe(0);
  });

  it('count what a job did not do', async () => {
    await mirror.publish('app', '1', 'a');
    await mirror.put(row('app'));
    await mirror.call({});
    mirror.upstream.state.repositories.delete('app');
    await mirror.runSubmitted();
    expect(mirror.figures[1]).toEqual({ Copied: 0, Failed: 1, Conflicts: 0, Quarantined: 0, Bytes: 0 });
  });

  it('count what a job lost that ended without a word', async () => {
    await mirror.publish('app', '1', 'a');
    await mirror.put(row('app'));
    await mirror.call({});
    await mirror.call({
      'detail-type': 'Batch Job State Change',
      detail: { status: 'FAILED', jobId: 'job-0', parameters: mirror.submitted[0]?.parameters },
    });
    expect(mirror.figures.at(-1)).toEqual({ Failed: 1 });
  });
});

describe('events', () => {
  it('tell how each copy ended, taken apart for rules', async () => {
    const digest = await mirror.publish('app', '1', 'a');
    await mirror.publish('gone', '1', 'b');
    await mirror.put(row('app'), row('gone'));
    await mirror.call({});
    mirror.upstream.state.repositories.delete('gone');
    await mirror.runSubmitted();
    const [mirrored, failed] = ['Image Mirrored', 'Mirror Failed'].map((type) =>
      mirror.events.find(({ DetailType }) => DetailType === type),
    );
    expect(mirror.events).toHaveLength(2);
    expect(mirrored).toMatchObject({ EventBusName: 'bus', Source: 'ecr-mirror' });
    expect(JSON.parse(mirrored?.Detail ?? '')).toEqual({
      state: 'Mirrored',
      source: { reference: `upstream.test/app:1@${digest}`, repository: 'upstream.test/app', tag: '1', digest },
      destination: { reference: 'destination.test/mirror/app:1', repository: 'destination.test/mirror/app', tag: '1' },
      bytes: expect.any(Number),
      seconds: expect.any(Number),
      job: 'job-0',
    });
    expect(JSON.parse(failed?.Detail ?? '')).toMatchObject({
      state: 'Failed',
      error: expect.stringContaining('source'),
    });
  });

  it('tell of what a job did not say before it ended, once', async () => {
    for (const name of ['app', 'lost']) await mirror.publish(name, '1', name);
    await mirror.put(row('app'));
    await mirror.call({});
    await mirror.runSubmitted();
    await mirror.put(row('lost'));
    await mirror.call({});
    mirror.events.length = 0;
    for (const job of ['job-0', 'job-1', 'job-1']) await mirror.call(ended(job));
    expect(mirror.events.map(({ DetailType }) => DetailType)).toEqual(['Mirror Failed']);
    const { source, ...detail } = JSON.parse(mirror.events[0]?.Detail ?? '');
    expect(source).toMatchObject({ repository: 'upstream.test/lost', digest: expect.stringMatching(/^sha256:/) });
    expect(detail).toEqual({
      state: 'Failed',
      code: 'JOB_INTERRUPTED',
      destination: {
        reference: 'destination.test/mirror/lost:1',
        repository: 'destination.test/mirror/lost',
        tag: '1',
      },
      job: 'job-1',
      error: 'job job-1: Host EC2 terminated',
    });
  });

  it('tell of what a worker said itself no second time', async () => {
    await mirror.publish('app', '1', 'a');
    await mirror.put(row('app'));
    await mirror.call({});
    mirror.upstream.state.repositories.delete('app');
    await mirror.runSubmitted();
    await mirror.call(ended('job-0'));
    expect(mirror.events).toHaveLength(1);
  });

  it('tell of a mirror by hand whose job ended, without the digest that nobody knows', async () => {
    const parameters = { source: 'upstream.test/app:1', dest: 'destination.test/mirror/app:1' };
    const pair = { source: imageAt(parameters.source), destination: parseReference(parameters.dest) };
    const lease = await acquire(mirror.stack.copies, { ...pair, why: 'missing' }, 'by-hand', mirror.clock.now());
    await start(
      mirror.stack.copies,
      { ...pair, fence: 'fence' in lease ? lease.fence : 0 },
      'by-hand',
      mirror.clock.now(),
    );
    const event = { ...ended('by-hand'), detail: { status: 'FAILED', jobId: 'by-hand', parameters } };
    await mirror.call(event);
    await mirror.call(event);
    expect(mirror.events.map(({ Detail }) => JSON.parse(Detail ?? '').source)).toEqual([
      { reference: 'upstream.test/app:1', repository: 'upstream.test/app', tag: '1' },
    ]);
  });

  it('of many copies go ten in a request', async () => {
    const names = Array.from({ length: 12 }, (_, number) => `app-${number}`);
    for (const name of names) await mirror.publish(name, '1', name);
    await mirror.put(...names.map(row));
    await mirror.call({});
    const { size, parameters } = mirror.submitted[0] as { size: number; parameters: object };
    await mirror.call({
      'detail-type': 'Batch Job State Change',
      detail: { status: 'FAILED', jobId: 'job-0', parameters, arrayProperties: { size } },
    });
    expect(mirror.events).toHaveLength(12);
    const requests = mirror.stack.calls().filter((call) => call === 'events PutEvents');
    expect(requests).toHaveLength(2);
  });

  it('that the bus does not take fail no copy', async () => {
    mirror.refuseEvents = true;
    await mirror.publish('app', '1', 'a');
    await mirror.put(row('app'));
    await mirror.call({});
    expect(await mirror.runSubmitted()).toEqual([0]);
    expect(mirror.logged.find(({ event }) => event === 'announcement-failed')?.fields.error).toContain(
      'put event on bus: AccessDeniedException',
    );
  });
});
