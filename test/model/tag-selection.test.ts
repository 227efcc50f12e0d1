import fc from 'fast-check';
import { compileGlob, globProblem } from '../../lib/model/glob';
import { rangeProblem, selectTags } from '../../lib/model/tag-selection';
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
const why = (result: ReturnType<typeof selectTags>, name: string) =>
  Object.fromEntries(result.stages.find((stage) => stage.name === name)?.dropped ?? []);

describe('semver', () => {
  it('takes plain versions, short ones too, and no variants', () => {
    const result = selectTags(NGINX, { semver: '>=1.25 <2' });
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
    expect(selectTags(['1'], { semver: 'newest' })).toEqual({
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
    const result = selectTags(['a', 'b'], { include: ['a', 'c'], exclude: ['a*'] });
    expect(why(result, 'include')).toEqual({ b: 'matches no glob of include' });
    expect(why(result, 'exclude')).toEqual({ a: 'matches a* of exclude' });
  });
});

describe('latest', () => {
  it('is the newest by version', () => {
    const result = selectTags(NGINX, { latest: 3 });
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
    const { stages } = selectTags(NGINX, { latest: 1, exclude: ['x'], include: ['*'], semver: '*' });
    expect(stages.map((stage) => stage.name)).toEqual(['semver', 'include', 'exclude', 'latest']);
    expect(selectTags(NGINX, {}).stages).toEqual([]);
  });
  it('account for every tag', () => {
    const selection = fc.record(
      {
        include: fc.constantFrom(['*'], ['1*', '*-a']),
        exclude: fc.constantFrom(['*b*']),
        semver: fc.constantFrom('>=1', '*'),
        latest: fc.integer({ min: 1, max: 3 }),
      },
      { requiredKeys: [] },
    );
    const tags = fc.array(fc.oneof(tag, fc.stringMatching(/^[12]\.[0-3](\.[0-3])?(-(a|b|rc1))?$/)));
    fc.assert(
      fc.property(tags, selection, (all, asked) => {
        const result = selectTags(all, asked);
        const dropped = result.stages.flatMap((stage) => stage.dropped.map(([one]) => one));
        expect([...result.selected, ...dropped].sort()).toEqual([...new Set(all)].sort());
        expect(selectTags([...all].reverse(), asked).selected).toEqual(result.selected);
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
    '/^1/',
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
