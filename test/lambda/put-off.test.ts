import { image, multiPlatform } from '../../local/images';
import type { RunningRegistry } from '../../local/registry';
import { type MirrorOptions, startMirror, type TestMirror } from '../aws/mirror';

const WINDOW = 21_600;
let mirror: TestMirror;
let hub: RunningRegistry;
const open = async (options: MirrorOptions['hub']) => {
  mirror = await startMirror({ hub: { window: WINDOW, ...options } });
  if (mirror.hub === undefined) throw new Error('no hub');
  hub = mirror.hub;
};
afterEach(() => mirror.close());

const row = (name: string, more: object = {}) => ({
  Source: `docker.io/library/${name}:1`,
  Destination: `destination.test/mirror/${name}`,
  ...more,
});
const item = (name: string) => mirror.copy(`docker.io/library/${name}:1`, `destination.test/mirror/${name}:1`);
const publish = (...names: string[]) => {
  for (const name of names) hub.state.place(`library/${name}`, image({ seed: name }), '1');
};
const names = (count: number, prefix = 'app') =>
  Array.from({ length: count }, (_, i) => `${prefix}-${String(i).padStart(2, '0')}`);
const mirrored = async (wanted: readonly string[]) => {
  const items = await Promise.all(wanted.map(item));
  return wanted.filter((_, i) => items[i]?.State === 'Mirrored');
};
const refused = () => hub.requests.filter(({ status }) => status === 429);
/** Somebody else who is counted by the same address. */
const person = async (name: string) => (await fetch(`${hub.address}/v2/library/${name}/manifests/1`)).status;
const budget = async () =>
  (await mirror.copies()).find(({ Source }) => Source === 'rate#pulls#docker.io') as Record<string, number>;
const round = async () => {
  const reply = await mirror.call({});
  return { reply, codes: await mirror.runSubmitted() };
};

describe('a run that would pull more than Docker Hub lets be pulled', () => {
  it('does what fits and leaves the rest for later runs, without one refusal, until all is done', async () => {
    await open({ limit: 10 });
    const wanted = names(20);
    publish(...wanted);
    await mirror.put(...wanted.map((name) => row(name)));
    const done: number[] = [];
    for (let window = 0; window < 3; window++) {
      for (let run = 0; run < 2; run++) {
        expect((await round()).codes.every((code) => code === 0)).toBe(true);
        mirror.clock.advance(WINDOW / 2);
      }
      mirror.clock.advance(1);
      done.push((await mirrored(wanted)).length);
    }
    expect(done).toEqual([9, 18, 20]);
    expect(refused()).toEqual([]);
  });

  it('says of each that it leaves what it waits for, until when, and since when it waits', async () => {
    await open({ limit: 10 });
    publish(...names(12));
    await mirror.put(...names(12).map((name) => row(name)));
    const { reply } = await round();
    expect(reply).toMatchObject({ copies: 9, skipped: { 'put-off': 3 } });
    const [note] = reply.notes;
    expect(note).toMatchObject({ reason: 'put-off' });
    expect(note.detail).toMatch(
      /^docker\.io: 10 of 10 pulls in 6 h are left to each worker, 1 of them kept for people; more by \S+Z, or/,
    );
    const waiting = (await mirror.copies()).filter(({ State }) => State === 'Queued');
    expect(waiting).toHaveLength(3);
    const since = new Date(mirror.clock.now()).toISOString();
    for (const one of waiting) expect(one).toMatchObject({ StaleSince: since, Error: `put off: ${note.detail}` });
    expect(mirror.figures.some(({ Failed = 0 }) => Failed > 0)).toBe(false);
  });

  it('says it of each row that wants one, and of one copy', async () => {
    await open({ limit: 10 });
    publish(...names(12));
    const again = names(12).map((name) => row(name, { Source: `again ${name}`, From: `docker.io/library/${name}:1` }));
    await mirror.put(...names(12).map((name) => row(name)), ...again);
    expect((await round()).reply).toMatchObject({ copies: 9, skipped: { 'put-off': 6 } });
    expect(mirror.logged.filter(({ event }) => event === 'put-off')).toMatchObject([{ fields: { copies: 3 } }]);
  });

  it('is told beforehand by a dry run, as a run then does it', async () => {
    await open({ limit: 10 });
    publish(...names(12));
    await mirror.put(...names(12).map((name) => row(name)));
    const { pulls } = await mirror.call({ dryRun: true });
    const until = new Date(mirror.clock.now() + WINDOW * 1000).toISOString();
    const limit = { registry: 'docker.io', free: 9, left: 10, limit: 10, window: WINDOW };
    expect(pulls).toEqual([{ ...limit, expected: 12, images: 12, putOff: 3, until }]);
    expect((await round()).reply).toMatchObject({ copies: 9, skipped: { 'put-off': 3 } });
    mirror.clock.advance(WINDOW + 1);
    const later = { source: '127.0.0.1', expected: 3, images: 3, putOff: 0, free: 9 };
    expect((await mirror.call({ dryRun: true })).pulls).toMatchObject([later]);
    await round();
    expect(await mirror.call({ dryRun: true })).not.toHaveProperty('pulls');
  });

  it('begins with what waits longest, and nothing overtakes that', async () => {
    await open({ limit: 10 });
    publish(...names(9, 'first'));
    await mirror.put(...names(9, 'first').map((name) => row(name)));
    await round();
    const second = names(4, 'zz-second');
    publish(...second);
    await mirror.put(...second.map((name) => row(name)));
    expect((await round()).reply).toMatchObject({ copies: 0, skipped: { 'put-off': 4 } });
    mirror.clock.advance(WINDOW - 60);
    const third = names(12, 'aa-third');
    publish(...third);
    await mirror.put(...third.map((name) => row(name)));
    expect((await round()).reply).toMatchObject({ copies: 0 });
    mirror.clock.advance(120);
    expect((await round()).reply).toMatchObject({ copies: 9, skipped: { 'put-off': 7 } });
    expect(await mirrored(second)).toEqual(second);
    expect(await mirrored(third)).toHaveLength(5);
    expect(refused()).toEqual([]);
  });

  it('lets images of other registries go on', async () => {
    await open({ limit: 10 });
    publish(...names(10));
    await mirror.publish('other', '1', 'other');
    for (let i = 0; i < 9; i++) await person('app-00');
    await mirror.put(...names(10).map((name) => row(name)), {
      Source: 'upstream.test/other:1',
      Destination: 'destination.test/mirror/other',
    });
    await round();
    expect(await mirror.copy('upstream.test/other:1', 'destination.test/mirror/other:1')).toMatchObject({
      State: 'Mirrored',
    });
    expect(refused()).toEqual([]);
  });

  it('counts an index as what it takes, and begins one that needs more than a window has when that is whole', async () => {
    await open({ limit: 10 });
    hub.state.place('library/many', multiPlatform({ seed: 'many', attestations: true }), '1');
    publish('single');
    await mirror.put(row('many'), row('single'));
    const { reply } = await round();
    expect(reply).toMatchObject({ copies: 1, skipped: { 'put-off': 1 } });
    expect(await item('many')).toMatchObject({ State: 'Mirrored' });
    mirror.clock.advance(60);
    await round();
    expect(await item('single')).toMatchObject({ State: 'Mirrored' });
    expect(refused()).toEqual([]);
  });

  it('looks again at the next run at rows with a schedule of their own', async () => {
    await open({ limit: 10 });
    publish(...names(12));
    await mirror.put(...names(12).map((name) => row(name, { Every: '30d' })));
    await round();
    mirror.clock.advance(WINDOW + 1);
    await round();
    expect(await mirrored(names(12))).toHaveLength(12);
  });
});

describe('a worker that finds fewer pulls than were planned, because somebody else has pulled', () => {
  const begin = async (count: number, taken: number, more: object = {}) => {
    await open({ limit: 20 });
    publish(...names(count));
    await mirror.publish('other', '1', 'other');
    await mirror.put(...names(count).map((name) => row(name, more)), {
      Source: 'upstream.test/other:1',
      Destination: 'destination.test/mirror/other',
    });
    const reply = await mirror.call({});
    for (let i = 0; i < taken; i++) expect(await person('app-00')).toBe(200);
    return reply;
  };

  it('does what is left, gives the leases of the others back, and that is no failure', async () => {
    expect(await begin(15, 10)).toMatchObject({ copies: 16 });
    expect(await mirror.runSubmitted()).toEqual([0]);
    expect(await mirrored(names(15))).toHaveLength(8);
    expect(await mirror.copy('upstream.test/other:1', 'destination.test/mirror/other:1')).toMatchObject({
      State: 'Mirrored',
    });
    const waiting = (await mirror.copies()).filter(({ State }) => State === 'Queued');
    expect(waiting).toHaveLength(7);
    for (const one of waiting) {
      expect(one).not.toHaveProperty('Lease');
      expect(one).not.toHaveProperty('Failures');
      expect(one.Error).toMatch(/^put off: source: read .*docker\.io: 2 of 20 pulls in 6 h are left/);
    }
    expect(refused()).toEqual([]);
    expect(mirror.figures.at(-1)).toMatchObject({ Copied: 9, Failed: 0 });
    expect(mirror.events.filter(({ DetailType }) => /fail/i.test(String(DetailType)))).toEqual([]);
    mirror.clock.advance(WINDOW + 1);
    await round();
    expect(await mirrored(names(15))).toHaveLength(15);
  });

  it('leaves rows to the next run whatever their own schedule says', async () => {
    await begin(15, 10, { Every: '30d' });
    await mirror.runSubmitted();
    mirror.clock.advance(WINDOW + 1);
    await round();
    expect(await mirrored(names(15))).toHaveLength(15);
  });

  it('does nothing at all when nothing is left, and asks for nothing twice', async () => {
    await begin(15, 20);
    expect(await mirror.runSubmitted()).toEqual([0]);
    expect(await mirrored(names(15))).toEqual([]);
    expect(refused()).toEqual([]);
    expect(hub.requests.filter(({ method, kind }) => method === 'GET' && kind === 'manifest')).toHaveLength(20);
  });

  it('that died with pulls that it had taken costs them for a minute, not for good', async () => {
    await begin(15, 0);
    expect(await mirror.runSubmitted()).toEqual([0]);
    expect((await budget()).Left).toBe(5);
    const { UpdateCommand } = await import('@aws-sdk/lib-dynamodb');
    await mirror.stack.copies.documents.send(
      new UpdateCommand({
        TableName: 'copies',
        Key: { Source: 'rate#pulls#docker.io', Destination: '127.0.0.1' },
        UpdateExpression: 'SET #Left = :none',
        ExpressionAttributeNames: { '#Left': 'Left' },
        ExpressionAttributeValues: { ':none': 0 },
      }),
    );
    publish('late');
    await mirror.put(row('late'));
    expect(await mirror.call({ sources: ['docker.io/library/late:1'] })).toMatchObject({ copies: 0 });
    mirror.clock.advance(60);
    expect(await mirror.call({ sources: ['docker.io/library/late:1'] })).toMatchObject({ copies: 1 });
  });
});

it('submits by hand what can be, and asks to be run again for the rest', async () => {
  await open({ limit: 10 });
  publish('app-00');
  for (let i = 0; i < 10; i++) await person('app-00');
  const { parseReference } = await import('../../lib/model/reference');
  const job = {
    kind: 'single' as const,
    source: parseReference('docker.io/library/app-00:1'),
    destinations: [parseReference('destination.test/mirror/app-00:1')],
  };
  expect(await mirror.run(job, 'by-hand')).toBe(75);
  expect(refused()).toEqual([]);
  mirror.clock.advance(WINDOW + 1);
  expect(await mirror.run(job, 'by-hand')).toBe(0);
});
