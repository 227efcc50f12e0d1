import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { multiPlatform } from '../../local/images';
import type { RunningRegistry } from '../../local/registry';
import { type Bench, digestAt, openBench, QUICK } from './drive';

let bench: Bench;
let source: RunningRegistry;
let destination: RunningRegistry;
const platforms = ['amd64', 'arm64', 's390x'].map((architecture) => ({ os: 'linux', architecture }));
const app = multiPlatform({ seed: 'app', platforms, attestations: true });
const moved = multiPlatform({ seed: 'moved', platforms, attestations: true });
const [amd64, arm64] = app.manifests.map(({ descriptor }) => descriptor.digest);

beforeEach(async () => {
  bench = openBench();
  source = await bench.registry();
  destination = await bench.registry();
  source.state.place('org/app', app, 'v1');
});
afterEach(() => bench.close());

const childrenAt = (name: string, tag: string) => {
  const repository = destination.state.repositories.get(name);
  const bytes = repository?.manifests.get(repository.tags.get(tag) ?? ('' as never))?.bytes;
  const { manifests } = JSON.parse(Buffer.from(bytes ?? '{}').toString()) as { manifests?: { digest: string }[] };
  return manifests?.map(({ digest }) => digest);
};
const manifestReads = () =>
  source.requests.filter(({ method, path }) => method === 'GET' && path.includes('/manifests/')).length;

describe('ecr-mirror copy --platform', () => {
  const copy = (...words: string[]) => bench.run(['copy', '--plain-http', '--json', ...QUICK, ...words]);

  it('copies one platform, or several, and says what the destination has', async () => {
    const one = await copy(`${source.host}/org/app:v1`, `${destination.host}/one`, '--platform', 'linux/arm64');
    const two = await copy(
      `${source.host}/org/app:v1`,
      `${destination.host}/two`,
      '--platform',
      'linux/arm64/v8,linux/amd64',
    );
    expect([one.code, two.code]).toEqual([0, 0]);
    expect(digestAt(destination, 'one', 'v1')).toBe(arm64);
    expect(childrenAt('two', 'v1')?.slice(0, 2)).toEqual([amd64, arm64]);
    expect(childrenAt('two', 'v1')?.length).toBe(4);
    expect(JSON.parse(one.out[0] ?? '')).toMatchObject({ event: 'copied', digest: arm64, platforms: ['linux/arm64'] });
    expect(JSON.parse(two.out[0] ?? '').digest).toBe(digestAt(destination, 'two', 'v1'));
  });

  it('leaves alone what is there, and copies for other platforms', async () => {
    const words = [`${source.host}/org/app:v1`, `${destination.host}/app`, '--platform'];
    await copy(...words, 'linux/arm64');
    expect(JSON.parse((await copy(...words, 'linux/arm64')).out[0] ?? '')).toMatchObject({ reason: 'up-to-date' });
    expect(JSON.parse((await copy(...words, 'linux/amd64')).out[0] ?? '')).toMatchObject({ event: 'copied' });
    expect(digestAt(destination, 'app', 'v1')).toBe(amd64);
  });

  it('copies into a folder and out of it', async () => {
    await copy(`${source.host}/org/app:v1`, 'oci:images', '--platform', 'linux/amd64,linux/arm64');
    const ran = await copy('oci:images', `${destination.host}/app`, '--platform', 'linux/arm64');
    expect(ran.code).toBe(0);
    expect(digestAt(destination, 'app', 'v1')).toBe(arm64);
  });

  it.each([
    [
      'linux/riscv64',
      64,
      /got no linux\/riscv64; of linux\/amd64, linux\/arm64, linux\/s390x those that are wanted would do/,
    ],
    ['amd64', 64, /^ecr-mirror: --platform: platform: got "amd64"; linux\/amd64 would do \[USAGE\]$/m],
    ['linux/amd64,', 64, /^ecr-mirror: --platform: platform: got ""/],
  ])('refuses %s in one line', async (platform, code, line) => {
    const ran = await copy(`${source.host}/org/app:v1`, `${destination.host}/app`, '--platform', platform);
    expect(ran.code).toBe(code);
    expect([...ran.err, ...ran.out.slice(0, 1)].join('\n')).toMatch(line);
    expect(destination.state.repositories.get('app')?.tags.size ?? 0).toBe(0);
  });
});

describe('a file with platforms', () => {
  const run = async (command: string, ...words: string[]) => {
    source.forgetRequests();
    const ran = await bench.run([command, '-f', 'mirrors.yaml', '--plain-http', '--json', ...QUICK, ...words]);
    return { ...ran, events: ran.out.map((line) => JSON.parse(line)) };
  };
  const write = (list: string) =>
    bench.write(
      'mirrors.yaml',
      `mirrors: [{ source: '${source.host}/org/app:v1', destination: '${destination.host}/app', platforms: ${list} }]`,
    );

  it('is mirrored once, and again when the source moves or the platforms change', async () => {
    write('[linux/amd64, linux/arm64]');
    const reasons: unknown[] = [];
    const round = async () => {
      const planned = await run('plan');
      const synced = await run('sync');
      expect([planned.code, synced.code]).toEqual([0, 0]);
      reasons.push(planned.events[0].reason ?? planned.events[0].destinations?.[0]?.why, synced.events[0].event);
    };
    await round();
    await round();
    source.state.place('org/app', moved, 'v1');
    await round();
    write('linux/arm64');
    await round();
    await round();
    expect(reasons.filter((_, i) => i % 2 === 1)).toEqual(['copied', 'skipped', 'copied', 'copied', 'skipped']);
    expect(digestAt(destination, 'app', 'v1')).toBe(moved.manifests[1]?.descriptor.digest);
  });

  it('has its index read in each run, but with a state file only once', async () => {
    write('[linux/amd64]');
    expect((await run('sync', '--state', 'state.json')).events[0].event).toBe('copied');
    expect((await run('sync')).events[0].reason).toBe('up-to-date');
    expect(manifestReads()).toBe(1);
    for (const command of ['sync', 'plan', 'sync']) {
      expect((await run(command, '--state', 'state.json')).code).toBe(0);
      expect(manifestReads()).toBe(0);
    }
    const state = JSON.parse(readFileSync(join(bench.folder, 'state.json'), 'utf8'));
    const [row] = Object.values(state.rows) as { parts: unknown }[];
    expect(row?.parts).toEqual({ [`${app.root.descriptor.digest} linux/amd64`]: amd64 });
  });

  it('remembers what it has read, and forgets what is of no use', async () => {
    write('[linux/amd64]');
    await run('sync');
    await run('sync', '--state', 'state.json');
    expect(manifestReads()).toBe(1);
    await run('sync', '--state', 'state.json');
    expect(manifestReads()).toBe(0);
    source.state.place('org/app', moved, 'v1');
    await run('sync', '--state', 'state.json');
    const state = JSON.parse(readFileSync(join(bench.folder, 'state.json'), 'utf8'));
    const [row] = Object.values(state.rows) as { parts: object }[];
    expect(Object.keys(row?.parts ?? {})).toEqual([`${moved.root.descriptor.digest} linux/amd64`]);
  });

  it('takes what a state file says amiss for nothing said', async () => {
    write('[linux/amd64]');
    await run('sync', '--state', 'state.json');
    const file = join(bench.folder, 'state.json');
    const state = JSON.parse(readFileSync(file, 'utf8'));
    for (const row of Object.values(state.rows) as { parts: object }[]) {
      row.parts = { [`${app.root.descriptor.digest} linux/amd64`]: 'sha256:x', other: 5 };
    }
    writeFileSync(file, JSON.stringify(state));
    expect((await run('sync', '--state', 'state.json')).events[0].reason).toBe('up-to-date');
    expect(manifestReads()).toBe(1);
  });

  it('has the sizes of the part told', async () => {
    write('[linux/amd64]');
    const part = (await run('plan', '--sizes')).events[0];
    write('[linux/amd64, linux/arm64, linux/s390x]');
    const whole = (await run('plan', '--sizes')).events[0];
    // The index, and the manifest of the platform.
    expect(part.pulls).toBe(2);
    expect(whole.pulls).toBe(7);
  });
});

it('leaves what another tool has written otherwise as it is, when configs are compared, and remembers that', async () => {
  const written = multiPlatform({ seed: 'app', platforms, annotations: { by: 'another tool' } });
  destination.state.place('app', written, 'v1');
  const sync = async (compare: string, ...words: string[]) => {
    const image = `source: '${source.host}/org/app:v1', destination: '${destination.host}/app', compare: ${compare}`;
    bench.write('mirrors.yaml', `mirrors: [{ ${image} }]`);
    source.forgetRequests();
    const ran = await bench.run(['sync', '-f', 'mirrors.yaml', '--plain-http', '--json', ...QUICK, ...words]);
    expect(ran.code).toBe(0);
    const { event, reason } = JSON.parse(ran.out[0] ?? '');
    return [reason ?? event, manifestReads()];
  };
  // The index, and a manifest for each platform.
  expect(await sync('config', '--state', 'state.json')).toEqual(['up-to-date', 4]);
  expect(await sync('config', '--state', 'state.json')).toEqual(['up-to-date', 0]);
  expect(digestAt(destination, 'app', 'v1')).toBe(written.root.descriptor.digest);
  expect((await sync('manifest'))[0]).toBe('copied');
  expect(digestAt(destination, 'app', 'v1')).toBe(app.root.descriptor.digest);
});
