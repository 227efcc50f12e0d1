import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { image } from '../../local/images';
import { version } from '../../package.json';
import { type Bench, digestAt, openBench, record } from './drive';

/** The bundle that is published, made by `npm run build -- --only=bundles`. */
const BUNDLE = resolve('assets/cli/ecr-mirror.js');

describe('the bundled command', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = openBench();
  });
  afterEach(() => bench.close());

  const start = (argv: readonly string[], script = BUNDLE): ChildProcess =>
    spawn(process.execPath, [script, ...argv], {
      cwd: bench.folder,
      env: bench.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const ended = async (child: ChildProcess) => {
    const [out, err] = [record(), record()];
    child.stdout?.on('data', (data) => out.write(String(data)));
    child.stderr?.on('data', (data) => err.write(String(data)));
    const [code] = await once(child, 'close');
    return { code, out: out.text(), err: err.text() };
  };
  /** Until the child has said something that holds the text. */
  const says = (child: ChildProcess, text: string) =>
    new Promise<void>((resolve, reject) => {
      let said = '';
      child.stdout?.on('data', (data) => {
        said += String(data);
        if (said.includes(text)) resolve();
      });
      child.once('close', () => reject(new Error(`ended after ${said}`)));
    });

  it('says its version and helps, under the name that npm links it by', async () => {
    expect(await ended(start(['--version']))).toEqual({ code: 0, out: `${version}\n`, err: '' });
    const link = join(bench.folder, 'ecr-mirror');
    symlinkSync(BUNDLE, link);
    expect(await ended(start(['copy', '--help'], link))).toMatchObject({ code: 0, err: '' });
  });

  it('copies', async () => {
    const [source, destination] = [await bench.registry(), await bench.registry()];
    const built = image({ seed: 'app' });
    source.state.place('app', built, 'v1');
    const argv = ['copy', '--plain-http', `${source.host}/app:v1`, `${destination.host}/app`, 'oci-archive:app.tar'];
    expect(await ended(start(argv))).toMatchObject({ code: 0, err: '' });
    expect(digestAt(destination, 'app', 'v1')).toBe(built.root.descriptor.digest);
    const back = ['copy', '--plain-http', 'oci-archive:app.tar', `${destination.host}/back`];
    expect(await ended(start(back))).toMatchObject({ code: 0, err: '' });
    expect(digestAt(destination, 'back', 'v1')).toBe(built.root.descriptor.digest);
  });

  it('gives the exit code of what went wrong', async () => {
    expect(await ended(start(['frobnicate']))).toMatchObject({ code: 64, out: '' });
    const unreachable = ['copy', '--plain-http', '--attempts', '1', '127.0.0.1:1/a', '127.0.0.1:1/b'];
    expect(await ended(start(unreachable))).toMatchObject({ code: 69 });
  });

  it('serves until SIGTERM and ends with 0 when idle', async () => {
    const [source, destination] = [await bench.registry(), await bench.registry()];
    source.state.place('app', image({ seed: 'app' }), 'v1');
    const mirrors = [{ source: `${source.host}/app:v1`, destination: `${destination.host}/app` }];
    bench.write('mirrors.yaml', JSON.stringify({ mirrors }));
    const child = start(['serve', '-f', 'mirrors.yaml', '--plain-http']);
    await says(child, '1 copied');
    child.kill('SIGTERM');
    expect((await once(child, 'close'))[0]).toBe(0);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('ends with 75 when %s comes amid copying', async (signal) => {
    const [source, destination] = [await bench.registry(), await bench.registry({ latency: 20 })];
    source.state.place('app', image({ seed: 'app' }), 'v1');
    const child = start(['copy', '--plain-http', `${source.host}/app:v1`, `${destination.host}/app`]);
    let told = false;
    destination.intercept(({ method }) => {
      // Once: a second one would end it at once.
      if (method === 'POST' && !told) told = child.kill(signal);
      return undefined;
    });
    expect((await once(child, 'close'))[0]).toBe(75);
    expect(digestAt(destination, 'app', 'v1')).toBeUndefined();
  });
});
