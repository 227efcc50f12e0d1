import fc from 'fast-check';
import { compileGlob, globProblem } from '../../lib/model/glob';
import { explainSelection, selectTags } from '../../lib/model/tag-selection';
import { rangeProblem } from '../../lib/model/version-range';
import { tag } from './arbitrary';

const NGINX = [
  'latest',
  'stable',
  'mainline',
  '1',
  '1.24',
  '1.24.0',
  '1.25',
  '1.25.1',
  '1.27',
  '1.27.0',
  '1.27-alpine',
  '1.27.0-alpine',
  '1.27.0-perl',
  '1.27-alpine-slim',
  '1.28.0-rc1',
  '2.0.0',
  '1.25-alpine',
  'stable-alpine',
];
const why = (result: ReturnType<typeof explainSelection>, name: string) =>
  Object.fromEntries(result.stages.find((stage) => stage.name === name)?.dropped ?? []);

describe('semver', () => {
  it('takes plain versions, short ones too, and no variants', () => {
    const result = explainSelection(NGINX, { semver: '>=1.25 <2' });
    expect(result.selected).toEqual(['1.27.0', '1.27', '1.25.1', '1.25']);
    expect(why(result, 'semver')).toMatchObject({
      latest: 'no version',
      '1.24.0': 'outside the range',
      '1.27-alpine': expect.stringContaining('"*-alpine"'),
      '1.28.0-rc1': expect.stringContaining('pre-release'),
    });
  });
  it('takes the line that include asks for, and that alone', () => {
    expect(selectTags(NGINX, { semver: '>=1.25 <2', include: ['*-alpine'] }).selected).toEqual([
      '1.27.0-alpine',
      '1.27-alpine',
      '1.25-alpine',
    ]);
    expect(selectTags(NGINX, { semver: '>=1.25 <2', include: ['1.27-alpine-slim'] }).selected).toEqual([
      '1.27-alpine-slim',
    ]);
  });
  it('takes plain versions only when the globs of include differ in their ends', () => {
    expect(selectTags(NGINX, { semver: '1.27.x', include: ['*-alpine', '*'] }).selected).toEqual(['1.27.0', '1.27']);
  });
  it('takes versions that begin with v, and reads many numbers', () => {
    expect(
      selectTags(['v1.2', 'v1.3.1', 'V2', 'version', '10.0.20348.2113', '10.0.20348.99'], { semver: '>=1' }).selected,
    ).toEqual(['10.0.20348.2113', '10.0.20348.99', 'V2', 'v1.3.1', 'v1.2']);
  });
  it('takes pre-releases where the range names one', () => {
    const tags = ['v1.0.0', '1.1.0-rc.1', '1.1.0-rc.10', '1.1.0-beta2', '1.1.0-alpine', '2.0.0-rc1'];
    expect(selectTags(tags, { semver: '>=1.0.0-0' }).selected).toEqual([
      '2.0.0-rc1',
      '1.1.0-rc.10',
      '1.1.0-rc.1',
      '1.1.0-beta2',
      'v1.0.0',
    ]);
    expect(selectTags(tags, { semver: '>=1.0.0 <2' }).selected).toEqual(['v1.0.0']);
  });
  it('takes no commit, date with letters or number without end for a version', () => {
    expect(
      selectTags(['7f5b1c2', '9'.repeat(40), 'sha256-aa.sig', '', '.1', '1..2'], { semver: '*' }).selected,
    ).toEqual([]);
  });
  it.each(['newest', '>=', '', '  ', '1.2.3.4.5', 'x'.repeat(300), 5, null])('refuses the range %j', (range) => {
    expect(rangeProblem(range)).toMatch(/got .*; a range such as/);
  });
  it.each(['>=1.25 <2', '1.27.x', '^1', '~1.2', '1 || 2', '1.2 - 1.4', '*', '>=1.0.0-0'])(
    'accepts the range %s',
    (range) => {
      expect(rangeProblem(range)).toBeUndefined();
    },
  );
  it('is a problem rather than an exception when it is wrong after all', () => {
    expect(explainSelection(['1'], { semver: 'newest' })).toEqual({
      all: 1,
      selected: [],
      stages: [],
      problem: expect.stringContaining('newest'),
    });
  });
});

describe('include and exclude', () => {
  it('are globs over the whole tag', () => {
    expect(selectTags(NGINX, { include: ['1.27*'], exclude: ['*-alpine*'] }).selected).toEqual([
      '1.27.0',
      '1.27',
      '1.27.0-perl',
    ]);
  });
  it('say which glob dropped a tag', () => {
    const result = explainSelection(['a', 'b'], { include: ['a', 'c'], exclude: ['a*'] });
    expect(why(result, 'include')).toEqual({ b: 'matches nothing of include' });
    expect(why(result, 'exclude')).toEqual({ a: 'matches a* of exclude' });
  });
});

describe('latest', () => {
  it('is the newest by version', () => {
    const result = explainSelection(NGINX, { latest: 3 });
    expect(result.selected).toEqual(['2.0.0', '1.27.0', '1.27']);
    expect(why(result, 'latest')).toMatchObject({ stable: 'no version', '1.25': 'not among the newest 3' });
  });
  it('orders by number, not by text', () => {
    expect(selectTags(['1.9', '1.10', '1.2'], { latest: 2 }).selected).toEqual(['1.10', '1.9']);
  });
  it('is the newest of the line that include asks for', () => {
    expect(selectTags(NGINX, { include: ['*-alpine'], latest: 2 }).selected).toEqual(['1.27.0-alpine', '1.27-alpine']);
  });
  it('counts what the stages before it left', () => {
    expect(selectTags(NGINX, { semver: '<2', exclude: ['1.27'], latest: 2 }).selected).toEqual(['1.27.0', '1.25.1']);
  });
});

describe('min', () => {
  it('is a problem when fewer are left', () => {
    expect(selectTags(NGINX, { include: ['3.*'], min: 1 }).problem).toMatch(/got 0 of 18 tags, fewer than the 1/);
    expect(selectTags(NGINX, { include: ['1.*'], min: 1 }).problem).toBeUndefined();
  });
});

describe('stages', () => {
  it('run in their order, and only those that were asked for', () => {
    const { stages } = explainSelection(NGINX, { latest: 1, exclude: ['x'], include: ['*'], semver: '*' });
    expect(stages.map((stage) => stage.name)).toEqual(['semver', 'include', 'exclude', 'latest']);
    expect(explainSelection(NGINX, {}).stages).toEqual([]);
  });
});

describe('lines', () => {
  it('are those of what stands before the version, too', () => {
    const tags = ['jammy-20260101', 'jammy-20251201', 'jammy-20251101', 'noble-20260101', 'jammy', '24.04'];
    expect(selectTags(tags, { include: ['jammy-*'], latest: 2 }).selected).toEqual([
      'jammy-20260101',
      'jammy-20251201',
    ]);
    expect(why(explainSelection(tags, { latest: 1 }), 'latest')).toEqual({
      'jammy-20260101': 'of the line jammy-*; an include of "jammy-*" alone would take it',
      'jammy-20251201': expect.stringContaining('"jammy-*"'),
      'jammy-20251101': expect.stringContaining('"jammy-*"'),
      'noble-20260101': expect.stringContaining('"noble-*"'),
      jammy: 'no version',
    });
  });
  it('may have both', () => {
    const tags = ['app-1.2-slim', 'app-1.10-slim', 'app-1.11', '1.12-slim'];
    expect(selectTags(tags, { include: ['app-*-slim'], latest: 1 }).selected).toEqual(['app-1.10-slim']);
  });
  it('leave the v to the version', () => {
    expect(selectTags(['v1', 'v1.1', 'release-v2'], { include: ['v*'], latest: 1 }).selected).toEqual(['v1.1']);
    expect(selectTags(['release-v2', 'release-3'], { include: ['release-v*'], latest: 1 }).selected).toEqual([
      'release-v2',
    ]);
  });
  it.each([
    ['/-alpine$/', ['1.27.0-alpine', '1.27-alpine']],
    ['/^1\\.27-alpine$/', ['1.27-alpine']],
    ['/^1\\.2[5-9](\\.\\d+)?-alpine$/', ['1.27.0-alpine', '1.27-alpine']],
    ['/^1\\.2[5-9]/', ['1.27.0', '1.27']],
    ['/-alpine|-perl$/', []],
    ['/-alpine$/i', []],
  ])('are named by a regular expression that spells its end out: %s', (pattern, selected) => {
    expect(selectTags(NGINX, { include: [pattern], latest: 2 }).selected).toEqual(selected);
  });
});

describe('dates', () => {
  const DATES = ['2026-01-31', '2026-02-01', '2025-12-31', '2026-02-01T10-30-00Z'];
  it('are ordered by latest', () => {
    expect(selectTags([...DATES, 'latest', '2026-13-01'], { latest: 2 }).selected).toEqual([
      '2026-02-01T10-30-00Z',
      '2026-02-01',
    ]);
    expect(selectTags(['20260131', '20251231', 'edge'], { latest: 1 }).selected).toEqual(['20260131']);
  });
  it('have lines as versions have', () => {
    const tags = [
      'RELEASE.2026-01-16T16-07-38Z',
      'RELEASE.2025-09-07T16-13-09Z',
      'RELEASE.2026-01-16T16-07-38Z-cpuv1',
      'edge',
    ];
    expect(selectTags(tags, { include: ['RELEASE.*'], latest: 1 }).selected).toEqual(['RELEASE.2026-01-16T16-07-38Z']);
    expect(selectTags(tags, { include: ['*-cpuv1', 'RELEASE.*-cpuv1'], latest: 1 }).selected).toEqual([]);
    expect(selectTags(tags, { include: ['RELEASE.*-cpuv1'], latest: 1 }).selected).toEqual([tags[2]]);
  });
  it('stand back where there are versions, and are in no range', () => {
    const mixed = [...DATES, '1.27', '1.26'];
    expect(selectTags(mixed, { latest: 3 }).selected).toEqual(['1.27', '1.26']);
    expect(why(explainSelection(mixed, { latest: 3 }), 'latest')).toHaveProperty(
      ['2026-01-31'],
      expect.stringContaining('beside versions'),
    );
    expect(why(explainSelection(mixed, { semver: '>=1' }), 'semver')).toHaveProperty(
      ['2026-01-31'],
      expect.stringContaining('a date'),
    );
    expect(selectTags(mixed, { include: ['20??-*'], latest: 1 }).selected).toEqual(['2026-02-01T10-30-00Z']);
  });
});

describe('regular expressions', () => {
  it('are not tried when there are too many of them for so many tags, however quick each is', () => {
    const many = Array.from({ length: 50_000 }, (_, at) => `1.${at}`);
    const include = Array.from({ length: 60 }, (_, at) => `/^1[.]${at}$/`);
    expect(explainSelection(many, { include })).toEqual({
      all: 50_000,
      selected: [],
      stages: [],
      problem: expect.stringMatching(
        /^got 50000 tags to try with .* of \d{3} instructions; 400 at most, or globs, would do$/,
      ),
    });
    expect(selectTags(many.slice(0, 100), { include }).selected).toHaveLength(60);
  });
  it('stand among globs, and match anywhere in a tag', () => {
    const result = explainSelection(NGINX, {
      include: ['/^1\\.2[5-9]/', '2.*'],
      exclude: ['/PERL|slim$/i', '*-alpine'],
    });
    expect(result.selected).toEqual(['2.0.0', '1.28.0-rc1', '1.27.0', '1.27', '1.25.1', '1.25']);
    expect(why(result, 'exclude')).toMatchObject({ '1.27.0-perl': 'matches /PERL|slim$/i of exclude' });
  });
});

/** Selections and tags as they may come, the latter with many that are alike. */
const selection = fc.record(
  {
    include: fc.constantFrom(['*'], ['1*', '*-a'], ['*-a'], ['/^[12]/'], ['x-*'], ['/-a$/', '*-a']),
    exclude: fc.constantFrom(['*b*'], ['/b$|[.]3/i']),
    semver: fc.constantFrom('>=1', '*', '<2', '>=1.0.0-0'),
    latest: fc.integer({ min: 1, max: 3 }),
    min: fc.integer({ min: 0, max: 5 }),
  },
  { requiredKeys: [] },
);
const tags = fc.array(
  fc.oneof(
    tag,
    fc.stringMatching(/^(x-)?v?[12]\.[0-3](\.[0-3])?(-(a|b|rc1))?$/),
    fc.stringMatching(/^(x-)?202[56]-0[1-3]-1[0-3](-a)?$/),
  ),
);

describe('whatever is selected from whatever', () => {
  it('each tag is selected, or dropped by one stage for a reason', () => {
    fc.assert(
      fc.property(tags, selection, (all, asked) => {
        const { selected, stages, all: count } = explainSelection(all, asked);
        const dropped = stages.flatMap((stage) => stage.dropped);
        expect(dropped.every(([, reason]) => reason.length > 0)).toBe(true);
        expect([...selected, ...dropped.map(([one]) => one)].sort()).toEqual([...new Set(all)].sort());
        let left = count;
        for (const stage of stages) {
          expect(stage.kept).toBe(left - stage.dropped.length);
          left = stage.kept;
        }
      }),
    );
  });
  it('the order of the tags changes nothing, nor does telling of one twice', () => {
    fc.assert(
      fc.property(tags, selection, (all, asked) => {
        const expected = selectTags(all, asked);
        expect(selectTags([...all].reverse(), asked)).toEqual(expected);
        expect(selectTags([...all, ...all], asked)).toEqual(expected);
      }),
    );
  });
  it('the reasons are of the very selection that is applied', () => {
    fc.assert(
      fc.property(tags, selection, (all, asked) => {
        const { selected, problem } = explainSelection(all, asked);
        expect(selectTags(all, asked)).toEqual({ selected, ...(problem === undefined ? {} : { problem }) });
      }),
    );
  });
  it('what was selected is selected again from itself', () => {
    fc.assert(
      fc.property(tags, selection, (all, asked) => {
        const { selected } = selectTags(all, asked);
        expect(selectTags(selected, asked).selected).toEqual(selected);
      }),
    );
  });
  it('latest takes none that is older than one it leaves', () => {
    fc.assert(
      fc.property(tags, selection, fc.integer({ min: 1, max: 3 }), (all, { latest: _, ...asked }, latest) => {
        const { selected, stages } = explainSelection(all, { ...asked, latest });
        const left = (stages.at(-1)?.dropped ?? [])
          .filter(([, reason]) => reason.startsWith('not among'))
          .map(([one]) => one);
        expect(selected.length).toBeLessThanOrEqual(latest);
        if (left.length > 0) expect(selected).toHaveLength(latest);
        const inOrder = selectTags([...selected, ...left], asked).selected;
        expect(inOrder.slice(0, selected.length)).toEqual(selected);
      }),
    );
  });
});

describe('globs', () => {
  it.each([
    ['*', 'sha256-abc.sig', true],
    ['*', 'v1/2', true],
    ['1.*', '1.27.0-alpine', true],
    ['1.*', '1', false],
    ['1.*', '11', false],
    ['1.2?', '1.27', true],
    ['1.2?', '1.2', false],
    ['v[0-9]*', 'v1', true],
    ['[!v]*', 'v1', false],
    ['[!v]*', 'x1', true],
    ['[^v]*', 'v1', false],
    ['*-alpine', '1.27-alpine', true],
    ['*-alpine', '1.27-alpine3', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['aa*aa', 'aaa', false],
    ['**', 'any.thing', true],
    ['V1', 'v1', false],
    ['1..2', '1..2', true],
    ['..', '..', true],
    ['.', 'x', false],
    ['[.-]x', '-x', true],
  ])('%s and %s: %s', (glob, text, matches) => {
    expect(globProblem(glob)).toBeUndefined();
    expect(compileGlob(glob).matches(text)).toBe(matches);
  });
  it.each([
    '',
    '{a,b}',
    '!(a)',
    '(a|b)',
    'a|b',
    'a\\d',
    'a b',
    '[a',
    '[]',
    '[z-a]',
    'a+',
    'x'.repeat(129),
    5,
    undefined,
  ])('refuse %j', (glob) => {
    expect(globProblem(glob)).toMatch(/^got .* would do/);
  });
  it('are quick about many stars', () => {
    const glob = compileGlob(`${'*a'.repeat(60)}*b`);
    expect(glob.matches('a'.repeat(128))).toBe(false);
    expect(glob.matches(`${'a'.repeat(127)}b`)).toBe(true);
  });
  it('match as the definition says', () => {
    const pattern = fc.stringMatching(/^[ab.*?]{1,8}$/);
    const reference = (glob: string, text: string): boolean => {
      if (glob === '') return text === '';
      if (glob[0] === '*') return reference(glob.slice(1), text) || (text !== '' && reference(glob, text.slice(1)));
      return text !== '' && (glob[0] === '?' || glob[0] === text[0]) && reference(glob.slice(1), text.slice(1));
    };
    fc.assert(
      fc.property(pattern, fc.stringMatching(/^[ab.]{0,8}$/), (glob, text) => {
        expect(compileGlob(glob).matches(text)).toBe(reference(glob, text));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('tags under which images are kept that other tags held', () => {
  const tags = ['1', '2', 'prev-1-20261121', 'prev-1-20261121-143005', 'prev-2-20261122'];
  it('are not mirrored on, and the stage that drops them says so', () => {
    expect(selectTags(tags, {}).selected).toEqual(['2', '1']);
    expect(selectTags(tags, { include: ['*'] }).selected).toEqual(['2', '1']);
    const [stage] = explainSelection(tags, { latest: 5 }).stages;
    expect(stage).toMatchObject({ name: 'previous', kept: 2 });
    expect(stage?.dropped[0]).toEqual(['prev-1-20261121', expect.stringContaining('a pattern that begins with prev-')]);
  });
  it('are, where they are asked for', () => {
    for (const include of [['prev-1-*'], ['/^prev-1/']]) {
      expect(selectTags(tags, { include }).selected).toEqual(['prev-1-20261121', 'prev-1-20261121-143005']);
    }
  });
  it('are no stage where there are none', () => {
    expect(explainSelection(['1', 'prev-release'], {}).stages).toEqual([]);
  });
});
