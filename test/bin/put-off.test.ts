import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../engine/ports';
import { image, multiPlatform } from '../../local/images';
import type { RunningRegistry } from '../../local/registry';
import { type Bench, digestAt, openBench, QUICK } from './drive';

const WINDOW = 21_600;
let bench: Bench;
let hub: RunningRegistry;
let destination: RunningRegistry;
let clock: Clock & { advance(seconds: number): void };
const start = async (limit: number) => {
  hub = await bench.registry({
    personality: { kind: 'docker-hub', limit, window: WINDOW },
    redirectBlobs: false,
    clock,
  });
  hub.state.place('library/app-00', image({ seed: 'app-00' }), 'v1');
  bench.env.REGISTRY_ENDPOINTS = JSON.stringify({ 'docker.io': hub.address });
};
beforeEach(async () => {
  bench = openBench();
  let time = Date.parse('2026-01-01T00:00:00Z');
  clock = {
    now: () => time,
    advance: (seconds) => {
      time += seconds * 1000;
    },
    // Time passes while somebody sleeps, and only then.
    sleep: async (milliseconds, signal) => {
      signal?.throwIfAborted();
      time += milliseconds;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
  destination = await bench.registry();
});
afterEach(() => bench.close());

const names = (count: number) => Array.from({ length: count }, (_, i) => `app-${String(i).padStart(2, '0')}`);
const file = (wanted: readonly string[], more: object = {}) => {
  for (const name of wanted) hub.state.place(`library/${name}`, image({ seed: name }), 'v1');
  const mirrors = wanted.map((name) => ({
    source: `${name}:v1`,
    destination: `${destination.host}/m/${name}`,
    ...more,
  }));
  bench.write('mirrors.yaml', JSON.stringify({ mirrors }));
};
const run = (command: string, ...flags: string[]) =>
  bench.run([command, '-f', 'mirrors.yaml', `--plain-http=${destination.host}`, ...QUICK, ...flags], { clock });
const done = (wanted: readonly string[]) =>
  wanted.filter((name) => digestAt(destination, `m/${name}`, 'v1') !== undefined);
const refused = () => hub.requests.filter(({ status }) => status === 429);
const person = async (times: number) => {
  for (let i = 0; i < times; i++) await fetch(`${hub.address}/v2/library/app-00/manifests/v1`);
};

describe('ecr-mirror sync', () => {
  it('copies what may be pulled, says what it puts off and until when, and asks to be run again', async () => {
    await start(20);
    const wanted = names(30);
    file(wanted);
    const first = await run('sync', '--state', 'state.json');
    expect(first.code).toBe(75);
    expect(done(wanted)).toHaveLength(18);
    expect(first.out.at(-2)).toBe('18 copied, 0 up to date, 12 skipped, 0 failed');
    expect(first.err).toEqual(['put off  12 until they may be pulled; run it again then']);
    expect(first.out.filter((line) => line.startsWith('skipped'))[0]).toMatch(
      /^skipped {2}\S+\/m\/app-\d\d:v1: put off: docker\.io: 20 of 20 pulls in 6 h are left to 127\.0\.0\.1, 2 of them kept/,
    );
    expect((await run('sync', '--state', 'state.json')).code).toBe(75);
    clock.advance(WINDOW + 1);
    expect(await run('sync', '--state', 'state.json')).toMatchObject({ code: 0, err: [] });
    expect(done(wanted)).toHaveLength(30);
    expect(refused()).toEqual([]);
  });

  it('remembers each of the rows that want what it puts off, which is one image', async () => {
    await start(10);
    file(['app-05']);
    await person(9);
    const from = 'app-05:v1';
    const mirrors = ['a', 'b'].map((source) => ({ source, from, destination: `${destination.host}/m/app-05` }));
    bench.write('mirrors.yaml', JSON.stringify({ mirrors }));
    const { err } = await run('sync', '--state', 'state.json');
    expect(err).toEqual(['put off  1 until they may be pulled; run it again then']);
    const { rows } = JSON.parse(readFileSync(join(bench.folder, 'state.json'), 'utf8'));
    expect([rows.a.putOff, rows.b.putOff]).toEqual([clock.now(), clock.now()]);
  });

  it('begins with the rows that it has put off before', async () => {
    await start(10);
    file(['app-05', 'app-06', 'app-07']);
    await person(9);
    expect((await run('sync', '--state', 'state.json')).code).toBe(75);
    expect(JSON.parse(readFileSync(join(bench.folder, 'state.json'), 'utf8')).rows['app-05:v1'].putOff).toBe(
      clock.now(),
    );
    clock.advance(WINDOW + 1);
    file(names(12));
    await person(5);
    expect((await run('sync', '--state', 'state.json')).code).toBe(75);
    expect(done(names(12))).toEqual(expect.arrayContaining(['app-05', 'app-06', 'app-07']));
    expect(done(names(12))).toHaveLength(4);
    expect(refused()).toEqual([]);
  });

  it('tells machines how many it has put off, and why', async () => {
    await start(10);
    file(names(10));
    const { out } = await run('sync', '--json');
    const events = out.map((line) => JSON.parse(line));
    expect(events.find(({ event }) => event === 'skipped')).toMatchObject({
      reason: 'put-off',
      detail: expect.stringContaining('more by 2026-01-01T06:00Z'),
    });
    expect(events.at(-1)).toMatchObject({ copied: 9, skipped: 1, putOff: 1, failed: 0 });
  });

  it('is not kept from other registries', async () => {
    await start(10);
    file(names(3));
    await person(10);
    const other = await bench.registry();
    other.state.place('org/other', image({ seed: 'other' }), 'v1');
    const mirrors = [
      { source: 'app-00:v1', destination: `${destination.host}/m/app-00` },
      { source: `${other.host}/org/other:v1`, destination: `${destination.host}/m/other` },
    ];
    bench.write('mirrors.yaml', JSON.stringify({ mirrors }));
    expect((await run('sync', `--plain-http=${destination.host},${other.host}`)).code).toBe(75);
    expect(done(['app-00', 'other'])).toEqual(['other']);
    expect(refused()).toEqual([]);
  });
});

describe('ecr-mirror serve', () => {
  it('goes on as the window lets it, until all is mirrored, without a refusal', async () => {
    await start(10);
    const wanted = names(24);
    file(wanted, { every: '30d' });
    const stop = new AbortController();
    setMaxListeners(0, stop.signal);
    let sleeps = 0;
    const watching: Clock = {
      now: clock.now,
      sleep: (milliseconds, signal) => {
        sleeps += 1;
        if (done(wanted).length === wanted.length || sleeps > 20_000) stop.abort();
        return clock.sleep(milliseconds, signal);
      },
    };
    const flags = [`--plain-http=${destination.host}`, ...QUICK, '--state', 'state.json', '--quiet'];
    const ran = await bench.run(['serve', '-f', 'mirrors.yaml', ...flags], { clock: watching, signal: stop.signal });
    expect(ran.code).toBe(0);
    expect(done(wanted)).toEqual(wanted);
    expect(refused()).toEqual([]);
    // Nine in each window, and what is left in the third.
    expect(clock.now() - Date.parse('2026-01-01T00:00:00Z')).toBeLessThan(3 * WINDOW * 1000);
  });
});

describe('ecr-mirror copy', () => {
  const copy = (name: string) =>
    bench.run(['copy', `${name}:v1`, `${destination.host}/m/${name}`, `--plain-http=${destination.host}`, ...QUICK], {
      clock,
    });

  it('is a person: it takes what is kept for people, too', async () => {
    await start(10);
    file(names(2));
    await person(9);
    expect((await copy('app-00')).code).toBe(0);
    expect((await copy('app-01')).code).toBe(75);
    expect(refused()).toEqual([]);
  });

  it('says in one line what is left to whom, and goes on where it has stopped when it is run again', async () => {
    await start(10);
    hub.state.place('library/many', multiPlatform({ seed: 'many', attestations: true }), 'v1');
    file(names(1));
    await person(8);
    const short = await copy('many');
    expect(short.code).toBe(75);
    expect(short.out[0]).toMatch(
      /^skipped {2}.*m\/many:v1: put off: source: read .*docker\.io: 0 of 10 pulls in 6 h are left/,
    );
    clock.advance(WINDOW + 1);
    expect(await copy('many')).toMatchObject({ code: 0, err: [] });
    expect(refused()).toEqual([]);
  });
});
