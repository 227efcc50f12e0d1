import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateRepositoryCommand, ECRClient } from '@aws-sdk/client-ecr';
import { App, Stack } from 'aws-cdk-lib';
import { main } from '../../bin/ecr-mirror';
import { EcrMirror, TagSelection } from '../../lib/index';
import { image, pushBuilt } from '../../local/images';
import { readBack } from '../../local/read-back';
import { type RequestRecord, type RunningRegistry, startRegistry } from '../../local/registry';
import { type LocalStack, startStack } from '../../local/stack';
import { openBench, type Ran, record } from '../bin/drive';
import { undocumented, WITH_STACK } from '../bin/json-lines';

/** The commands for deployed stacks, on the bundles of a synthesized template: all but the network is as in AWS. */

const OWN = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
const NGINX = 'docker.io/library/nginx';
const folder = mkdtempSync(join(tmpdir(), 'stack-commands-'));
const bench = openBench();
let hub: RunningRegistry;
let own: RunningRegistry;
let stack: LocalStack;
/** A repository of which Docker Hub serves no manifest. */
let denied: string | undefined;

beforeAll(async () => {
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8')) as { context: Record<string, unknown> };
  const app = new App({ outdir: folder, analyticsReporting: false, context, builtinCloudFormationValidation: false });
  new EcrMirror(new Stack(app, 'Images'), 'Mirror', {
    images: [{ source: NGINX, tags: TagSelection.semver('>=1.25').latest(2) }],
    allowedSources: ['docker.io/library/**'],
  });
  app.synth();
  [hub, own] = await Promise.all([
    startRegistry({ personality: { kind: 'docker-hub', limit: 10_000 }, intercept: refuse }),
    startRegistry({
      personality: { kind: 'ecr', account: '111122223333', region: 'eu-west-1', repositories: ['mirror/other'] },
    }),
  ]);
  for (const tag of ['1.25.0', '1.26.0']) await publish(tag);
  stack = await startStack({ assembly: folder, registries: { 'docker.io': hub, [OWN]: own } });
  Object.assign(process.env, stack.environment);
  await stack.waitUntilIdle();
}, 60_000);

afterAll(async () => {
  await stack.stop();
  await Promise.all([hub.close(), own.close(), bench.close()]);
  rmSync(folder, { recursive: true });
});

const refuse = ({ kind, repository }: RequestRecord) =>
  kind === 'manifest' && repository === denied ? { status: 403, body: '{"errors":[{"code":"DENIED"}]}' } : undefined;
async function createRepository(repositoryName: string): Promise<void> {
  const ecr = new ECRClient({ endpoint: stack.aws.url });
  await ecr.send(new CreateRepositoryCommand({ repositoryName }));
  ecr.destroy();
}
const publish = (tag: string, seed = tag) => pushBuilt(hub.address, 'library/nginx', image({ seed }), [tag]);
const command = (...words: readonly string[]): Promise<Ran> => bench.run([...words, '--stack', 'Images']);
/** The same, some hours from now. */
const later = (hours: number, ...words: readonly string[]): Promise<Ran> =>
  bench.run([...words, '--stack', 'Images'], {
    clock: { now: () => Date.now() + hours * 3_600_000, sleep: async () => {} },
  });
const documents = ({ out }: Ran) => out.map((line) => JSON.parse(line));
/** What status says of each copy, and of each row as a whole by its key. */
const verdicts = (ran: Ran) =>
  Object.fromEntries(
    documents(ran).flatMap(({ event, source, verdict }) => (event === 'status' ? [[source, verdict]] : [])),
  );
const statusOf = async (source: string) =>
  documents(await command('status', source, '--json')).find(({ event }) => event === 'status');

describe('a stack whose copies are there', () => {
  beforeAll(() => command('run', '--wait'));

  it('is fresh, each copy by itself', async () => {
    const ran = await command('status', '--json');
    expect(ran).toMatchObject({ code: 0, err: [] });
    expect(verdicts(ran)).toEqual({ [`${NGINX}:1.25.0`]: 'fresh', [`${NGINX}:1.26.0`]: 'fresh' });
    const [first, ...others] = documents(ran);
    expect(first).toMatchObject({
      row: NGINX,
      destination: `${OWN}/mirror/docker-hub/library/nginx:1.25.0`,
      state: 'Mirrored',
      sourceDigest: image({ seed: '1.25.0' }).root.descriptor.digest,
      digest: image({ seed: '1.25.0' }).root.descriptor.digest,
      lastChecked: expect.stringMatching(/^20/),
      lastMirrored: expect.stringMatching(/^20/),
      bytes: expect.any(Number),
    });
    expect(others.map(({ event }) => event)).toEqual(['status', 'controller', 'counts']);
  });

  it('is shown as a table, names as they are where there is no terminal', async () => {
    const { out } = await command('status');
    expect(out[0]).toBe(`destinations are in ${OWN}`);
    expect(out[1]).toMatch(/^STATE +SOURCE +DESTINATION +MIRRORED +CHECKED +DIGEST$/);
    expect(out[2]).toMatch(
      /^Mirrored {2}docker.io\/library\/nginx:1.25.0 {2}mirror\/docker-hub\/library\/nginx:1.25.0 +\d+ s +\d+ s +[0-9a-f]{7}$/,
    );
    expect(out[4]).toBe('2 copies: 0 failed, 0 stale, 0 waiting, 2 fresh, 0 idle');
    expect(out[5]).toMatch(/^last run \d+ s ago \(schedule, 1 row\)$/);
  });

  it('fits a terminal of 80 columns', async () => {
    const stdout = { ...record(), isTTY: true, columns: 80 };
    const stderr = record();
    const io = { stdout, stderr, env: { ...bench.env, NO_COLOR: '1' }, cwd: bench.folder };
    await main(['status', '--stack', 'Images'], io);
    expect(stdout.lines().filter((line) => line.length > 80)).toEqual([]);
    expect(stdout.text()).toContain('nginx:1.26.0');
  });

  it('is checked by a run that writes nothing about what has not changed', async () => {
    const before = await statusOf(`${NGINX}:1.26.0`);
    await command('run');
    const after = await statusOf(`${NGINX}:1.26.0`);
    expect(Date.parse(after.lastChecked)).toBeGreaterThan(Date.parse(before.lastChecked));
    const item = (await stack.copies()).find(({ Source }) => Source === `${NGINX}:1.26.0`);
    expect(item?.LastChecked).toBe(before.lastMirrored);
  });

  it('is found by the environment, and by the ARN or the construct', async () => {
    const env = { ...bench.env, ECR_MIRROR_STACK: 'Images' };
    expect((await bench.run(['status', '-q'], { env })).code).toBe(0);
    expect((await bench.run(['status', '-q', '--stack', 'Images/Mirror'])).code).toBe(0);
  });
});

describe('what cannot be found', () => {
  it.each([
    [['status'], 'status: got no stack; --stack NAME, or ECR_MIRROR_STACK in the environment, would do'],
    [
      ['status', '--stack', 'Other'],
      'describe stack Other: ValidationError: Stack with id Other does not exist; the name of a deployed stack, in this account and region, would do',
    ],
    [['status', '--stack', 'Images/Others'], 'stack: got "Images/Others"; one of its mirrors would do: Images/Mirror'],
    [
      ['remove', 'redis:7', '--stack', 'Images'],
      'remove: got "redis:7", of which there is no row; ecr-mirror list shows them',
    ],
    [
      ['run', 'redis:7', '--stack', 'Images'],
      'run: got "redis:7", of which there is no row; ecr-mirror list shows them',
    ],
  ])('%j says what would do', async (words, line) => {
    const { code, err } = await bench.run(words);
    expect(err).toEqual([expect.stringMatching(/ \[[A-Z_]+\]$/)]);
    expect(err[0]).toContain(`ecr-mirror: ${line}`);
    expect(code).toBe(64);
  });
});

describe('each finding of status is there while its cause is', () => {
  it('the controller has not run for three hours and more', async () => {
    const wrong = await later(3.1, 'status');
    expect(wrong.code).toBe(1);
    expect(wrong.err).toEqual([
      'failed   controller: no run on schedule for 3 h; its log and its alarms say why [CONTROLLER_SILENT]',
    ]);
    stack.runSchedule();
    await stack.waitUntilIdle();
    expect(await command('status')).toMatchObject({ code: 0, err: [] });
  });

  it('a copy was not looked at for a day', async () => {
    const wrong = await later(25, 'status', '--json');
    expect(wrong.code).toBe(1);
    expect(new Set(Object.values(verdicts(wrong)))).toEqual(new Set(['stale']));
    expect(documents(wrong)[0].why).toBe('not looked at, although it is due');
    expect(Object.values(verdicts(await later(25, 'status', '--json', '--stale', '2d')))).toEqual([]);
  });

  it('the source is gone', async () => {
    await command('add', 'redis:8');
    await stack.waitUntilIdle();
    const wrong = await command('status', 'docker.io/library/redis:8', '--failed', '--json');
    expect(wrong.code).toBe(1);
    expect(documents(wrong)[0]).toMatchObject({ verdict: 'failed', source: 'docker.io/library/redis:8' });
    expect(documents(wrong)[0].error).toContain('docker.io/library/redis:8');
    await createRepository('mirror/docker-hub/library/redis');
    await pushBuilt(hub.address, 'library/redis', image({ seed: 'redis' }), ['8']);
    expect((await command('run', 'docker.io/library/redis:8', '--wait')).code).toBe(0);
    expect((await command('status', 'redis:8')).code).toBe(0);
  });

  it('the source denies what is new', async () => {
    await pushBuilt(hub.address, 'library/redis', image({ seed: 'redis, newer' }), ['8']);
    denied = 'library/redis';
    expect((await command('run', 'docker.io/library/redis:8', '--wait')).code).toBe(1);
    expect(await statusOf('redis')).toMatchObject({ verdict: 'failed', error: expect.stringMatching(/denied|403/i) });
    denied = undefined;
    expect((await command('run', 'docker.io/library/redis:8', '--wait')).code).toBe(0);
    expect(await statusOf('redis')).toMatchObject({
      verdict: 'fresh',
      digest: image({ seed: 'redis, newer' }).root.descriptor.digest,
    });
  });

  it('an immutable tag holds another image', async () => {
    const repository = own.state.repositories.get('mirror/docker-hub/library/redis');
    await pushBuilt(hub.address, 'library/redis', image({ seed: 'redis, newest' }), ['8']);
    Object.assign(repository?.settings ?? {}, { tagMutability: 'IMMUTABLE' });
    expect((await command('run', 'docker.io/library/redis:8', '--wait')).code).toBe(1);
    expect(await statusOf('redis')).toMatchObject({ verdict: 'failed', state: 'Conflict' });
    const held = await readBack(own, 'mirror/docker-hub/library/redis', '8');
    expect(held?.digest).toBe(image({ seed: 'redis, newer' }).root.descriptor.digest);
    await pushBuilt(hub.address, 'library/redis', image({ seed: 'redis, newer' }), ['8']);
    expect((await command('run', 'docker.io/library/redis:8', '--wait')).code).toBe(0);
    expect(await statusOf('redis')).toMatchObject({ verdict: 'fresh', state: 'Mirrored' });
  });

  it('a row is invalid', async () => {
    await stack.putRow({ Source: 'docker.io/library/busybox:1', Destinatoin: `${OWN}/mirror/other` });
    await stack.waitUntilIdle();
    expect(await statusOf('docker.io/library/busybox:1')).toMatchObject({ verdict: 'failed', state: 'Invalid' });
    const listed = await command('list', 'docker.io/library/busybox:1');
    expect(listed.code).toBe(1);
    expect(listed.out.join(' ')).toContain('Destinatoin');
    await command('remove', 'docker.io/library/busybox:1');
    expect(await statusOf('docker.io/library/busybox:1')).toBeUndefined();
    expect((await command('list', 'docker.io/library/busybox:1')).code).toBe(0);
  });

  it('nobody wants a copy any more: its row is paused, or gone, or has moved on', async () => {
    await command('add', 'docker.io/library/redis:8', '--row', '{"Paused":true}', '--force');
    expect(await statusOf('redis')).toMatchObject({ verdict: 'idle', why: 'paused' });
    await command('remove', 'redis:8');
    expect(await statusOf('redis')).toMatchObject({ verdict: 'idle', why: 'no row wants it' });
    await publish('1.27.0');
    await command('run', '--wait');
    expect(verdicts(await command('status', '--json', 'nginx'))).toEqual({
      [`${NGINX}:1.25.0`]: 'idle',
      [`${NGINX}:1.26.0`]: 'fresh',
      [`${NGINX}:1.27.0`]: 'fresh',
    });
  });
});

describe('add', () => {
  const rows = async () => documents(await command('list', '--json')).map(({ row }) => row.Source);

  it.each([
    [['ghcr.io/org/app:1'], 'source ghcr.io/org/app is not allowed'],
    [['nginx:1.27', 'docker.io/stranger/app'], 'destination docker.io/stranger/app is not allowed'],
    [['nginx:1.27', '--latest', '2'], 'Tags: got a selection beside a source with the tag 1.27'],
    [['nginx', '--row', '{"Evry":"6h"}'], 'Evry'],
    [['nginx', '--row', 'Every=6h'], '--row: got "Every=6h"'],
    [['nginx:1', '--expires', 'tomorrow'], '--expires: got "tomorrow"'],
    [[NGINX], 'there is a row'],
    [[], 'add: got nothing; SOURCE, or -f FILE, would do'],
  ])('refuses %j, and writes nothing', async (words, line) => {
    const before = await rows();
    const { code, err } = await command('add', ...words);
    expect(err.join(' ')).toContain(line);
    expect(code).toBe(64);
    expect(await rows()).toEqual(before);
  });

  it('writes what it is told, as the controller reads it', async () => {
    const expires = ['--expires', '2099-01-31'];
    await command(
      'add',
      'alpine',
      `${OWN}/mirror/other`,
      '--include',
      '3.*',
      '--latest',
      '2',
      ...expires,
      '--row',
      '{"Paused":true}',
    );
    const [listed] = documents(await command('list', '--json', 'docker.io/library/alpine'));
    expect(listed.row).toEqual({
      Source: 'docker.io/library/alpine',
      Destination: `${OWN}/mirror/other`,
      Tags: { Include: ['3.*'], Latest: 2 },
      Expires: 4073500800,
      Paused: true,
    });
    expect(listed.problems).toEqual([]);
  });

  it('warns of another row that may write the same', async () => {
    const { code, err } = await command('add', 'busybox:1', `${OWN}/mirror/other`, '--row', '{"Paused":true}');
    expect(err.join(' ')).toContain('may be written by docker.io/library/alpine too');
    expect(code).toBe(0);
    await command('remove', 'busybox:1', 'docker.io/library/alpine');
  });
});

describe('add -f', () => {
  const file = (document: object) => bench.write('mirrors.yaml', JSON.stringify(document));
  const listed = async () => documents(await command('list', '--json')).map(({ row }) => row);
  const ONE = { source: 'busybox:1', destination: `${OWN}/mirror/other`, paused: true };

  it('writes all mirrors of a file, as the table spells them', async () => {
    file({
      mapping: { registry: OWN, prefix: 'mirror/hub' },
      defaults: { every: '6h', paused: true, tags: { semver: '>=1', latest: 3 } },
      mirrors: [
        { source: 'alpine', staleAfter: '3d' },
        { source: 'a name', from: 'redis', destinations: [`${OWN}/mirror/redis`], expires: '2099-01-31' },
        { source: 'busybox:1', requireSignature: { identity: 'me@example.com', issuer: 'https://example.com' } },
      ],
    });
    const before = await listed();
    const { code, err, out } = await command('add', '-f', 'mirrors.yaml');
    expect({ code, err }).toEqual({ code: 0, err: [] });
    expect(out).toHaveLength(3);
    const rest = { Every: '6h', Paused: true };
    const Tags = { Semver: '>=1', Latest: 3 };
    const written = [
      {
        Source: 'a name',
        From: 'redis',
        Destination: [`${OWN}/mirror/redis`],
        Expires: 4073500800,
        Tags,
        ...rest,
      },
      {
        Source: 'docker.io/library/alpine',
        Destination: `${OWN}/mirror/hub/docker-hub/library/alpine`,
        StaleAfter: '3d',
        Tags,
        ...rest,
      },
      {
        Source: 'docker.io/library/busybox:1',
        Destination: `${OWN}/mirror/hub/docker-hub/library/busybox`,
        RequireSignature: { Identity: 'me@example.com', Issuer: 'https://example.com' },
        ...rest,
      },
    ];
    expect((await listed()).filter(({ Source }) => Source !== NGINX)).toEqual(written);
    const again = await command('add', '-f', 'mirrors.yaml');
    expect(again.err.join(' ')).toContain('there is a row "docker.io/library/alpine" already');
    expect((await command('add', '-f', 'mirrors.yaml', '--force')).code).toBe(0);
    await command('remove', ...written.map(({ Source }) => Source));
    expect(await listed()).toEqual(before);
  });

  it.each([
    [[ONE, { ...ONE, source: 'ghcr.io/org/app:1' }], [], 'source ghcr.io/org/app is not allowed'],
    [[ONE, { ...ONE, source: 'alpine', destination: 'quay.io/a/b' }], [], 'destination quay.io/a/b is not allowed'],
    [[ONE, { ...ONE, source: 'alpine', evry: '6h' }], [], 'evry'],
    [[ONE, { ...ONE, source: NGINX }], [], 'there is a row "docker.io/library/nginx" already, which "Images/Mirror/'],
    [[ONE, { ...ONE, source: 'docker.io/library/busybox:1' }], [], 'got "docker.io/library/busybox:1" twice'],
    [[ONE, 7], [], 'Source: got nothing'],
    [[], [], 'mirrors: got an empty list'],
    [[ONE], ['nginx'], 'got "nginx" beside a file'],
    [[ONE], ['--latest', '2'], 'got "--latest" beside a file'],
  ])('writes none of %j with %j when one may not be', async (mirrors, words, line) => {
    file({ mirrors });
    const before = await listed();
    const { code, err } = await command('add', '-f', 'mirrors.yaml', ...words);
    expect(err.join(' ')).toContain(line);
    expect(code).toBe(64);
    expect(await listed()).toEqual(before);
  });
});

describe('remove', () => {
  it('leaves a row alone that a stack declares, unless it is forced to', async () => {
    const { code, err } = await command('remove', NGINX);
    expect(err.join(' ')).toContain('is declared by "Images/Mirror/Row docker.io--library--nginx"');
    expect(code).toBe(64);
  });

  it('removes all that are named, or none', async () => {
    await command('add', 'docker.io/library/one:1', '--row', '{"Paused":true}');
    expect((await command('remove', 'docker.io/library/one:1', 'docker.io/library/two:1')).code).toBe(64);
    expect((await command('list', '--json', 'docker.io/library/one:1')).out).toHaveLength(1);
    expect((await command('remove', 'docker.io/library/one:1')).code).toBe(0);
  });
});

describe('run', () => {
  it('says what it would do, and does nothing', async () => {
    await publish('1.28.0');
    const jobs = stack.runner.list().length;
    const { code, out } = await command('run', '--dry-run', '--json');
    expect(code).toBe(0);
    expect(documents({ code, out, err: [] }).find(({ event }) => event === 'copy')).toEqual({
      event: 'copy',
      source: expect.stringContaining(`${NGINX}:1.28.0`),
      destination: `${OWN}/mirror/docker-hub/library/nginx:1.28.0`,
      digest: image({ seed: '1.28.0' }).root.descriptor.digest,
      why: 'missing',
    });
    expect(stack.runner.list().length).toBe(jobs);
  });

  it('follows until the copies are there', async () => {
    const { code, out } = await command('run', NGINX, '--wait', '--json');
    expect(code).toBe(0);
    const [run, ...others] = documents({ code, out, err: [] });
    expect(run).toMatchObject({ event: 'run', trigger: 'request', copies: 1, jobs: [expect.any(String)] });
    expect(others).toContainEqual(expect.objectContaining({ source: `${NGINX}:1.28.0`, verdict: 'fresh' }));
    expect(await readBack(own, 'mirror/docker-hub/library/nginx', '1.28.0')).toBeDefined();
  });

  it('gives up when the time is over, and says what is left', async () => {
    await publish('1.29.0');
    const { code, err } = await command('run', '--wait=1ms');
    expect(err.join(' ')).toMatch(/waited for 0 s: 1 copy still under way; the jobs go on/);
    expect(code).toBe(75);
    await stack.waitUntilIdle();
  });

  it('does not wait for what it does not start', async () => {
    expect((await command('run', '--dry-run', '--wait')).code).toBe(64);
  });
});

describe('report', () => {
  it('writes a page of the same', async () => {
    const { code, out, err } = await command('report', '-o', 'report.html');
    expect({ code, out, err }).toEqual({ code: 0, out: [], err: ['report written to report.html'] });
    const text = readFileSync(join(bench.folder, 'report.html'), 'utf8');
    expect(text).toContain('<h1>Mirror report: Images</h1>');
    expect(text).toContain(`${NGINX}:1.26.0`);
    expect((await command('report')).out.join('\n')).toContain('<h1>Mirror report: Images</h1>');
  });

  it('is not written where it cannot be, nor to a terminal', async () => {
    expect(await command('report', '-o', 'none/report.html')).toMatchObject({
      code: 64,
      err: [
        'ecr-mirror: report: write "none/report.html": got ENOENT; a file that this user may write would do [FILE_FAILED]',
      ],
    });
    const terminal = { ...record(), isTTY: true };
    expect((await bench.run(['report', '--stack', 'Images'], { stdout: terminal })).err).toEqual([
      'ecr-mirror: report: got a terminal to write HTML to; -o report.html would do [USAGE]',
    ]);
  });
});

it.each(WITH_STACK)('%s tells machines lines that are described', async (name) => {
  const more = { add: ['docker.io/library/told:1'], remove: ['docker.io/library/told:1'], run: ['--dry-run'] };
  const ran = await command(name, ...((more as Record<string, readonly string[]>)[name] ?? []), '--json');
  expect(ran.out.length).toBeGreaterThan(0);
  expect(undocumented(ran)).toEqual([]);
});

it('asks AWS for nothing that the local stack does not know', () => {
  expect(stack.aws.unknown).toEqual([]);
});
