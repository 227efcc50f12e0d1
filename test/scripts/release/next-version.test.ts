import { changeOf } from '../../../scripts/release/commits';
import { dueVersion, mayBreak, nextVersion, stepOf } from '../../../scripts/release/next-version';

const step = (...messages: string[]) => stepOf(messages.map((message) => changeOf({ id: '1'.repeat(40), message })));

describe('what commits ask for', () => {
  it.each([
    [['fix: a', 'feat: b', 'docs: c'], 'feature'],
    [['docs: a', 'fix: b'], 'fix'],
    [['perf: a'], 'fix'],
    [['Revert "feat: a"'], 'fix'],
    [['feat: a', 'fix!: b'], 'breaking'],
    [['chore: a\n\nBREAKING CHANGE: b'], 'breaking'],
    [['docs: a', 'chore: b', 'A sentence!: c'], undefined],
    [[], undefined],
  ])('%j: %s', (messages, expected) => expect(step(...messages)).toBe(expected));
});

describe('the next version', () => {
  it.each([
    ['1.2.3', 'fix', '1.2.4'],
    ['1.2.3', 'feature', '1.3.0'],
    ['1.2.3', 'breaking', '2.0.0'],
    ['0.1.0', 'fix', '0.1.1'],
    ['0.1.0', 'feature', '0.1.1'],
    ['0.1.9', 'breaking', '0.2.0'],
    ['0.99.1', 'breaking', '0.100.0'],
  ] as const)('after %s with a %s is %s', (last, asked, next) => expect(nextVersion(last, asked)).toBe(next));

  it.each([
    ['0.1.0', undefined, '0.1.0', undefined],
    ['0.1.0', 'feature', '0.1.0', '0.1.1'],
    ['0.1.0', 'fix', '1.0.0', '1.0.0'],
    ['0.1.0', undefined, '1.0.0', '1.0.0'],
    ['0.1.0', 'breaking', '0.1.1', '0.2.0'],
  ] as const)('after %s with a %s, where people have written %s, is %s', (last, asked, written, due) =>
    expect(dueVersion(last, asked, written)).toBe(due),
  );

  it.each(['1.2', 'v1.2.3', '1.2.3-beta.1', '1.2.3+build', '', 'latest'])('is not made of %j', (last) => {
    expect(() => nextVersion(last, 'fix')).toThrow(/^version: got ".*"; one such as 1\.2\.3 would do$/);
  });
});

describe('a version that may break what was promised', () => {
  it.each([
    ['1.2.3', '2.0.0', true],
    ['1.2.3', '1.3.0', false],
    ['0.1.0', '0.2.0', true],
    ['0.1.0', '0.1.1', false],
    ['0.9.0', '1.0.0', true],
    ['1.0.0', '1.0.0', false],
    ['2.0.0', '1.9.0', false],
  ])('%s to %s: %s', (last, next, expected) => expect(mayBreak(last, next)).toBe(expected));
});
