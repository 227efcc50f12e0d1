import fc from 'fast-check';
import { parse } from 'yaml';
import { FORMAT_NAMES } from '../../bin/import/formats';
import { selectTags } from '../../lib/model/tag-selection';
import { type Bench, openBench } from './drive';

// Not one of the canary's: it stands in a file.
const PASSWORD = 'correct horse battery';
const DIGEST = `sha256:${'0'.repeat(64)}`;
const REGISTRY = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

let bench: Bench;
beforeEach(() => {
  bench = openBench();
});
afterEach(() => bench.close());

/** The file of mirrors that a file becomes, and what is said about it. */
async function imported(text: string, ...flags: readonly string[]) {
  bench.write('input', text);
  const { code, out, err } = await bench.run(['import', 'input', ...flags]);
  return { code, mirrors: parse(out.join('\n')).mirrors, notes: err };
}

describe('a list of images, one a line', () => {
  it('gives each line its platform, and compares configs as whoever wrote it did', async () => {
    const { mirrors } = await imported(
      '# base images\ncr.root.io/nginx:1.27 amd64\n\ncr.root.io/team/python:3.12 [arm64]\ncr.root.io/redis:7\r\n',
      '--destination',
      `${REGISTRY}/root-mirror/`,
    );
    expect(mirrors).toEqual([
      {
        source: 'cr.root.io/nginx:1.27',
        destination: `${REGISTRY}/root-mirror/nginx`,
        platforms: ['linux/amd64'],
        compare: 'config',
      },
      {
        source: 'cr.root.io/team/python:3.12',
        destination: `${REGISTRY}/root-mirror/team/python`,
        platforms: ['linux/arm64'],
        compare: 'config',
      },
      { source: 'cr.root.io/redis:7', destination: `${REGISTRY}/root-mirror/redis`, compare: 'config' },
    ]);
  });
  it('leaves a line out that is no image, and says which', async () => {
    const { mirrors, notes } = await imported('cr.root.io/nginx:1.27 \nNot An Image\n');
    expect(mirrors).toHaveLength(1);
    expect(notes).toContain('not carried  line 2: is no image reference, and is not carried');
  });
});

describe('regsync’s configuration', () => {
  const sync = (part: object, rest: object = {}) => JSON.stringify({ version: 1, ...rest, sync: [part] });

  it('keeps patterns for whole tags, and joins ranges', async () => {
    const tags = { semverRange: ['>=1.36.0 <2', '1.20'], allow: ['1.3[0-9]'], deny: ['.*-rc.*'] };
    const { mirrors } = await imported(
      sync({ source: 'busybox', target: 'r.example.com/busybox', type: 'repository', tags }),
    );
    expect(mirrors).toEqual([
      {
        source: 'busybox',
        destination: 'r.example.com/busybox',
        tags: { semver: '>=1.36.0 <2 || 1.20', include: ['/^1.3[0-9]$/'], exclude: ['/^.*-rc.*$/'] },
      },
    ]);
  });
  it('selects every tag of a repository without tags', async () => {
    const { mirrors } = await imported(sync({ source: 'a.io/b', target: 'c.io/b', type: 'repository' }));
    expect(mirrors[0].tags).toEqual({ include: ['*'] });
  });
  it('makes a row of each set of tags, with a name of its own', async () => {
    const part = {
      source: 'a.io/b',
      target: 'c.io/b',
      type: 'repository',
      tagSets: [{ allow: ['v1'] }, { semverRange: ['2'] }],
    };
    const { mirrors } = await imported(sync(part));
    expect(mirrors.map(({ source, from, tags }: Record<string, unknown>) => [source, from, tags])).toEqual([
      ['a.io/b', undefined, { include: ['/^v1$/'] }],
      ['a.io/b 2', 'a.io/b', { semver: '2' }],
    ]);
  });
  it('takes no set of tags that says nothing for all tags, beside others', async () => {
    const part = { source: 'a.io/b', target: 'c.io/b', type: 'repository', tags: {}, tagSets: [{ allow: ['v1'] }] };
    const { mirrors } = await imported(sync(part));
    expect(mirrors.map(({ tags }: Record<string, unknown>) => tags)).toEqual([{ include: ['/^v1$/'] }]);
  });
  it('leaves to a part when it is done, and what it leaves empty to the defaults', async () => {
    const defaults = { schedule: '0 3 * * *', backup: 'old' };
    const part = { source: 'a.io/b:1', target: 'c.io/b:1', type: 'image', interval: '6h', backup: '' };
    const { mirrors } = await imported(sync(part, { defaults }));
    expect(mirrors[0]).toMatchObject({ every: '6h', keepPrevious: true });
  });
  it('carries nothing of the defaults that only a part may say, and says so', async () => {
    const defaults = { platforms: ['linux/arm64'], tags: { allow: ['v1'] } };
    const part = { source: 'a.io/b', target: 'c.io/b', type: 'repository' };
    const { mirrors, notes } = await imported(sync(part, { defaults }));
    expect(mirrors).toEqual([{ source: 'a.io/b', destination: 'c.io/b', tags: { include: ['*'] } }]);
    expect(notes).toEqual([
      'not carried  defaults.platforms: is not known in this format, and is not carried',
      'not carried  defaults.tags: is not known in this format, and is not carried',
    ]);
  });
  it.each([
    ['a.io/b:1', 'c.io/b', 'c.io/b:latest'],
    [`a.io/b@${DIGEST}`, 'c.io/b', 'c.io/b:latest'],
    ['a.io/b', 'c.io/b', 'c.io/b'],
    ['a.io/b:1', 'c.io:5000/b:2', 'c.io:5000/b:2'],
  ])('sends one image where it goes there: %s to %s', async (source, target, destination) => {
    const { mirrors } = await imported(sync({ source, target, type: 'image' }));
    expect(mirrors).toEqual([{ source, destination }]);
  });
  it('takes a range of the line that an expression ends in', async () => {
    const tags = { semverRange: ['>=1.27'], allow: ['.*-alpine'] };
    const { mirrors } = await imported(sync({ source: 'a.io/b', target: 'c.io/b', type: 'repository', tags }));
    const { selected } = selectTags(['1.26-alpine', '1.27-alpine', '1.27', '1.28'], mirrors[0].tags);
    expect(selected).toEqual(['1.27-alpine']);
  });
  it('says that ranges are narrower here, and what is of no effect', async () => {
    const { notes } = await imported(
      JSON.stringify({
        sync: [
          { source: 'a.io/b', target: 'c.io/b', type: 'repository', tags: { semverRange: ['>=1'] }, repos: {} },
          { source: 'a.io/b:1', target: 'c.io/b:1', type: 'image', tags: { allow: ['x'] } },
        ],
      }),
    );
    expect(notes).toEqual([
      'not carried  sync[0].repos: is of no effect for a part of this type, there as here',
      expect.stringContaining('sync[0].tags.semverRange: takes pre-releases there'),
      'not carried  sync[1].tags: is of no effect for a part of this type, there as here',
    ]);
  });
  it('takes defaults, of which a part may say otherwise', async () => {
    const defaults = { interval: '6h', referrers: false };
    const { mirrors } = await imported(
      sync({ source: 'a.io/b:1', target: 'c.io/b:1', type: 'image', schedule: '0 3 * * *' }, { defaults }),
    );
    expect(mirrors).toEqual([{ source: 'a.io/b:1', destination: 'c.io/b:1', referrers: false, every: '0 3 * * *' }]);
  });
  it('carries platforms, types of referrers, and the wish to keep what was there', async () => {
    const part = {
      source: 'a.io/b:1',
      target: 'c.io/b:1',
      type: 'image',
      platforms: ['linux/amd64', 'linux/arm64'],
      referrers: true,
      referrerFilters: [{ artifactType: 'application/spdx+json' }],
      backup: 'bkup-{{.Ref.Tag}}',
    };
    const { mirrors, notes } = await imported(sync(part));
    expect(mirrors[0]).toMatchObject({
      platforms: ['linux/amd64', 'linux/arm64'],
      artifactTypes: ['application/spdx+json'],
      keepPrevious: true,
    });
    expect(notes.join('\n')).toContain('sync[0].backup: the digest before is kept under prev-<tag>-<date>');
  });
  it('says of each key that is not carried what would do, and of unknown ones that they are', async () => {
    const part = { source: 'a.io/b:1', target: 'c.io/b:1', type: 'image', hooks: {}, wibble: 1, 'x-own': 1 };
    const { notes } = await imported(sync(part, { creds: [{ registry: 'a.io', tls: 'disabled', reqPerSec: 5 }] }));
    expect(notes).toEqual([
      'not carried  creds[0].reqPerSec: is not needed: requests slow down where a registry asks for it',
      'not carried  creds[0].tls: plain http is not carried: --plain-http=HOST would do',
      'not carried  sync[0].hooks: is not carried',
      'not carried  sync[0].wibble: is not known in this format, and is not carried',
    ]);
  });
  it('evaluates no template, and writes no secret', async () => {
    const { mirrors, notes } = await imported(
      JSON.stringify({
        creds: [{ registry: 'a.io', user: 'u', pass: PASSWORD }],
        sync: [
          { source: '{{env "IMAGE"}}', target: 'c.io/b:1', type: 'image' },
          { source: 'a.io/b:1', target: 'c.io/b:1', type: 'image' },
        ],
      }),
    );
    expect(mirrors).toHaveLength(1);
    expect(notes.join('\n')).toContain('sync[0]: has a template, which is not evaluated');
    expect(JSON.stringify([mirrors, notes])).not.toContain(PASSWORD);
  });
  it('does not pass a part of a registry off as all of it', async () => {
    bench.write('input', sync({ source: 'quay.io', target: 'c.io/quay', type: 'registry' }));
    const { code, err } = await bench.run(['import', 'input']);
    expect(code).toBe(64);
    expect(err.join('\n')).toContain('a whole registry is not carried');
  });
  it('follows anchors and merge keys', async () => {
    const { mirrors } = await imported(
      'x-base: &base {type: image, platform: linux/amd64}\nsync:\n  - {<<: *base, source: "a.io/b:1", target: "c.io/b:1"}\n',
    );
    expect(mirrors[0].platforms).toEqual(['linux/amd64']);
  });
});

describe('skopeo’s file for sync', () => {
  it('carries tags, digests, patterns and ranges', async () => {
    const { mirrors, notes } = await imported(
      `registry.example.com:
  images: {busybox: [], redis: ["1.0", "2.0", "${DIGEST}"], one: [v1]}
  images-by-tag-regex: {nginx: '^1\\.13\\.[12]-alpine-perl$'}
  images-by-semver: {alpine: ">= 3.12.0, < 4"}
  credentials: {username: john, password: ${PASSWORD}}
  tls-verify: false
`,
      '--destination',
      'm.example.com',
    );
    expect(mirrors).toEqual([
      { source: 'registry.example.com/busybox', destination: 'm.example.com/busybox', tags: { include: ['*'] } },
      { source: `registry.example.com/redis@${DIGEST}`, destination: 'm.example.com/redis' },
      { source: 'registry.example.com/redis', destination: 'm.example.com/redis', tags: { include: ['1.0', '2.0'] } },
      { source: 'registry.example.com/one:v1', destination: 'm.example.com/one' },
      {
        source: 'registry.example.com/nginx',
        destination: 'm.example.com/nginx',
        tags: { include: ['/^1\\.13\\.[12]-alpine-perl$/'] },
      },
      { source: 'registry.example.com/alpine', destination: 'm.example.com/alpine', tags: { semver: '>= 3.12.0 < 4' } },
    ]);
    expect(notes).toHaveLength(2);
  });
});

describe('image-syncer’s images', () => {
  it('carries one tag, several, all, patterns, and several destinations', async () => {
    const { mirrors } = await imported(
      JSON.stringify({
        'quay.io/coreos/proxy': 'm.io/r/proxy',
        'a.io/b/c:1,2': ['x.io/y', 'z.io/y'],
        'a.io/b/d:/^v1/': '',
        'quay.io/x/y:1': 'm.io/z/y:2',
        [`a.io/b/e@${DIGEST}`]: 'm.io/e',
      }),
      '--destination',
      'm.io/default',
    );
    expect(mirrors).toEqual([
      { source: 'quay.io/coreos/proxy', destination: 'm.io/r/proxy', tags: { include: ['*'] } },
      { source: 'a.io/b/c', destination: ['x.io/y', 'z.io/y'], tags: { include: ['1', '2'] } },
      { source: 'a.io/b/d', destination: 'm.io/default/d', tags: { include: ['/^v1/'] } },
      { source: 'quay.io/x/y:1', destination: 'm.io/z/y:2' },
      { source: `a.io/b/e@${DIGEST}`, destination: 'm.io/e' },
    ]);
  });
  it('reads the older file too, without its credentials', async () => {
    const { mirrors, notes } = await imported(
      JSON.stringify({ auth: { 'a.io': { username: 'u', password: PASSWORD } }, images: { 'a.io/b:1': 'm.io/b' } }),
    );
    expect(mirrors).toEqual([{ source: 'a.io/b:1', destination: 'm.io/b' }]);
    expect(notes[0]).toContain('auth: credentials are not carried');
  });
});

describe('dregsy’s tasks', () => {
  const task = (mapping: object) =>
    JSON.stringify({
      tasks: [
        {
          name: 't',
          interval: 60,
          source: { registry: 'docker.io' },
          target: { registry: 'm.io' },
          mappings: [mapping],
        },
      ],
    });

  it('takes filters for alternatives, as they are there', async () => {
    const tags = ['3.20', 'semver: >=3.1.0 <4', 'regex: 3\\.1\\d', 'regex: !rc', 'keep: latest 5'];
    const { mirrors } = await imported(task({ from: 'library/alpine', to: 'mirror/alpine', tags, platform: 'all' }));
    expect(mirrors.map((one: Record<string, unknown>) => one.tags)).toEqual([
      { include: ['3.20', '/^3\\.1\\d$/'], latest: 5 },
      { semver: '>=3.1.0 <4', latest: 5 },
      { include: ['*'], exclude: ['/^rc$/'], latest: 5 },
    ]);
    expect(mirrors[0]).toMatchObject({ destination: 'm.io/mirror/alpine', every: '60s' });
  });
  it.each<[string, readonly string[], object]>([
    ['patterns to keep', ['semver: >=3 <4', 'keep: 3\\.1.*'], { semver: '>=3 <4', include: ['/^3\\.1.*$/'] }],
    ['patterns to leave', ['keep: !.*rc'], { include: ['*'], exclude: ['/^.*rc$/'] }],
    ['tags that are kept', ['3.1', '2.0', 'keep: ^3.*'], { include: ['3.1'] }],
  ])('holds all that is found against %s', async (_, tags, expected) => {
    const { mirrors, notes } = await imported(task({ from: 'a/b', tags, platform: 'all' }));
    expect(mirrors.map((one: Record<string, unknown>) => one.tags)).toEqual([expected]);
    expect(notes).toEqual([]);
  });
  it('leaves out what it cannot hold at all, and says so', async () => {
    const tags = ['3.1', `keep: ${'x'.repeat(300)}|3.1`, 'keep: !(?=y)'];
    const { mirrors, notes } = await imported(task({ from: 'a/b', tags, platform: 'all' }));
    expect(mirrors.map((one: Record<string, unknown>) => one.tags)).toEqual([{ include: ['3.1'] }]);
    expect(notes).toEqual([
      expect.stringContaining('tasks[0].mappings[0].tags: has a keep that is no expression here'),
    ]);
  });
  it('says what it cannot hold against patterns, and what is counted for each mirror', async () => {
    const both = await imported(
      task({ from: 'a/b', tags: ['semver: >=3', 'regex: x.*', 'keep: .*y$'], platform: 'all' }),
    );
    expect(both.mirrors.map((one: Record<string, unknown>) => one.tags)).toEqual([
      { semver: '>=3', include: ['/^.*y$/'] },
    ]);
    expect(both.notes).toEqual([
      'not carried  tasks[0].mappings[0].tags: has tags match several patterns at once: not carried; one pattern for them would do',
    ]);
    const newest = await imported(
      task({ from: 'a/b', tags: ['semver: >=3', 'lts', 'keep: latest 2'], platform: 'all' }),
    );
    expect(newest.notes.join()).toContain('tags: keep: latest 2 counts for each of 2 mirrors here');
  });
  it('says that platforms are all of them where none is named', async () => {
    const { mirrors, notes } = await imported(task({ from: 'org/app' }));
    expect(mirrors[0]).toMatchObject({ source: 'docker.io/org/app', destination: 'm.io/org/app' });
    expect(notes.join('\n')).toContain('all of them are mirrored');
  });
  it('carries no pattern of repositories', async () => {
    bench.write('input', task({ from: 'regex:test/.*' }));
    expect((await bench.run(['import', 'input'])).code).toBe(64);
  });
});

describe('other lists', () => {
  it('takes a list that repositories are made from: images with their tags', async () => {
    const { mirrors } = await imported(
      'images:\n  - {source: docker.io/library/nginx, tags: ["1.27", "1.28-*"]}\n  - {source: quay.io/a/b, tags: [v1]}\n  - source: redis\n',
      '--destination',
      `${REGISTRY}/mirror`,
    );
    expect(mirrors).toEqual([
      {
        source: 'docker.io/library/nginx',
        destination: `${REGISTRY}/mirror/library/nginx`,
        tags: { include: ['1.27', '1.28-*'] },
      },
      { source: 'quay.io/a/b:v1', destination: `${REGISTRY}/mirror/a/b` },
      { source: 'redis', destination: `${REGISTRY}/mirror/library/redis` },
    ]);
  });
  it('keeps what goes where a mapping says apart from what has a place of its own', async () => {
    const { mirrors } = await imported(`images: [{source: redis}, {source: redis, destination: ${REGISTRY}/r}]\n`);
    expect(mirrors).toEqual([{ source: 'redis' }, { source: 'redis 2', from: 'redis', destination: `${REGISTRY}/r` }]);
  });
  it('carries how many tags there must be at least', async () => {
    const { mirrors, notes } = await imported(
      'images: [{source: redis, tags: {include: ["7.*"], exclude: ["*-rc*"], latest: 3, min: 1}}]\n',
      '--destination',
      `${REGISTRY}/mirror`,
    );
    expect(mirrors[0].tags).toEqual({ include: ['7.*'], exclude: ['*-rc*'], latest: 3, min: 1 });
    expect(notes).toEqual([]);
  });
  it('takes what a cluster runs, each image once', async () => {
    const pod = (image: string) => `apiVersion: v1\nkind: Pod\nspec: {containers: [{image: "${image}"}]}\n`;
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      spec: {
        template: {
          spec: {
            initContainers: [{ image: `quay.io/a/b@${DIGEST}` }],
            containers: [{ image: 'nginx:1.27' }],
            volumes: [{ image: { reference: 'registry.example.com:5000/data:v1' } }],
          },
        },
      },
    };
    const text = [
      pod('nginx:1.27'),
      '# empty\n',
      pod('busybox'),
      pod('{{ .Values.image }}'),
      JSON.stringify(deployment),
    ];
    const { mirrors, notes } = await imported(text.join('---\n'), '--destination', 'm.io/k8s');
    expect(mirrors).toEqual([
      { source: 'nginx:1.27', destination: 'm.io/k8s/nginx' },
      { source: 'busybox:latest', destination: 'm.io/k8s/busybox' },
      { source: `quay.io/a/b@${DIGEST}`, destination: 'm.io/k8s/a/b' },
      { source: 'registry.example.com:5000/data:v1', destination: 'm.io/k8s/data' },
    ]);
    expect(notes.join('\n')).toContain('has a template, which is not evaluated');
  });
  it('takes repositories that say by their tags what they mirror', async () => {
    const repository = (name: string, tags: Record<string, string>, place = 'aws:ecr:eu-west-1') => ({
      ResourceARN: `arn:${place}:123456789012:repository/${name}`,
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    });
    const list = [
      repository('a', { 'upstream-image': 'nginx', 'upstream-tags': '1.2+/latest', 'ignore-tags': '+-rc+' }),
      repository('b', { ecr_sync_source: 'redis', ecr_sync_constraint: '-ge v7.0', ecr_sync_max_results: '3' }),
      repository('c', { team: 'platform' }),
      repository('d', { ecr_sync_source: 'x', ecr_sync_opt: 'out' }),
      repository('e', { 'upstream-image': 'busybox' }, 'aws-eusc:ecr:eusc-de-east-1'),
    ];
    const { mirrors } = await imported(JSON.stringify({ ResourceTagMappingList: list }));
    expect(mirrors).toEqual([
      { source: 'nginx', destination: `${REGISTRY}/a`, tags: { include: ['1.2*', 'latest'], exclude: ['*-rc*'] } },
      { source: 'redis', destination: `${REGISTRY}/b`, tags: { semver: '>=7.0', latest: 3 } },
      {
        source: 'busybox',
        destination: '123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu/e',
        tags: { include: ['*'] },
      },
    ]);
  });
  it('takes another table, as the AWS CLI prints it', async () => {
    const Items = [
      { Source: { S: 'nginx:1' }, Destination: { S: 'm.io/a:1, m.io/b:1' }, Expires: { N: '1900000000' } },
      { Source: { S: 'redis:7' }, Destination: { SS: ['m.io/r:7'] }, Team: { S: 'x' } },
      { Source: { S: 'app:1' }, Destination: { S: 'm.io/app' }, Expires: { S: '' } },
    ];
    const { mirrors, notes } = await imported(JSON.stringify({ Items, Count: 3 }));
    expect(mirrors).toEqual([
      { source: 'nginx:1', destination: ['m.io/a:1', 'm.io/b:1'], expires: 1900000000 },
      { source: 'redis:7', destination: 'm.io/r:7' },
      { source: 'app:1', destination: 'm.io/app' },
    ]);
    expect(notes).toEqual([
      'not carried  Items[1].Team: is not carried',
      'not carried  Items[2].Expires: is no number: not carried',
    ]);
  });
});

describe('import', () => {
  it('writes a file that is read as it was written, and overwrites none', async () => {
    bench.write('input', 'images: [{source: localhost:1/nginx, tags: ["1.27"]}]\n');
    const flags = ['--destination', 'localhost:1/m', '-o', 'mirrors.yaml'];
    expect((await bench.run(['import', 'input', ...flags])).code).toBe(0);
    const planned = await bench.run(['plan', '-f', 'mirrors.yaml', '--attempts', '1']);
    expect(planned.err.join('\n')).toContain('localhost:1/nginx:1.27');
    const again = await bench.run(['import', 'input', '-o', 'mirrors.yaml']);
    expect(again.code).toBe(64);
    expect(again.err.join('\n')).toContain('a name that is free would do');
  });
  it('writes what it could not carry above the mirrors', async () => {
    bench.write('input', 'sync:\n  - {source: a.io/b:1, target: c.io/b:1, type: image, hooks: {}}\n');
    const { out } = await bench.run(['import', 'input']);
    expect(out.slice(0, 2)).toEqual(['# What was not carried over:', '# sync[0].hooks: is not carried']);
  });
  it('merges what asks for the same of one source', async () => {
    const { mirrors } = await imported(
      JSON.stringify({
        sync: ['m.io/a:1', 'm.io/b:1', 'm.io/a:1'].map((target) => ({ source: 'x.io/a:1', target, type: 'image' })),
      }),
    );
    expect(mirrors).toEqual([{ source: 'x.io/a:1', destination: ['m.io/a:1', 'm.io/b:1'] }]);
  });
  it('names an entry that is no mirror, and writes the file for its author to mend', async () => {
    const { code, notes } = await imported(JSON.stringify({ 'a.io/B:1': 'm.io/b' }));
    expect(code).toBe(1);
    expect(notes.join('\n')).toMatch(/^invalid {2}a\.io\/B:1: source: /);
  });
  it.each([
    [['import', 'input', '--format', 'tar'], `--format: got "tar"; one of ${FORMAT_NAMES.join(', ')} would do`],
    [['import', 'input', '--destination', 'no where'], '--destination: got "no where"; registry/prefix would do'],
    [['import', 'nowhere'], 'nowhere: read: got ENOENT'],
  ])('refuses %j in one line', async (argv, line) => {
    bench.write('input', 'nginx\n');
    const { code, err } = await bench.run(argv);
    expect(code).toBe(64);
    expect(err.join('\n')).toContain(line);
  });
  it('ends for whatever a file holds, in every format', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), fc.constantFrom(...FORMAT_NAMES), async (text, format) => {
        bench.write('input', text);
        const { code } = await bench.run(['import', 'input', '--format', format, '--quiet']);
        expect([0, 1, 64]).toContain(code);
      }),
      { numRuns: 200 },
    );
  });
});
