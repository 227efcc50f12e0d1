import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { tools } from '../../bench/peers';
import { versionOf } from '../../bench/peers/program';
import type { Command, Task, Wanted } from '../../bench/tool';
import { image } from '../../local/images';
import { type Bench, digestAt, openBench } from '../bin/drive';
import { run } from '../real/process';

const SOURCE = '127.0.0.1:5001';
const NEAR = '127.0.0.1:5002';
const OTHER = '127.0.0.1:5003';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'peers-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** From `repository:tag` of the source to `registry/repository:tag`. */
function wanted(source: string, ...destinations: string[]): Wanted {
  const place = (text: string) => {
    const [, registry = '', repository = '', tag = ''] = /^([^/]+)\/(.+):([^:]+)$/.exec(text) ?? [];
    return { registry, repository, tag };
  };
  return { source: place(`${SOURCE}/${source}`), destinations: destinations.map(place) };
}

const ONE = [wanted('app:v1', `${NEAR}/mirror/app:v1`)];
const FANOUT = [wanted('app:v1', `${NEAR}/a/app:v1`, `${OTHER}/b/app:v1`)];
const MANY = [
  wanted('team/app:v1', `${NEAR}/mirror/team/app:v1`),
  wanted('team/app:v2', `${NEAR}/mirror/team/app:v2`),
  wanted('team/web:v1', `${NEAR}/mirror/team/web:v1`),
  wanted('base:v1', `${OTHER}/base:v1`),
];

const task = (of: readonly Wanted[], more: Partial<Task> = {}): Task => ({
  kind: 'copy',
  wanted: of,
  referrers: false,
  ...more,
});

async function commands(name: string, asked: Task): Promise<readonly Command[] | undefined> {
  const tool = tools.find((each) => each.name === name);
  if (tool === undefined) throw new Error(`no tool is called ${name}`);
  return tool.commands(asked, folder);
}

/** Programs with their arguments; files in the task's folder by their names. */
const lines = (ran: readonly Command[] | undefined) =>
  ran?.map(({ file, args }) => [file, ...args].map((part) => (part.startsWith('/') ? basename(part) : part)).join(' '));
const said = async (name: string, asked: Task) => lines(await commands(name, asked));
const settings = (name: string) => parse(readFileSync(join(folder, name), 'utf8'));

/** A line for each destination, from the same source. */
const each = (start: string, mark = '') => [
  `${start} ${mark}${SOURCE}/app:v1 ${mark}${NEAR}/a/app:v1`,
  `${start} ${mark}${SOURCE}/app:v1 ${mark}${OTHER}/b/app:v1`,
];

it('has ours first, and each of the others once', () => {
  expect(tools.map(({ name }) => name)).toEqual([
    'ecr-mirror',
    'crane',
    'skopeo',
    'regctl',
    'regsync',
    'oras',
    'ocync',
  ]);
});

it('takes a version from what a program says, and has none for one that is not there', async () => {
  expect(await versionOf('node', ['--version'], /v(\S+)/)).toMatch(/^\d+\.\d+\.\d+/);
  expect(await versionOf('no-such-program', ['--version'], /(.*)/)).toBeUndefined();
});

it.each(tools)('$name runs in a home of its own and trusts the authority that it is given', async (tool) => {
  const [plain] = (await tool.commands(task(ONE), folder)) ?? [];
  expect(plain?.environment).toMatchObject({ HOME: folder, DOCKER_CONFIG: folder, XDG_RUNTIME_DIR: folder });
  expect(plain?.environment).not.toHaveProperty('SSL_CERT_FILE');
  const [sure] = (await tool.commands(task(ONE, { certificate: '/ca.pem' }), folder)) ?? [];
  expect(sure?.environment).toMatchObject({ SSL_CERT_FILE: '/ca.pem' });
  const text = [lines([sure as Command]), ...['regctl.json', 'regsync.yaml', 'ocync.yaml'].map(written)].join('\n');
  expect(text).not.toMatch(/plain-http|tls-verify|disabled|http:/);
});

it('leaves concurrency to the programs where it is asked to', async () => {
  const untuned = { untuned: true };
  const all = await Promise.all(['crane', 'oras', 'regctl', 'regsync'].map((name) => said(name, task(ONE, untuned))));
  const text = [...all.flatMap((ran) => ran ?? []), ...['regctl.json', 'regsync.yaml'].map(written)].join('\n');
  expect(all.every((ran) => ran?.length === 1)).toBe(true);
  expect(text).not.toMatch(/--jobs|--concurrency|reqConcurrent|parallel/);
});

const written = (name: string) => {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch {
    return '';
  }
};

describe('one image to two destinations', () => {
  it('is one command for ours, whose source is read once', async () => {
    const [ran, ...others] = (await said('ecr-mirror', task(FANOUT))) ?? [];
    expect(others).toEqual([]);
    expect(ran).toMatch(
      /ecr-mirror\.js copy 127.0.0.1:5001\/app:v1 127.0.0.1:5002\/a\/app:v1,127.0.0.1:5003\/b\/app:v1 /,
    );
    expect(ran).toMatch(/ --no-referrers --quiet --plain-http$/);
  });

  it.each([
    ['crane', 'crane copy --jobs 16', ''],
    ['oras', 'oras copy --no-tty --concurrency 32 --from-plain-http --to-plain-http', ''],
    ['regctl', 'regctl image copy --fast', ''],
    [
      'skopeo',
      'skopeo --insecure-policy copy --quiet --all --preserve-digests --src-tls-verify=false --dest-tls-verify=false',
      'docker://',
    ],
  ])('is a command for each with %s', async (name, start, mark) => {
    expect(await said(name, task(FANOUT))).toEqual(each(start, mark));
  });

  it('is a file for regsync, with an entry for each, side by side', async () => {
    expect(await said('regsync', task(FANOUT))).toEqual(['regsync once --verbosity warn --config regsync.yaml']);
    expect(settings('regsync.yaml')).toMatchObject({
      creds: [SOURCE, NEAR, OTHER].map((registry) => ({ registry, tls: 'disabled' })),
      defaults: { parallel: expect.any(Number), referrers: false, digestTags: false },
      sync: [
        { source: `${SOURCE}/app:v1`, target: `${NEAR}/a/app:v1`, type: 'image' },
        { source: `${SOURCE}/app:v1`, target: `${OTHER}/b/app:v1`, type: 'image' },
      ],
    });
  });

  it('is a file for ocync, with a mapping for each', async () => {
    expect(await said('ocync', task(FANOUT))).toEqual(['ocync --quiet sync --config ocync.yaml']);
    expect(settings('ocync.yaml')).toMatchObject({
      registries: { 'registry-0': { url: `http://${SOURCE}` }, 'registry-2': { url: `http://${OTHER}` } },
      defaults: { artifacts: { enabled: false } },
      mappings: [
        { source: 'registry-0', targets: ['registry-1'], from: 'app', to: 'a/app', tags: { glob: ['v1'] } },
        { source: 'registry-0', targets: ['registry-2'], from: 'app', to: 'b/app', tags: { glob: ['v1'] } },
      ],
    });
  });
});

describe('many images', () => {
  it.each(['crane', 'oras', 'regctl'])('are not for %s, which takes one a command', async (name) => {
    expect(await commands(name, task(MANY))).toBeUndefined();
  });

  it('are a row each for ours', async () => {
    const [ran] = (await said('ecr-mirror', task(MANY))) ?? [];
    expect(ran).toMatch(/ecr-mirror\.js sync --file mirrors\.yaml --quiet --plain-http$/);
    const { defaults, mirrors } = settings('mirrors.yaml');
    expect(defaults).toEqual({ referrers: false });
    expect(mirrors).toHaveLength(4);
    expect(mirrors[1]).toEqual({ source: `${SOURCE}/team/app:v2`, destinations: [`${NEAR}/mirror/team/app:v2`] });
  });

  it('are one command of skopeo sync for each place, with the tags of a repository together', async () => {
    const start =
      'skopeo --insecure-policy sync --all --preserve-digests --dest-tls-verify=false --src yaml --dest docker';
    expect(await said('skopeo', task(MANY))).toEqual([
      `${start} skopeo-0.yaml ${NEAR}/mirror/team`,
      `${start} skopeo-1.yaml ${OTHER}`,
    ]);
    expect(settings('skopeo-0.yaml')).toEqual({
      [SOURCE]: { 'tls-verify': false, images: { 'team/app': ['v1', 'v2'], 'team/web': ['v1'] } },
    });
  });

  it.each([
    ['another tag', wanted('team/app:v1', `${NEAR}/mirror/team/app:v2`)],
    ['another last component', wanted('team/app:v1', `${NEAR}/mirror/team-app:v1`)],
  ])('are not for skopeo sync where a destination has %s', async (_, renamed) => {
    expect(await commands('skopeo', task([...MANY, renamed]))).toBeUndefined();
  });

  it('share a mapping of ocync by repository; a tag that is renamed is not for it', async () => {
    await commands('ocync', task(MANY));
    const { mappings } = settings('ocync.yaml');
    expect(mappings.map(({ to, tags }: { to: string; tags: { glob: string[] } }) => [to, tags.glob])).toEqual([
      ['mirror/team/app', ['v1', 'v2']],
      ['mirror/team/web', ['v1']],
      ['base', ['v1']],
    ]);
    expect(await commands('ocync', task([wanted('app:v1', `${NEAR}/app:v2`)]))).toBeUndefined();
  });
});

describe('referrers', () => {
  const asked = (of = ONE) => task(of, { referrers: true });

  it.each(['crane', 'skopeo'])('are not for %s, which knows nothing of them', async (name) => {
    expect(await commands(name, asked())).toBeUndefined();
  });

  it('are asked of those that know them, and nobody takes a shortcut that leaves new ones out', async () => {
    expect(await said('oras', asked())).toEqual([expect.stringContaining(' --recursive ')]);
    expect(await said('regctl', asked())).toEqual([expect.stringContaining('copy --referrers --digest-tags 127')]);
    expect(await said('ecr-mirror', asked())).toEqual([expect.not.stringContaining('--no-referrers')]);
    await commands('regsync', asked());
    expect(settings('regsync.yaml').defaults).toMatchObject({ referrers: true, digestTags: true, fastCheck: false });
    await commands('ocync', asked());
    expect(settings('ocync.yaml').defaults).toEqual({ artifacts: { enabled: true } });
    await commands('ecr-mirror', asked(MANY));
    expect(settings('mirrors.yaml').defaults).toEqual({ referrers: true });
  });
});

describe('a plan', () => {
  it.each(['crane', 'skopeo', 'regctl', 'oras'])('is not for %s, which compares only to copy', async (name) => {
    expect(await commands(name, task(ONE, { kind: 'plan' }))).toBeUndefined();
  });

  it('is a subcommand or a flag of the others, over the same files', async () => {
    const asked = task(MANY, { kind: 'plan' });
    expect(await said('ecr-mirror', asked)).toEqual([expect.stringContaining(' plan --file mirrors.yaml ')]);
    expect(await said('regsync', asked)).toEqual(['regsync check --verbosity warn --config regsync.yaml']);
    expect(await said('ocync', asked)).toEqual(['ocync --quiet sync --config ocync.yaml --dry-run']);
  });
});

describe('what ours is asked for', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = openBench();
  });
  afterEach(() => bench.close());

  it.each([
    ['one image', ['v1']],
    ['many images', ['v1', 'v2', 'v3']],
  ])('is done: %s', async (_, tags) => {
    const [source, destination] = [await bench.registry(), await bench.registry()];
    const built = tags.map((tag) => image({ seed: tag }));
    for (const [index, tag] of tags.entries()) source.state.place('app', built[index] as (typeof built)[0], tag);
    const asked = tags.map((tag) => ({
      source: { registry: source.host, repository: 'app', tag },
      destinations: ['a', 'b'].map((team) => ({ registry: destination.host, repository: `${team}/app`, tag })),
    }));
    for (const { file, args, environment } of (await commands('ecr-mirror', task(asked))) ?? []) {
      await run(file, args, { env: environment });
    }
    for (const [index, tag] of tags.entries()) {
      const { digest } = (built[index] as (typeof built)[0]).root.descriptor;
      for (const team of ['a', 'b']) expect(digestAt(destination, `${team}/app`, tag)).toBe(digest);
    }
  });
});
