import { image } from '../../local/images';
import type { RunningRegistry } from '../../local/registry';
import { startRegistry } from '../../local/registry';
import { type Bench, openBench, QUICK } from './drive';

const TAGS = ['latest', '1.24.0', '1.25.1', '1.25', '1.27.0', '1.27', '1.27-alpine', '1.27.0-perl', '1.28.0-rc1'];
let bench: Bench;
let source: RunningRegistry;
let repository: string;
beforeEach(async () => {
  bench = openBench();
  source = await bench.registry();
  for (const tag of TAGS) source.state.place('org/nginx', image({ seed: tag }), tag);
  repository = `${source.host}/org/nginx`;
});
afterEach(() => bench.close());

const tags = (...argv: string[]) => bench.run(['tags', ...argv, '--plain-http', ...QUICK]);
const file = (mirrors: readonly object[], more: object = {}) =>
  bench.write('mirrors.yaml', JSON.stringify({ mirrors, ...more }));
const events = (lines: readonly string[]) => lines.map((line) => JSON.parse(line));

describe('ecr-mirror tags SOURCE', () => {
  it('says what each stage keeps and drops, and why', async () => {
    const flags = ['--semver', '>=1.25', '--include', '/^1\\.2[5-9]/', '--exclude', '*.1,x*', '--latest', '2'];
    const { code, out, err } = await tags(repository, ...flags);
    expect({ code, err }).toEqual({ code: 0, err: [] });
    expect(out).toEqual([
      `${repository}: 9 tags`,
      'semver    keeps 4 of 9: >=1.25',
      '  drops 1: a pre-release; a range that names one (>=1.0.0-0) would take it',
      '    1.28.0-rc1',
      '  drops 1: no version',
      '    latest',
      '  drops 1: of the line *-alpine; an include of "*-alpine" alone would take it',
      '    1.27-alpine',
      '  drops 1: of the line *-perl; an include of "*-perl" alone would take it',
      '    1.27.0-perl',
      '  drops 1: outside the range',
      '    1.24.0',
      'include   keeps 4 of 4: /^1\\.2[5-9]/',
      'exclude   keeps 3 of 4: *.1, x*',
      '  drops 1: matches *.1 of exclude',
      '    1.25.1',
      'latest    keeps 2 of 3: 2',
      '  drops 1: not among the newest 2',
      '    1.25',
      'selected  2 of 9',
      '    1.27.0, 1.27',
    ]);
  });

  it('tells machines of each tag, and of the stage that dropped it', async () => {
    const { code, out } = await tags(repository, '--include', '1.*', '--include', 'latest', '--latest', '1', '--json');
    expect(code).toBe(0);
    const [last, ...others] = events(out).reverse();
    expect(last).toEqual({
      event: 'selection',
      mirror: repository,
      source: repository,
      tags: 9,
      selected: 1,
      stages: [
        { stage: 'include', kept: 9, dropped: 0 },
        { stage: 'latest', kept: 1, dropped: 8 },
      ],
    });
    expect(others.map(({ tag }) => tag).sort()).toEqual([...TAGS].sort());
    expect(others.filter(({ selected }) => selected)).toEqual([
      { event: 'tag', mirror: repository, source: repository, tag: '1.27.0', selected: true },
    ]);
    expect(others.find(({ tag }) => tag === 'latest')).toMatchObject({
      selected: false,
      stage: 'latest',
      why: 'no version',
    });
  });

  it('selects all without flags, and reads nothing but the list', async () => {
    const { code, out } = await tags(repository);
    expect({ code, out: out.slice(0, 2) }).toEqual({ code: 0, out: [`${repository}: 9 tags`, 'selected  9 of 9'] });
    expect(new Set(source.requests.map(({ kind }) => kind))).toEqual(new Set(['tags']));
  });

  it('fails when fewer are left than must be, and not when nothing is', async () => {
    const few = await tags(repository, '--include', '2.*', '--min', '1');
    expect(few.code).toBe(1);
    expect(few.err).toEqual([
      expect.stringMatching(/^failed {3}127\S+org\/nginx: got 0 of 9 tags, fewer than the 1 that min/),
    ]);
    expect(await tags(repository, '--include', '2.*', '--quiet')).toMatchObject({ code: 0, out: [], err: [] });
    expect(events((await tags(repository, '--min', '10', '--json')).out).at(-1)).toMatchObject({
      selected: 9,
      error: expect.stringContaining('min'),
    });
  });

  it('takes a regular expression with commas, and repeated flags', async () => {
    const { out } = await tags(
      repository,
      '--include',
      '/^\\d{1,2}\\.\\d{2,3}$/',
      '--include=latest,x',
      '--exclude',
      '1.25',
    );
    expect(out.slice(-2)).toEqual(['selected  2 of 9', '    1.27, latest']);
  });

  it.each([
    [
      ['--include', '/a(?=b)/'],
      /^ecr-mirror: --include: got "\/a\(\?=b\)\/"; lookahead and lookbehind .* would do \[USAGE\]$/,
    ],
    [['--exclude', 'a|b'], /--exclude: got "a\|b"; several globs/],
    [['--semver', 'newest'], /--semver: got "newest"; a range such as/],
    [['--latest', '0'], /--latest: got "0"; a whole number/],
    [['--latest', '1', '--min', '2'], /--min: got 2 beside a latest of 1/],
  ])('refuses %j in one line', async (flags, line) => {
    const { code, err } = await tags(repository, ...flags);
    expect({ code, err }).toEqual({ code: 64, err: [expect.stringMatching(line)] });
    expect(source.requests).toEqual([]);
  });

  it.each([
    [[], /tags: got no source/],
    [['127.0.0.1:1/org/nginx:1.27'], /source: got 127.0.0.1:1\/org\/nginx:1.27; 127.0.0.1:1\/org\/nginx would do/],
    [['docker.io/UPPER'], /source: .*lower case/],
    [['a', 'b'], /tags: got "b"/],
  ])('refuses %j', async (words, line) => {
    expect(await tags(...words)).toMatchObject({ code: 64, err: [expect.stringMatching(line)] });
  });

  it('says what a registry answers, with its exit code', async () => {
    const absent = await tags(`${source.host}/org/absent`);
    expect(absent).toMatchObject({ code: 64, err: [expect.stringMatching(/source: list tags of .*org\/absent.*404/)] });
    const closed = await startRegistry();
    await closed.close();
    expect(await tags(`${closed.host}/org/nginx`)).toMatchObject({
      code: 69,
      err: [expect.stringMatching(/source: list tags/)],
    });
  });

  it('stops when it is told to, with a file too', async () => {
    bench.write('mirrors.yaml', JSON.stringify({ mirrors: [{ source: repository, tags: {}, destination: 'a.io/b' }] }));
    const signal = AbortSignal.abort();
    for (const words of [[repository], ['-f', 'mirrors.yaml']]) {
      const { code, out } = await bench.run(['tags', ...words, '--plain-http', ...QUICK], { signal });
      expect({ code, out }).toEqual({ code: 75, out: [] });
    }
  });

  it('reads folders and tar files too', async () => {
    const copied = await bench.run([
      'copy',
      `${repository}:1.27`,
      'oci:./layout',
      'oci-archive:one.tar',
      '--plain-http',
      ...QUICK,
    ]);
    expect(copied.code).toBe(0);
    for (const place of ['oci:./layout', 'oci-archive:one.tar']) {
      const { code, out } = await tags(place, '--latest', '1');
      expect({ code, last: out.at(-1) }).toEqual({ code: 0, last: '    1.27' });
    }
  });
});

describe('ecr-mirror tags -f FILE', () => {
  const rows = () => [
    { source: repository, tags: { include: ['/^1\\.2[5-9]/'], latest: 1 }, destination: 'registry.example.com/a' },
    { source: 'alpine', from: repository, tags: { include: ['*-alpine'] }, destination: 'registry.example.com/b' },
    { source: `${repository}:1.27`, destination: 'registry.example.com/c' },
  ];

  it('explains each row that selects tags, asking for each list once', async () => {
    file(rows());
    const { code, out, err } = await tags('-f', 'mirrors.yaml', '--json');
    expect({ code, err }).toEqual({ code: 0, err: [] });
    expect(
      events(out)
        .filter(({ selected }) => selected === true)
        .map(({ mirror, tag }) => [mirror, tag]),
    ).toEqual([
      [repository, '1.27.0'],
      ['alpine', '1.27-alpine'],
    ]);
    expect(source.requests.filter(({ kind }) => kind === 'tags')).toHaveLength(1);
  });

  it('selects as sync does', async () => {
    const destination = await bench.registry();
    file(rows().map((row, at) => ({ ...row, destination: `${destination.host}/m/${at}` })));
    const explained = events((await tags('-f', 'mirrors.yaml', '--json')).out);
    await bench.run(['sync', '-f', 'mirrors.yaml', '--plain-http', ...QUICK]);
    const held = (at: number) => [...(destination.state.repositories.get(`m/${at}`)?.tags.keys() ?? [])];
    for (const [at, key] of [repository, 'alpine'].entries()) {
      const selected = explained.filter(({ mirror, selected }) => mirror === key && selected === true);
      expect(held(at)).toEqual(selected.map(({ tag }) => tag));
    }
  });

  it('explains one row, by its source or its repository', async () => {
    file(rows());
    expect((await tags('-f', 'mirrors.yaml', 'alpine')).out[0]).toBe('alpine: 9 tags');
    const both = await tags('-f', 'mirrors.yaml', repository);
    expect(both.out.filter((line) => line.endsWith(': 9 tags'))).toEqual([`${repository}: 9 tags`, 'alpine: 9 tags']);
  });

  it('goes on when a row is bad, and fails', async () => {
    file([
      { source: `${source.host}/org/absent`, tags: { latest: 1 }, destination: 'registry.example.com/x' },
      { source: 'bad', from: repository, tags: { include: ['/(/'] }, destination: 'registry.example.com/y' },
      {
        source: 'none left',
        from: repository,
        tags: { include: ['3.*'], min: 1 },
        destination: 'registry.example.com/z',
      },
      ...rows().slice(0, 1),
    ]);
    const { code, out, err } = await tags('-f', 'mirrors.yaml', '--quiet');
    expect({ code, out }).toEqual({ code: 1, out: [] });
    expect(err).toEqual([
      expect.stringMatching(/^failed {3}source: list tags of .*org\/absent.*404/),
      expect.stringMatching(/^failed {3}bad: tags\.include: got "\/\(\/"; missing closing/),
      expect.stringMatching(/^failed {3}none left: got 0 of 9 tags/),
    ]);
  });

  it('asks no source that the file does not allow', async () => {
    file(rows(), { allow: { sources: ['docker.io/**'] } });
    const { code, err } = await tags('-f', 'mirrors.yaml');
    expect(code).toBe(1);
    expect(err).toEqual(Array(2).fill(expect.stringMatching(/^failed .*is not allowed; allowed: docker\.io/)));
    expect(source.requests).toEqual([]);
  });

  it('says when a row would be refused for the copies that it asks for', async () => {
    const destination = Array.from({ length: 2000 }, (_, at) => `registry.example.com/m/${at}`);
    file([{ source: repository, tags: {}, destination }]);
    const { code, err } = await tags('-f', 'mirrors.yaml', '--quiet');
    expect({ code, err }).toEqual({
      code: 1,
      err: [expect.stringMatching(/got 9 that are selected, for 2000 .* at most 10000/)],
    });
  });

  it.each([
    [['nginx'], /tags: got the row "nginx", which the file does not have; .* would do/],
    [['alpin'], /alpine would do/],
    [['--latest', '1'], /--latest: got it beside --file/],
  ])('refuses %j', async (words, line) => {
    file(rows());
    expect(await tags('-f', 'mirrors.yaml', ...words)).toMatchObject({ code: 64, err: [expect.stringMatching(line)] });
  });

  it('refuses a row that selects nothing', async () => {
    file([{ source: `${repository}:1.27`, destination: 'registry.example.com/c' }]);
    expect(await tags('-f', 'mirrors.yaml', `${repository}:1.27`)).toMatchObject({
      code: 64,
      err: [expect.stringMatching(/which names one image; a row with tags would do/)],
    });
  });
});
