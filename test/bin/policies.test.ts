import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { image } from '../../local/images';
import type { RunningRegistry } from '../../local/registry';
import { standingClock } from '../aws/stack';
import { type Bench, openBench } from './drive';

const DAY = 86_400;
let bench: Bench;
let source: RunningRegistry;
let destination: RunningRegistry;
let clock: ReturnType<typeof standingClock>;

beforeEach(async () => {
  bench = openBench();
  [source, destination] = await Promise.all([bench.registry(), bench.registry()]);
  clock = standingClock(Date.UTC(2026, 10, 21, 12));
});
afterEach(() => bench.close());

const host = ({ address }: RunningRegistry) => address.replace('http://', '');
const place = (seed: string) => {
  const built = image({ seed });
  source.state.place('org/app', built, '1');
  return built.root.descriptor.digest;
};
const mirrors = (more: string) =>
  bench.write(
    'mirrors.yaml',
    `mirrors: [{source: "${host(source)}/org/app:1", destination: "${host(destination)}/app", ${more}}]`,
  );
const run = async (command: string, ...more: string[]) => {
  const hosts = [source, destination].map(host).join(',');
  const ran = await bench.run(
    [command, '-f', 'mirrors.yaml', '--plain-http', '--private-hosts', hosts, '--json', ...more],
    {
      clock,
    },
  );
  const events = ran.out
    .map((text) => JSON.parse(text))
    .filter(({ event }) => event !== 'summary' && event !== 'price');
  return { code: ran.code, err: ran.err, events };
};
const tags = () => Object.fromEntries(destination.state.repositories.get('app')?.tags ?? []);

describe('minAge in a file', () => {
  it('waits, remembers in a file beside the mirrors, and copies what is old enough', async () => {
    mirrors('minAge: 3d');
    const first = place('a');
    expect(await run('plan')).toMatchObject({ code: 0, events: [{ event: 'skipped', reason: 'too-young' }] });
    expect(existsSync(join(bench.folder, 'mirrors.yaml.state.json'))).toBe(false);
    expect(await run('sync')).toMatchObject({
      code: 0,
      events: [
        {
          event: 'skipped',
          reason: 'too-young',
          detail: `${first} is known since 2026-11-21T12:00:00.000Z and is copied from 2026-11-24T12:00:00.000Z on, 3d later`,
        },
      ],
    });
    expect(existsSync(join(bench.folder, 'mirrors.yaml.state.json'))).toBe(true);
    clock.advance(2 * DAY);
    const second = place('b');
    await run('sync');
    clock.advance(DAY);
    expect(await run('plan')).toMatchObject({ events: [{ event: 'copy', digest: first }] });
    expect(await run('sync')).toMatchObject({ code: 0, events: [{ event: 'copied', digest: first }] });
    expect(tags()).toEqual({ 1: first });
    expect(await run('sync')).toMatchObject({
      events: [{ reason: 'up-to-date', detail: expect.stringContaining(`${second} is known since 2026-11-23`) }],
    });
    clock.advance(2 * DAY);
    expect(await run('sync')).toMatchObject({ events: [{ event: 'copied', digest: second }] });
  });

  it('remembers in the file that is named', async () => {
    mirrors('minAge: 1d');
    place('a');
    await run('sync', '--state', 'memory.json');
    clock.advance(DAY);
    expect(await run('sync')).toMatchObject({ events: [{ reason: 'too-young' }] });
    expect(await run('sync', '--state', 'memory.json')).toMatchObject({ events: [{ event: 'copied' }] });
  });

  it('copies nothing when that cannot be written', async () => {
    mirrors('minAge: 1d');
    place('a');
    const { code, err } = await run('sync', '--state', 'no/such/folder.json');
    expect(code).toBe(64);
    expect(err).toEqual([expect.stringMatching(/^ecr-mirror: state file .*: write: got ENOENT/)]);
    expect(tags()).toEqual({});
  });

  it('is not asked of what has none: no file is made', async () => {
    mirrors('note: plain');
    place('a');
    await run('sync');
    expect(existsSync(join(bench.folder, 'mirrors.yaml.state.json'))).toBe(false);
  });
});

describe('keepPrevious in a file', () => {
  it('keeps what a tag held, and says under which tag', async () => {
    mirrors('keepPrevious: true');
    const first = place('a');
    await run('sync');
    const second = place('b');
    expect(await run('sync')).toMatchObject({ events: [{ event: 'copied', digest: second, kept: 'prev-1-20261121' }] });
    expect(tags()).toEqual({ 1: second, 'prev-1-20261121': first });
    place('c');
    const hosts = [source, destination].map(host).join(',');
    const { out } = await bench.run(['sync', '-f', 'mirrors.yaml', '--plain-http', '--private-hosts', hosts], {
      clock,
    });
    expect(out[0]).toMatch(/^copied .*, what it was is prev-1-20261121-120000\)$/);
  });
});

describe('onConflict in a file', () => {
  const immutable = { errors: [{ code: 'TAG_INVALID', message: 'the tag is immutable' }] };

  beforeEach(async () => {
    destination = await bench.registry({
      intercept: ({ method, path }) =>
        method === 'PUT' && path.endsWith('/manifests/1') && tags()[1] !== undefined
          ? { status: 400, body: JSON.stringify(immutable) }
          : undefined,
    });
  });

  it('mirrors beside a tag that does not move, says so, and is up to date then', async () => {
    const first = place('a');
    mirrors('onConflict: suffix');
    await run('sync');
    const next = place('b');
    const beside = `1-${next.slice(7, 19)}`;
    expect(await run('sync')).toMatchObject({ code: 0, events: [{ event: 'copied', digest: next, tag: beside }] });
    expect(tags()).toEqual({ 1: first, [beside]: next });
    expect(await run('sync')).toMatchObject({ code: 0, events: [{ event: 'skipped', reason: 'up-to-date' }] });
  });

  it('reports it where nothing else is asked', async () => {
    const first = place('a');
    mirrors('note: report');
    await run('sync');
    place('b');
    expect(await run('sync')).toMatchObject({ code: 1, events: [{ event: 'failed', reason: 'conflict' }] });
    expect(tags()).toEqual({ 1: first });
  });
});
