import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { image, pushBuilt } from '../../local/images';
import type { RunningRegistry } from '../../local/registry';
import { type Bench, openBench, QUICK, type Ran } from './drive';

const HOUR = 3_600_000;
let bench: Bench;
let upstream: RunningRegistry;
let mirror: RunningRegistry;
let from: string;
let to: string;

beforeEach(async () => {
  bench = openBench();
  [upstream, mirror] = await Promise.all([bench.registry(), bench.registry()]);
  [from, to] = [upstream, mirror].map(({ address }) => address.slice('http://'.length)) as [string, string];
});
afterEach(() => bench.close());

const publish = (name: string, tag: string, seed = `${name} ${tag}`) =>
  pushBuilt(upstream.address, name, image({ seed }), [tag]);
const write = (...mirrors: readonly object[]) =>
  bench.write('mirrors.json', JSON.stringify({ mapping: { registry: to, prefix: '' }, mirrors }));
const run = (command: string, ...more: readonly string[]): Promise<Ran> =>
  bench.run([command, '-f', 'mirrors.json', '--state', 'state.json', '--plain-http', ...QUICK, ...more]);
const status = async (hours = 0, ...more: readonly string[]) => {
  const argv = ['status', '-f', 'mirrors.json', '--state', 'state.json', '--json', ...more];
  const clock = { now: () => Date.now() + hours * HOUR, sleep: async () => {} };
  const { code, out } = await bench.run(argv, { clock });
  const copies = out.map((line) => JSON.parse(line)).filter(({ event }) => event === 'status');
  return { code, copies };
};

it('says of a file what sync wrote down: mirrored, when, and what', async () => {
  await publish('app', '1');
  write({ source: `${from}/app:1` });
  expect(await status()).toMatchObject({
    code: 1,
    copies: [{ verdict: 'stale', why: 'never mirrored, nor looked at' }],
  });
  await run('sync');
  const { digest } = image({ seed: 'app 1' }).root.descriptor;
  expect(await status()).toMatchObject({
    code: 0,
    copies: [{ verdict: 'fresh', source: `${from}/app:1`, sourceDigest: digest, digest, bytes: expect.any(Number) }],
  });
});

it('says when a copy was last looked at, also where nothing has changed', async () => {
  await publish('app', '1');
  write({ source: `${from}/app:1` });
  await run('sync');
  const [before] = (await status()).copies;
  await run('sync');
  const [after] = (await status()).copies;
  expect(after.lastMirrored).toBe(before.lastMirrored);
  expect(Date.parse(after.lastChecked)).toBeGreaterThan(Date.parse(before.lastChecked));
  expect((await status(25)).copies).toMatchObject([{ verdict: 'stale', why: 'not looked at, although it is due' }]);
  expect((await status(25, '--stale', '2d')).code).toBe(0);
});

it('says what failed, since when and why, until it does not', async () => {
  await publish('app', '1');
  write({ source: `${from}/app:1` });
  await run('sync');
  const served = upstream.state.repositories.get('app');
  upstream.state.repositories.delete('app');
  await run('sync');
  await run('sync');
  const { code, copies } = await status();
  expect(code).toBe(1);
  const [row, copy] = copies;
  expect(row).toMatchObject({
    verdict: 'failed',
    source: `${from}/app:1`,
    staleSince: expect.any(String),
  });
  expect(row).not.toHaveProperty('destination');
  expect(row.error).toContain('source');
  expect(copy).toMatchObject({ verdict: 'fresh', lastMirrored: expect.any(String) });
  if (served !== undefined) upstream.state.repositories.set('app', served);
  await run('sync');
  expect(await status()).toMatchObject({ code: 0, copies: [{ verdict: 'fresh' }] });
});

it('says that a copy failed at its destination, and keeps what that holds', async () => {
  await publish('app', '1');
  write({ source: `${from}/app:1`, destination: [`${to}/app`, 'gone.invalid/app'] });
  await run('sync');
  const verdicts = (await status()).copies.map(({ destination, verdict }) => [destination, verdict]);
  expect(verdicts).toEqual([
    ['gone.invalid/app:1', 'failed'],
    [`${to}/app:1`, 'fresh'],
  ]);
});

it('forgets no other part of the file, and no row that another command wrote', async () => {
  await publish('app', '1');
  write({ source: `${from}/app:1`, minAge: '1h' });
  await run('sync');
  const state = JSON.parse(readFileSync(join(bench.folder, 'state.json'), 'utf8'));
  expect(Object.keys(state).sort()).toEqual(['copies', 'kind', 'rows', 'seen', 'version']);
  expect((await status()).copies).toMatchObject([{ verdict: 'waiting', state: 'Quarantined' }]);
});

it('takes a copies section that somebody else has spoilt for none', async () => {
  write({ source: `${from}/app:1` });
  const spoilt = { a: 1, b: { source: 'x' }, c: { source: 'x', destination: 'y', state: 'Mirrored', bytes: {} } };
  bench.write('state.json', JSON.stringify({ kind: 'ecr-mirror state', version: 1, rows: {}, copies: spoilt }));
  expect((await status()).copies).toMatchObject([{ source: `${from}/app:1`, verdict: 'stale' }]);
});

it('reports on a file as on a stack', async () => {
  await publish('app', '1');
  write({ source: `${from}/app:1` });
  await run('sync');
  const argv = ['report', '-f', 'mirrors.json', '--state', 'state.json', '-o', 'report.html'];
  expect((await bench.run(argv)).code).toBe(0);
  expect(readFileSync(join(bench.folder, 'report.html'), 'utf8')).toContain('<h1>Mirror report: mirrors.json</h1>');
});

it('is about a file or about a stack', async () => {
  write({ source: `${from}/app:1` });
  const { code, err } = await bench.run(['status', '-f', 'mirrors.json', '--stack', 'Images']);
  expect([code, err]).toEqual([64, ['ecr-mirror: status: got --file with --stack; one of them would do [USAGE]']]);
});
