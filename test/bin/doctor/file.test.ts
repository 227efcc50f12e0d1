import { chmodSync } from 'node:fs';
import type { Finding } from '../../../bin/doctor/finding';
import { secretNamed } from '../../../local/canary';
import { image } from '../../../local/images';
import type { RunningRegistry } from '../../../local/registry';
import { type Bench, openBench } from '../drive';

/** Each cause is broken, found, and mended: over real connections to embedded registries. */

const PASSWORD = secretNamed('doctor');
const QUICK = ['--attempts', '1', '--timeout', '2s'];

describe('doctor of a file', () => {
  let bench: Bench;
  let source: RunningRegistry;
  let destination: RunningRegistry;
  /** What the user may do at the destination. */
  let allowed: readonly ('pull' | 'push')[];
  /** Milliseconds that the registries' clocks are ahead. */
  let ahead: { source: number; destination: number };

  beforeEach(async () => {
    bench = openBench();
    allowed = ['pull', 'push'];
    ahead = { source: 0, destination: 0 };
    source = await bench.registry();
    destination = await bench.registry({
      auth: { kind: 'bearer', users: [{ username: 'ci', password: PASSWORD }], allow: (user) => (user ? allowed : []) },
    });
    for (const [name, registry] of Object.entries({ source, destination })) {
      registry.intercept(({ path }) =>
        path !== '/v2/' || ahead[name as keyof typeof ahead] === 0
          ? undefined
          : { status: 200, headers: { date: new Date(Date.now() + ahead[name as keyof typeof ahead]).toUTCString() } },
      );
    }
    source.state.place('app', image({ seed: 'doctor' }), 'v1.0.0');
    login(PASSWORD);
    write({ source: `${source.host}/app:v1.0.0` });
  });

  afterEach(() => bench.close());

  function login(password: string, more: object = {}): void {
    const auth = Buffer.from(`ci:${password}`).toString('base64');
    bench.write('config.json', JSON.stringify({ auths: { [destination.host]: { auth } }, ...more }));
  }
  function write(row: object): void {
    const mirrors = [{ destination: `${destination.host}/mirror/app`, ...row }];
    bench.write('mirrors.yaml', JSON.stringify({ mirrors }));
  }
  const run = (...flags: string[]) => bench.run(['doctor', '-f', 'mirrors.yaml', '--plain-http', ...QUICK, ...flags]);
  async function findings(...flags: string[]): Promise<{ code: number; wrong: readonly Finding[] }> {
    const { code, out } = await run('--json', ...flags);
    const told = out.map((line) => JSON.parse(line));
    return { code, wrong: told.filter(({ verdict }) => verdict === 'error' || verdict === 'warning') };
  }
  const well = async () => expect(await findings()).toEqual({ code: 0, wrong: [] });

  it('finds nothing wrong where nothing is, and reads and writes nothing', async () => {
    await well();
    const asked = [...source.requests, ...destination.requests].filter(({ kind }) => kind !== 'token');
    expect(asked.map(({ method, kind }) => `${method} ${kind}`).sort()).toEqual([
      'GET ping',
      'GET ping',
      'HEAD manifest',
      'PUT upload',
      'PUT upload',
    ]);
    expect(destination.state.repositories.size).toBe(0);
    expect(destination.uploads().size).toBe(0);
  });

  it('says so in lines that fit eighty columns', async () => {
    login('another');
    const { code, out } = await run();
    expect(code).toBe(1);
    expect(out.filter((line) => line.length > 80)).toEqual([]);
    expect(out.join('\n')).toContain(`ok       ${source.host}: answers from here`);
    expect(out.at(-1)).toMatch(/^\d ok, 0 warnings, 1 error, 1 not checked$/);
    const quiet = await run('-q');
    expect(quiet.out.join(' ')).toMatch(/^error {4}/);
    expect(quiet.out.join(' ')).not.toContain(' ok');
  });

  it('a wrong password', async () => {
    login('wrong');
    const { code, wrong } = await findings();
    expect(code).toBe(1);
    expect(wrong).toEqual([
      expect.objectContaining({ code: 'DOCTOR-PUSH', verdict: 'error', place: `${destination.host}/mirror/app` }),
    ]);
    expect(wrong[0]?.saw).toMatch(/401/);
    expect(wrong[0]?.remedy).toMatch(/credential/);
    login(PASSWORD);
    await well();
  });

  it('a user who may pull and not push', async () => {
    allowed = ['pull'];
    const { code, wrong } = await findings();
    expect(code).toBe(1);
    expect(wrong).toEqual([expect.objectContaining({ code: 'DOCTOR-PUSH', saw: expect.stringContaining('as ci') })]);
    allowed = ['pull', 'push'];
    await well();
  });

  it('a registry that takes no pushes', async () => {
    destination.intercept(({ method }) => (method === 'PUT' ? { status: 405 } : undefined));
    expect((await findings()).wrong).toEqual([
      expect.objectContaining({ code: 'DOCTOR-PUSH', saw: expect.stringContaining('takes no pushes') }),
    ]);
    destination.intercept(undefined);
    await well();
  });

  it('a credential helper that is not there, and one that fails', async () => {
    bench.write('config.json', JSON.stringify({ credHelpers: { [destination.host]: 'absent' } }));
    expect((await findings()).wrong).toEqual([
      {
        ...{ event: 'finding', code: 'DOCTOR-CREDENTIAL', verdict: 'error', place: destination.host },
        saw: expect.stringContaining('docker-credential-absent'),
        remedy: 'docker-credential-absent on the PATH would do',
        errorCode: 'CREDENTIAL_UNAVAILABLE',
      },
    ]);
    bench.env.PATH = `${bench.folder}:${bench.env.PATH}`;
    const helper = bench.write('docker-credential-absent', '#!/bin/sh\necho expired >&2\nexit 1\n');
    chmodSync(helper, 0o755);
    expect((await findings()).wrong[0]).toMatchObject({
      code: 'DOCTOR-CREDENTIAL',
      saw: expect.stringContaining('expired'),
    });
    login(PASSWORD);
    await well();
  });

  it('a credential helper that is not there once, however many repositories it is for', async () => {
    bench.write('config.json', JSON.stringify({ credHelpers: { [destination.host]: 'absent' } }));
    const from = `${source.host}/app:v1.0.0`;
    const row = (name: string) => ({ source: name, from, destination: `${destination.host}/${name}` });
    bench.write('mirrors.yaml', JSON.stringify({ mirrors: [row('a'), row('b'), row('c')] }));
    expect((await findings()).wrong).toEqual([
      expect.objectContaining({ code: 'DOCTOR-CREDENTIAL', place: destination.host }),
    ]);
  });

  it('a source that is not there, and one that may not be read', async () => {
    write({ source: `${source.host}/absent:v1.0.0` });
    expect((await findings()).wrong).toEqual([
      expect.objectContaining({ code: 'DOCTOR-PULL', saw: expect.stringContaining('is not there') }),
    ]);
    write({ source: `${destination.host}/secret:v1.0.0` });
    allowed = ['push'];
    expect((await findings()).wrong).toEqual([
      expect.objectContaining({ code: 'DOCTOR-PULL', saw: expect.stringContaining('may not be pulled as ci') }),
    ]);
    write({ source: `${source.host}/app:v1.0.0` });
    await well();
  });

  it('a list of tags that may not be read, where a row selects among tags', async () => {
    write({ source: `${destination.host}/secret`, tags: { latest: 2 } });
    allowed = ['push'];
    expect((await findings()).wrong).toEqual([expect.objectContaining({ code: 'DOCTOR-PULL' })]);
    write({ source: `${source.host}/app`, tags: { latest: 2 } });
    await well();
  });

  it('a registry that nobody answers for, a name that nobody knows, and one without TLS', async () => {
    const gone = await bench.registry();
    await gone.close();
    write({ source: `${gone.host}/app:v1.0.0` });
    expect((await findings()).wrong).toEqual([
      expect.objectContaining({ code: 'DOCTOR-ROUTE', place: gone.host, saw: expect.stringContaining('ECONNREFUSED') }),
    ]);
    write({ source: 'registry.invalid/app:v1.0.0' });
    expect((await findings()).wrong).toEqual([
      expect.objectContaining({
        code: 'DOCTOR-ROUTE',
        place: 'registry.invalid',
        remedy: expect.stringMatching(/spelling/),
      }),
    ]);
    write({ source: `${source.host}/app:v1.0.0` });
    const ran = await findings(`--plain-http=${destination.host}`, '--private-hosts', source.host);
    expect(ran.wrong).toEqual([
      expect.objectContaining({
        code: 'DOCTOR-ROUTE',
        place: source.host,
        remedy: expect.stringContaining('--plain-http'),
      }),
    ]);
    await well();
  });

  it('an address that no row may lead to', async () => {
    const { wrong } = await findings(`--plain-http=${destination.host}`);
    expect(wrong).toEqual([
      expect.objectContaining({
        code: 'DOCTOR-ROUTE',
        place: source.host,
        remedy: expect.stringContaining('--private-hosts'),
      }),
    ]);
  });

  it('a proxy that is not there', async () => {
    write({ source: 'registry.invalid/app:v1.0.0' });
    bench.env.HTTPS_PROXY = 'http://user:word@127.0.0.1:9';
    const { wrong } = await findings(`--plain-http=${destination.host}`);
    expect(wrong).toEqual([expect.objectContaining({ code: 'DOCTOR-ROUTE', place: 'registry.invalid' })]);
    expect(wrong[0]?.saw).toContain('by the proxy 127.0.0.1:9');
    expect(JSON.stringify(wrong)).not.toContain('word');
  });

  it('the clock of this machine, and that of a registry', async () => {
    ahead = { source: 600_000, destination: 600_000 };
    expect((await findings()).wrong).toEqual([
      expect.objectContaining({ code: 'DOCTOR-CLOCK', verdict: 'error', place: 'this machine' }),
    ]);
    ahead = { source: 120_000, destination: 120_000 };
    const doubtful = await findings();
    expect(doubtful).toMatchObject({ code: 0, wrong: [{ code: 'DOCTOR-CLOCK', verdict: 'warning' }] });
    ahead = { source: 600_000, destination: 0 };
    expect((await findings()).wrong).toEqual([expect.objectContaining({ code: 'DOCTOR-CLOCK', place: source.host })]);
    ahead = { source: 0, destination: 0 };
    await well();
  });

  it('rows that are wrong, and rows that ask for what is not allowed', async () => {
    write({ source: `${source.host}/app:v1.0.0`, evry: '6h' });
    const first = await findings();
    expect(first.wrong).toEqual([expect.objectContaining({ code: 'DOCTOR-ROW' })]);
    const mirrors = [{ source: `${source.host}/app:v1.0.0`, destination: `${destination.host}/mirror/app` }];
    bench.write('mirrors.yaml', JSON.stringify({ allow: { sources: ['ghcr.io/**'], destinations: ['**'] }, mirrors }));
    expect((await findings()).wrong).toEqual([
      expect.objectContaining({ code: 'DOCTOR-ROW', saw: expect.stringContaining('is not allowed') }),
    ]);
    write({ source: `${source.host}/app:v1.0.0` });
    await well();
  });

  it('a registry in trouble', async () => {
    source.intercept(({ path }) => (path === '/v2/' ? { status: 503 } : undefined));
    expect(await findings()).toMatchObject({
      code: 0,
      wrong: [{ code: 'DOCTOR-ROUTE', verdict: 'warning', saw: 'answers 503' }],
    });
    source.intercept(undefined);
    await well();
  });

  it('what it is to look at', async () => {
    expect(await bench.run(['doctor'])).toMatchObject({
      code: 64,
      err: [expect.stringContaining('-f FILE, --stack NAME, or ECR_MIRROR_STACK would do')],
    });
  });
});

describe('doctor of a file that mirrors from Docker Hub', () => {
  let bench: Bench;
  let hub: RunningRegistry;

  beforeEach(async () => {
    bench = openBench();
    hub = await bench.registry({ personality: { kind: 'docker-hub', limit: 10 } });
    hub.state.place('library/nginx', image({ seed: 'nginx' }), '1.27.0');
    hub.state.place('ratelimitpreview/test', image({ seed: 'preview' }), 'latest');
    bench.env.REGISTRY_ENDPOINTS = JSON.stringify({ 'docker.io': hub.address });
    const mirrors = [{ source: 'nginx:1.27.0', destination: `${hub.host}/mirror` }];
    bench.write('mirrors.yaml', JSON.stringify({ mirrors }));
  });

  afterEach(() => bench.close());

  it.each([
    [0, 'ok', '10 of 10 pulls in 6 h 0 min are left to 127.0.0.1'],
    [9, 'warning', '1 of 10 pulls in 6 h 0 min are left to 127.0.0.1'],
    [10, 'error', '0 of 10 pulls in 6 h 0 min are left to 127.0.0.1'],
  ])('says how many pulls are left after %i, and takes none', async (pulled, verdict, saw) => {
    const accept = 'application/vnd.oci.image.manifest.v1+json,application/vnd.oci.image.index.v1+json';
    for (let pull = 0; pull < pulled; pull += 1) {
      await fetch(`${hub.address}/v2/library/nginx/manifests/1.27.0`, { headers: { accept } });
    }
    hub.forgetRequests();
    const { out } = await bench.run(['doctor', '-f', 'mirrors.yaml', '--plain-http', '--json', ...QUICK]);
    const told = out.map((line) => JSON.parse(line)).filter(({ code }) => code === 'DOCTOR-PULLS');
    expect(told).toEqual([expect.objectContaining({ place: 'docker.io', verdict, saw })]);
    expect(hub.requests.filter(({ method, kind }) => method === 'GET' && kind === 'manifest')).toEqual([]);
  });

  it('does not take a refusal without figures for a limit that is not there', async () => {
    hub.intercept(({ path }) => (path.startsWith('/v2/ratelimitpreview/') ? { status: 429 } : undefined));
    const { out } = await bench.run(['doctor', '-f', 'mirrors.yaml', '--plain-http', '--json', ...QUICK]);
    const told = out.map((line) => JSON.parse(line)).filter(({ code }) => code === 'DOCTOR-PULLS');
    expect(told).toEqual([expect.objectContaining({ verdict: 'unknown', saw: expect.stringContaining('429') })]);
  });
});

describe('doctor of a file that mirrors from Amazon ECR Public', () => {
  const before = { ...process.env };
  let bench: Bench;

  beforeEach(async () => {
    bench = openBench();
    const registry = await bench.registry();
    registry.state.place('nginx/nginx', image({ seed: 'public' }), '1.27.0');
    bench.env.REGISTRY_ENDPOINTS = JSON.stringify({ 'public.ecr.aws': registry.address });
    const mirrors = [{ source: 'public.ecr.aws/nginx/nginx:1.27.0', destination: `${registry.host}/mirror` }];
    bench.write('mirrors.yaml', JSON.stringify({ mirrors }));
    for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
    const none = `${bench.folder}/none`;
    Object.assign(process.env, { AWS_EC2_METADATA_DISABLED: 'true', AWS_CONFIG_FILE: none });
    process.env.AWS_SHARED_CREDENTIALS_FILE = none;
  });

  afterEach(async () => {
    process.env = { ...before };
    await bench.close();
  });

  it('finds nothing wrong where there are no credentials of AWS: anyone may pull', async () => {
    const { code, out } = await bench.run(['doctor', '-f', 'mirrors.yaml', '--plain-http', '--json', ...QUICK]);
    const told: readonly Finding[] = out.map((line) => JSON.parse(line));
    expect(code).toBe(0);
    expect(told).toContainEqual(
      expect.objectContaining({ code: 'DOCTOR-PULL', saw: 'nginx/nginx can be pulled anonymously' }),
    );
    expect(told.filter((one) => one.code === 'DOCTOR-AWS')).toEqual([]);
  });
});
