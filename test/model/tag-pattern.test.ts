import fc from 'fast-check';
import {
  compileTagPattern,
  globAround,
  splitTagPatterns,
  tagPatternProblem,
  tagPatternProblems,
} from '../../lib/model/tag-pattern';
import { tag } from './arbitrary';

describe('a regular expression', () => {
  it.each([
    ['/27/', '1.27.0', true],
    ['/^1\\.2[5-9]/', '1.27.0-alpine', true],
    ['/^1\\.2[5-9]/', '11.27', false],
    ['/^1\\.2[5-9]/', '1x27', false],
    ['/^1\\.2[5-9]$/', '1.27.0', false],
    ['/^(1|2)\\.\\d{1,2}$/', '2.10', true],
    ['/-ALPINE$/', '1-alpine', false],
    ['/-ALPINE$/i', '1-alpine', true],
    ['/(?i)-ALPINE$/', '1-alpine', true],
    ['/[[:digit:]]$/', 'v1', true],
    ['/a/b/', 'a/b', true],
    ['/./', 'x', true],
  ])('%s on %s: %s', (pattern, text, matches) => {
    expect(tagPatternProblem(pattern)).toBeUndefined();
    expect(compileTagPattern(pattern)).toMatchObject({ text: pattern });
    expect(compileTagPattern(pattern).matches(text)).toBe(matches);
  });

  it.each([
    ['/', /a regular expression such as/],
    ['//', /a regular expression such as/],
    ['/^1', /a regular expression such as/],
    ['/1/g', /no flag, or i alone/],
    ['/1/ii', /no flag, or i alone/],
    ['/(/', /missing closing \).* the syntax of RE2 would do/],
    ['/[z-a]/', /invalid character class range/],
    ['/a**/', /invalid nested repetition/],
    ['/a(?=b)/', /lookahead/],
    ['/a(?!b)/', /lookahead/],
    ['/(?<=b)a/', /lookbehind/],
    ['/(?<!b)a/', /lookbehind/],
    ['/(?>a)/', /lookahead/],
    ['/(a)\\1/', /backreference/],
    ['/(?<n>a)\\k<n>/', /backreference/],
    ['/a{1001}/', /invalid repeat count/],
    ['/(a{30}){30}/', /takes 962 instructions; at most 500 would do/],
    [`/${'x'.repeat(255)}/`, /at most 256 characters/],
    ['/(\u001b[2J\n/', /missing closing/],
  ])('is refused with a line that says what would do: %j', (pattern, line) => {
    const problem = tagPatternProblem(pattern);
    expect(problem).toMatch(line);
    expect(problem).toMatch(/^got .* would do$/);
    expect(compileTagPattern(pattern).matches('1.27')).toBe(false);
  });

  it('that would take for ever elsewhere is quick', () => {
    const long = 'a'.repeat(127);
    const patterns = [
      '/^(a+)+$/',
      '/^(a|aa)+$/',
      '/^(a|a?)+$/',
      '/(a*)*b/',
      '/(x+x+)+y/',
      '/^(.*?,){11}P/',
      '/(.*){20}z/',
    ];
    for (const pattern of patterns) {
      expect(tagPatternProblem(pattern)).toBeUndefined();
      expect(compileTagPattern(pattern).matches(`${long}!`)).toBe(false);
    }
  });

  it('has an answer, or a line that says what is wrong, whatever it is, on whatever tag', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '(',
        ')',
        '(?:',
        '(?i)',
        '[',
        ']',
        '[^',
        '|',
        '*',
        '+',
        '?',
        '{2}',
        '{1,30}',
        '{900}',
        '^',
        '$',
        '.',
      ),
      fc.constantFrom('\\d', '\\pL', '\\b', '\\.', '\\', '(?=', '\\1', 'a', '0', '-', 'alpine', '\u0000', '\u{1f4a9}'),
      fc.string({ unit: 'binary', maxLength: 3 }),
    );
    const pattern = fc.array(piece, { maxLength: 40 }).map((pieces) => `/${pieces.join('')}/`);
    fc.assert(
      fc.property(pattern, tag, (text, one) => {
        const problem = tagPatternProblem(text);
        if (problem !== undefined) expect(problem).toMatch(/^got \P{Cc}{1,1000} would do$/u);
        expect(typeof compileTagPattern(text).matches(one.repeat(6).slice(0, 128))).toBe('boolean');
      }),
      { numRuns: 500 },
    );
  });

  it('matches as the engine of JavaScript does, where both can say it', () => {
    const atom = fc.constantFrom('a', 'b', '\\.', '[ab]', '[^a]', '.', '(a|b)', '(?:ab)', '\\d', '-');
    const repeat = fc.constantFrom('', '', '*', '+', '?', '{1,2}');
    const body = fc.array(fc.tuple(atom, repeat), { minLength: 1, maxLength: 5 });
    const written = fc.tuple(fc.constantFrom('', '^'), body, fc.constantFrom('', '$'), fc.constantFrom('', 'i'));
    fc.assert(
      fc.property(written, fc.stringMatching(/^[abAB.1-]{0,6}$/), ([start, pieces, end, flags], text) => {
        const source = `${start}${pieces.flat().join('')}${end}`;
        expect(tagPatternProblem(`/${source}/${flags}`)).toBeUndefined();
        expect(compileTagPattern(`/${source}/${flags}`).matches(text)).toBe(new RegExp(source, flags).test(text));
      }),
      { numRuns: 500 },
    );
  });
});

describe('a list of patterns', () => {
  it('has a bound', () => {
    expect(tagPatternProblems(Array(100).fill('1.*'))).toEqual([]);
    expect(tagPatternProblems(Array(101).fill('1.*'))).toEqual(['got 101 patterns; at most 100 would do']);
  });

  it.each([
    ['1.*, *-alpine', ['1.*', '*-alpine']],
    ['/^\\d{1,2}$/', ['/^\\d{1,2}$/']],
    ['a, /^\\d{1,2}$/i ,b', ['a', '/^\\d{1,2}$/i', 'b']],
    ['/a{1,2}/,/b{1,2}/', ['/a{1,2}/', '/b{1,2}/']],
    ['/,/', ['/,/']],
    ['/a,b', ['/a,b']],
    ['', ['']],
    ['a,,b', ['a', '', 'b']],
  ])('may be one text: %j', (text, patterns) => {
    expect(splitTagPatterns(text)).toEqual(patterns);
  });

  it('is parted quickly, however many commas there are', () => {
    expect(splitTagPatterns(`/${','.repeat(400_000)}`)).toHaveLength(1);
  });
});

describe('the glob around a pattern', () => {
  it.each([
    ['1.2?', '1.2?'],
    ['/^1\\.2[5-9]/', '1.2*'],
    ['/^1\\.27?/', '1.2*'],
    ['/1\\.2/', '*'],
    ['/^1|2/', '*'],
    ['/^(1|2)/', '*'],
    ['/^a/i', '*'],
    ['/(?i)^a/', '*'],
  ])('%s: %s', (pattern, glob) => expect(globAround(pattern)).toBe(glob));

  it('matches whatever the pattern does', () => {
    const atom = fc.constantFrom('a', 'b', '1', '\\.', '[a1]', '.', '(a|1)', '|', '\\d', '-');
    const repeat = fc.constantFrom('', '', '', '*', '?', '{0,2}');
    const body = fc
      .array(fc.tuple(atom, repeat), { minLength: 1, maxLength: 4 })
      .map((pieces) => pieces.flat().join(''));
    fc.assert(
      fc.property(fc.constantFrom('', '^'), body, fc.stringMatching(/^[ab1.-]{0,6}$/), (start, source, text) => {
        const pattern = `/${start}${source}/`;
        if (tagPatternProblem(pattern) !== undefined || !compileTagPattern(pattern).matches(text)) return;
        expect(compileTagPattern(globAround(pattern)).matches(text)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
