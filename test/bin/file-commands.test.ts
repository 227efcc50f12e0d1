import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { image, multiPlatform } from '../../local/images';
import type { RunningRegistry } from '../../local/registry';
import { openScreen } from '../terminal/screen';
import { type Bench, digestAt, openBench, QUICK } from './drive';

let bench: Bench;
let source: RunningRegistry;
let destination: RunningRegistry;
beforeEach(async () => {
  bench = openBench();
  source = await bench.registry();
  destination = await bench.registry();
  for (const name of ['one', 'two', 'three']) source.state.place(`org/${name}`, multiPlatform({ seed: name }), 'v1');
});
afterEach(() => bench.close());

const rows = (...names: string[]) =>
  names.map((name) => ({ source: `${source.host}/org/${name}:v1`, destination: `${destination.host}/m/${name}` }));
const file = (mirrors: readonly object[], more: object = {}) =>
  bench.write('mirrors.yaml', JSON.stringify({ mirrors, ...more }));
const run = (command: 'sync' | 'plan', ...flags: string[]) =>
  bench.run([command, '-f', 'mirrors.yaml', '--plain-http', ...QUICK, ...flags]);
const events = (lines: readonly string[]) => lines.map((line) => JSON.parse(line));

describe('ecr-mirror sync', () => {
  it('mirrors a file, and the second time asks and copies nothing', async () => {
    file(rows('one', 'two', 'three'));
    const first = await run('sync');
    expect(first).toMatchObject({ code: 0, err: [] });
    expect(first.out.at(-2)).toBe('3 copied, 0 up to date, 0 skipped, 0 failed');
    source.forgetRequests();
    destination.forgetRequests();
    const second = await run('sync');
    expect(second).toMatchObject({ code: 0, err: [] });
    expect(second.out.at(-2)).toBe('0 copied, 3 up to date, 0 skipped, 0 failed');
    for (const { requests } of [source, destination]) {
      expect(requests.filter(({ kind }) => kind === 'manifest').map(({ method }) => method)).toEqual(
        Array(3).fill('HEAD'),
      );
      expect(requests.filter(({ kind }) => kind === 'blob' || kind === 'upload')).toEqual([]);
    }
  });

  it('copies once what several rows select, and says of each that it is there', async () => {
    for (const tag of ['v2', 'v3']) source.state.place('org/one', multiPlatform({ seed: tag }), tag);
    const from = `${source.host}/org/one`;
    const to = `${destination.host}/m/one`;
    file([
      { source: 'newest', from, destination: to, tags: { latest: 2 } },
      { source: 'some', from, destination: to, tags: { include: ['v1', 'v2'] } },
      { source: `${from}:v2`, destination: to },
    ]);
    const first = await run('sync', '--json', '--state', 'state.json');
    expect(first.code).toBe(0);
    const copied = events(first.out).filter(({ event }) => event === 'copied');
    expect(copied.map(({ destination: place, mirrors }) => [place, mirrors]).sort()).toEqual([
      [`${to}:v1`, ['some']],
      [`${to}:v2`, ['newest', 'some', `${from}:v2`]],
      [`${to}:v3`, ['newest']],
    ]);
    const again = events((await run('sync', '--json')).out);
    const skipped = again.filter(({ event, destination: place }) => event === 'skipped' && place === `${to}:v2`);
    expect(skipped.map(({ mirror, reason }) => [mirror, reason])).toEqual([
      ['newest', 'up-to-date'],
      ['some', 'up-to-date'],
      [`${from}:v2`, 'up-to-date'],
    ]);
    const { out } = await run('sync');
    expect(out.filter((line) => line.includes(`${to}:v2: up to date`))).toHaveLength(1);
    expect(out.at(-2)).toBe('0 copied, 3 up to date, 0 skipped, 0 failed');
    const status = await bench.run(['status', '-f', 'mirrors.yaml', '--state', 'state.json', '--json']);
    const shown = events(status.out).filter(({ event }) => event === 'status');
    expect(shown.map(({ destination: place, verdict }) => [place, verdict]).sort()).toEqual([
      [`${to}:v1`, 'fresh'],
      [`${to}:v2`, 'fresh'],
      [`${to}:v3`, 'fresh'],
    ]);
    expect(shown.find(({ rows: wanted }) => wanted !== undefined)?.rows).toHaveLength(3);
  });

  it('refuses rows that want something else at one place, and copies the rest', async () => {
    const from = `${source.host}/org/one`;
    const to = `${destination.host}/m/one`;
    source.state.place('org/one', multiPlatform({ seed: 'v2' }), 'v2');
    file([
      { source: 'all', from, destination: to, tags: { include: ['*'] } },
      { source: `${from}:v2`, destination: to, platforms: ['linux/amd64'] },
    ]);
    const { code, out, err } = await run('sync');
    expect(code).toBe(1);
    expect(err.join('\n')).toContain(`${to}:v2 is also written by all with other platforms`);
    expect(out.at(-2)).toBe('1 copied, 0 up to date, 0 skipped, 2 failed');
  });

  it('goes on with good rows when others are bad, and gives each a line', async () => {
    file([
      ...rows('one'),
      { source: `${source.host}/org/two:v1`, destinatoin: 'x.io/y' },
      { source: 5, destination: 'x.io/y' },
      { source: 'UPPER/Case', destination: 'x.io/y' },
      { source: `${source.host}/org/three:v1`, destination: '' },
      { source: `${source.host}/org/one:v2`, destination: `${source.host}/org/one:v2` },
      { source: `${source.host}/org/absent:v1`, destination: `${destination.host}/m/absent` },
      { source: 'registry.invalid/x:1', destination: `${destination.host}/m/x` },
    ]);
    const { code, out, err } = await run('sync');
    expect(code).toBe(1);
    expect(digestAt(destination, 'm/one', 'v1')).toBeDefined();
    expect(out.at(-2)).toBe('1 copied, 0 up to date, 0 skipped, 7 failed');
    expect(err).toHaveLength(7);
    expect(err.every((line) => line.startsWith('failed   '))).toBe(true);
    for (const part of [
      /org\/two:v1: .*destinatoin.*destination/,
      /mirror 3: source: got the number 5/,
      /UPPER\/Case: source: .*lower case/,
      /org\/three:v1: destination: got/,
      /org\/one:v2: destination: .*the source itself/,
      /^failed {3}source: look up .*org\/absent:v1: .*404/,
      /^failed {3}source: look up manifest registry\.invalid\/x:1: /,
    ]) {
      expect(err.filter((line) => part.test(line))).toHaveLength(1);
    }
  });

  it('refuses a destination that the file does not allow', async () => {
    file(rows('one'), { allow: { destinations: ['registry.example.com/**'] } });
    const { code, err } = await run('sync');
    expect(code).toBe(1);
    expect(err).toEqual([expect.stringMatching(/^failed {3}destination 127\S+\/m\/one is not allowed; allowed: reg/)]);
    expect(destination.requests).toEqual([]);
  });

  it('does not let rows choose private addresses', async () => {
    file(rows('one'));
    const { code, err } = await bench.run(['sync', '-f', 'mirrors.yaml', ...QUICK]);
    expect(code).toBe(1);
    expect(err).toEqual([expect.stringMatching(/^failed {3}source: look up .*(private|loopback)/i)]);
    expect(source.requests).toEqual([]);
  });

  it('skips what is paused or expired, and says so', async () => {
    const [one, two] = rows('one', 'two');
    file([
      { ...one, paused: true },
      { ...two, expires: '2020-01-01' },
    ]);
    const { code, out, err } = await run('sync', '--json');
    expect({ code, err }).toEqual({ code: 0, err: [] });
    expect(events(out).map(({ event, reason }) => [event, reason])).toEqual(
      expect.arrayContaining([
        ['skipped', 'paused'],
        ['skipped', 'expired'],
        ['summary', undefined],
      ]),
    );
  });

  it('fails a row whose selection is smaller than it must be, and lets an empty one be', async () => {
    const tags = { source: `${source.host}/org/one`, destination: `${destination.host}/m/one` };
    file([
      { ...tags, tags: { include: ['nothing-*'], min: 1 } },
      { ...tags, source: `${source.host}/org/two`, tags: { include: ['nothing-*'] } },
    ]);
    const { code, out } = await run('sync', '--json');
    expect(code).toBe(1);
    expect(events(out).at(-1)).toMatchObject({ copied: 0, skipped: 1, failed: 1 });
  });

  it('warns about what it does not know, and goes on', async () => {
    file(rows('one').map((row) => ({ ...row, ticketNumber: 'OPS-1' })));
    const { code, err } = await run('sync');
    expect(code).toBe(0);
    expect(err).toEqual([expect.stringMatching(/^warning {2}127\S+: ticketNumber: /)]);
  });

  it('honours each row’s schedule when a state file remembers it', async () => {
    file(rows('one').map((row) => ({ ...row, every: '6h' })));
    let now = Date.parse('2026-01-01T00:00:00Z');
    const clock = { now: () => now, sleep: async () => undefined };
    const sync = () =>
      bench.run(['sync', '-f', 'mirrors.yaml', '--plain-http', '--json', '--state', 'state.json'], { clock });
    expect(events((await sync()).out).map(({ event }) => event)).toEqual(['copied', 'summary']);
    now += 3600_000;
    expect(events((await sync()).out)[0]).toMatchObject({ event: 'skipped', reason: 'not-due' });
    now += 5 * 3600_000;
    expect(events((await sync()).out)[0]).toMatchObject({ event: 'skipped', reason: 'up-to-date' });
  });

  it('says on a terminal what failed, although a file that cannot be written keeps it from its closing lines', async () => {
    file(rows('gone'));
    const screen = openScreen(200);
    const io = { stdout: screen, stderr: screen };
    await bench.run(['sync', '-f', 'mirrors.yaml', '--plain-http', ...QUICK, '--state', 'none/state.json'], io);
    expect(screen.lines()).toEqual([
      '1 failure:',
      `${source.host}/org/gone:v1`,
      expect.stringMatching(/^ {2}source: .*gone/),
      expect.stringMatching(/^ecr-mirror: state file .*none\/state\.json": .* \[FILE_FAILED\]$/),
    ]);
  });

  it('overwrites no file that is not a state file', async () => {
    file(rows('one'));
    bench.write('thesis.json', '{"precious": true}');
    const { code, err } = await run('sync', '--state', 'thesis.json');
    expect(code).toBe(64);
    expect(err).toEqual([expect.stringMatching(/^ecr-mirror: state file .*thesis\.json": got a file that is none/)]);
    expect(readFileSync(join(bench.folder, 'thesis.json'), 'utf8')).toBe('{"precious": true}');
  });

  it('stops in order, leaves no tag half done, and completes when run again', async () => {
    file(rows('one', 'two', 'three'));
    const stop = new AbortController();
    destination.intercept(({ method }) => {
      if (method === 'PUT') stop.abort();
      return undefined;
    });
    const argv = ['sync', '-f', 'mirrors.yaml', '--plain-http', '--concurrency', '1'];
    const stopped = await bench.run(argv, { signal: stop.signal });
    expect(stopped.code).toBe(75);
    expect(stopped.err).toEqual(['stopped  3 not done; run it again to go on']);
    destination.intercept(undefined);
    expect((await run('sync')).code).toBe(0);
    expect(digestAt(destination, 'm/three', 'v1')).toBe(digestAt(source, 'org/three', 'v1'));
  });

  it.each([
    ['not YAML', 'mirrors: [', /^ecr-mirror: mirrors\.yaml:1: got .*; YAML 1\.2 or JSON would do \[FILE_FAILED\]$/],
    ['a list', '- a\n', /^ecr-mirror: mirrors\.yaml: got a list \(a\); a map with a list of mirrors would do/],
  ])('refuses a file that is %s', async (_what, text, message) => {
    bench.write('mirrors.yaml', text);
    const { code, err } = await run('sync');
    expect(code).toBe(64);
    expect(err).toEqual([expect.stringMatching(message)]);
  });

  it('asks for its file', async () => {
    const { code, err } = await bench.run(['sync']);
    expect({ code, err }).toEqual({
      code: 64,
      err: ['ecr-mirror: sync: got no file of mirrors; ecr-mirror sync -f FILE would do [USAGE]'],
    });
  });
});

describe('ecr-mirror plan', () => {
  it('says what sync would copy and why, by HEAD alone, and copies nothing', async () => {
    file(rows('one', 'two'));
    destination.state.place('m/one', image({ seed: 'older' }), 'v1');
    const { code, out, err } = await run('plan');
    expect({ code, err }).toEqual({ code: 0, err: [] });
    expect(out[0]).toMatch(/^copy {5}127\S+\/org\/one:v1 -> 127\S+\/m\/one:v1 \(changed\)$/);
    expect(out[1]).toMatch(/^copy {5}127\S+\/org\/two:v1 -> 127\S+\/m\/two:v1 \(missing\)$/);
    expect(out[2]).toBe('2 to copy');
    expect(source.requests.filter(({ kind, method }) => kind === 'manifest' && method !== 'HEAD')).toEqual([]);
    expect(destination.requests.filter(({ method }) => method !== 'HEAD' && method !== 'GET')).toEqual([]);
    expect(digestAt(destination, 'm/two', 'v1')).toBeUndefined();
  });

  it('says what is left alone and why; what is up to date it counts', async () => {
    file(rows('one'));
    await run('sync');
    file([...rows('one', 'two'), { ...rows('three')[0], paused: true }, { source: 'org/BAD' }]);
    const { code, out, err } = await run('plan');
    expect(code).toBe(1);
    expect(err).toEqual([expect.stringMatching(/^failed {3}org\/BAD: /)]);
    expect(out.slice(0, -1)).toEqual([
      expect.stringMatching(/^skipped {2}127\S+\/org\/three:v1: paused$/),
      expect.stringMatching(/^copy {5}127\S+\/org\/two:v1 -> /),
      '1 to copy',
      '1 up to date, 1 skipped, 1 failed',
    ]);
    const told = events((await run('plan', '--json')).out);
    expect(told.map(({ event }) => event)).toEqual(expect.arrayContaining(['copy', 'skipped', 'failed', 'summary']));
    expect(told.at(-1)).toMatchObject({ planned: 1, upToDate: 1, skipped: 1, failed: 1 });
  });

  it('tells the same on a terminal, a line at a time', async () => {
    file([...rows('one'), { ...rows('two')[0], paused: true }]);
    const screen = openScreen(60);
    await bench.run(['plan', '-f', 'mirrors.yaml', '--plain-http', ...QUICK], { stdout: screen, stderr: screen });
    const lines = screen.lines();
    expect(lines).toContainEqual(expect.stringMatching(/^skipped {2}127\S+\/org\/two:v1: paused$/));
    expect(lines).toContainEqual(expect.stringMatching(/^copy {5}127\S+\/org\/one:v1 \(missing\)$/));
    expect(lines).toContainEqual(expect.stringMatching(/^ {9}-> 127\S+\/m\/one:v1$/));
    expect(lines).toContain('1 to copy');
  });

  it('tells by its exit code whether there is something to do', async () => {
    file(rows('one'));
    expect((await run('plan', '--detailed-exitcode', '--quiet')).code).toBe(2);
    await run('sync');
    expect((await run('plan', '--detailed-exitcode', '--quiet')).code).toBe(0);
    file([...rows('one'), { source: 'BAD', destination: 'x.io/y' }]);
    expect((await run('plan', '--detailed-exitcode', '--quiet')).code).toBe(1);
  });

  it('adds up bytes and pulls when asked', async () => {
    file(rows('one'));
    const { out } = await run('plan', '--sizes', '--json');
    const built = multiPlatform({ seed: 'one' });
    const bytes = [...built.blobs, ...built.manifests].reduce((sum, { bytes }) => sum + bytes.length, 0);
    expect(events(out)[0]).toMatchObject({ event: 'copy', why: 'missing', bytes, pulls: 3 });
  });

  it('agrees with sync, image by image', async () => {
    file(rows('one', 'two', 'three'));
    destination.state.place('m/one', multiPlatform({ seed: 'one' }), 'v1');
    const planned = events((await run('plan', '--json')).out);
    const synced = events((await run('sync', '--json')).out);
    const named = (list: { event: string; destination?: string }[], event: string) =>
      list.flatMap((one) => (one.event === event ? [one.destination] : [])).sort();
    expect(named(synced, 'copied')).toEqual(named(planned, 'copy'));
    expect(named(synced, 'skipped')).toEqual(named(planned, 'skipped'));
  });
});

describe('ecr-mirror serve', () => {
  /** Time passes only while the command sleeps; `at` is asked before each sleep. */
  const clockThat = (at: (sleeps: number) => void) => {
    let now = Date.parse('2026-01-01T00:00:00Z');
    let sleeps = 0;
    return {
      now: () => now,
      async sleep(milliseconds: number) {
        now += milliseconds;
        sleeps += 1;
        at(sleeps);
      },
    };
  };
  const serve = (at: (sleeps: number, stop: () => void) => void, ...flags: string[]) => {
    const stop = new AbortController();
    const clock = clockThat((sleeps) => {
      at(sleeps, () => stop.abort());
      if (sleeps > 10_000) stop.abort();
    });
    const argv = ['serve', '-f', 'mirrors.yaml', '--plain-http', '--json', '--attempts', '1', ...flags];
    return bench.run(argv, { clock, signal: stop.signal });
  };

  it('mirrors each row on its own schedule and stops with 0 when idle', async () => {
    const [one, two] = rows('one', 'two');
    file([
      { ...one, every: '10m' },
      { ...two, every: '30m' },
    ]);
    const { code, out } = await serve((sleeps, stop) => sleeps * 15_000 >= 65 * 60_000 && stop());
    expect(code).toBe(0);
    const heads = (name: string) =>
      source.requests.filter(({ method, tag, repository }) => method === 'HEAD' && tag === 'v1' && repository === name)
        .length;
    expect(heads('org/one')).toBeGreaterThanOrEqual(6);
    expect(heads('org/one')).toBeLessThanOrEqual(8);
    expect(heads('org/two')).toBeGreaterThanOrEqual(2);
    expect(heads('org/two')).toBeLessThanOrEqual(3);
    expect(events(out).filter(({ event }) => event === 'copied')).toHaveLength(2);
  });

  it('picks a changed file up, goes on with the old one while it is broken, and says so once', async () => {
    file(rows('one'));
    const { code, out } = await serve((sleeps, stop) => {
      if (sleeps === 1) bench.write('mirrors.yaml', 'mirrors: [');
      if (sleeps === 5) file(rows('one', 'two', 'three').slice(0, 2));
      if (sleeps === 10) stop();
    });
    expect(code).toBe(0);
    const told = events(out);
    expect(told.filter(({ event }) => event === 'error')).toEqual([
      {
        event: 'error',
        error: expect.stringMatching(/mirrors\.yaml:1: got .*going on with the file as it was/),
        code: 'FILE_FAILED',
      },
    ]);
    expect(told.filter(({ event }) => event === 'copied')).toHaveLength(2);
  });

  it('remembers across restarts, and tries what failed again before its time', async () => {
    file([...rows('one'), { source: `${source.host}/org/late:v1`, destination: `${destination.host}/m/late` }]);
    await serve((_sleeps, stop) => stop());
    expect(existsSync(join(bench.folder, 'mirrors.yaml.state.json'))).toBe(true);
    source.state.place('org/late', image({ seed: 'late' }), 'v1');
    source.forgetRequests();
    const { out } = await serve((sleeps, stop) => sleeps * 15_000 >= 20 * 60_000 && stop());
    expect(events(out).filter(({ event }) => event === 'copied')).toEqual([
      expect.objectContaining({ destination: `${destination.host}/m/late:v1` }),
    ]);
    expect(source.requests.filter(({ repository }) => repository === 'org/one')).toEqual([]);
  });

  it('tells about a bad row once, and serves the others', async () => {
    file([...rows('one'), { source: 'BAD', destination: 'x.io/y' }]);
    const { out } = await serve((sleeps, stop) => sleeps * 15_000 >= 150 * 60_000 && stop());
    const told = events(out);
    expect(told.filter(({ event }) => event === 'failed')).toHaveLength(1);
    expect(told.filter(({ event }) => event === 'summary').length).toBeGreaterThanOrEqual(2);
  });

  it('says by its exit code that it was stopped amid copying', async () => {
    file(rows('one'));
    const stop = new AbortController();
    destination.intercept(({ method }) => {
      if (method === 'POST') stop.abort();
      return undefined;
    });
    const ran = await bench.run(['serve', '-f', 'mirrors.yaml', '--plain-http'], { signal: stop.signal });
    expect(ran.code).toBe(75);
  });

  it('refuses a file that it cannot begin with', async () => {
    bench.write('mirrors.yaml', 'mirrors: [');
    expect((await serve(() => undefined)).code).toBe(64);
    file(rows('one'));
    const { code, err } = await serve(() => undefined, '--every', 'often');
    expect(code).toBe(64);
    expect(err).toEqual([expect.stringMatching(/^ecr-mirror: interval: got "often"; /)]);
  });
});
