import fc from 'fast-check';
import { type Commit, changeOf, changesOf, titleProblem } from '../../../scripts/release/commits';

const id = (digit: string) => digit.repeat(40);
const commit = (message: string, digit = '1'): Commit => ({ id: id(digit), message });

describe('the message of a commit', () => {
  it.each([
    ['feat: take lists of images', { type: 'feat', scope: undefined, subject: 'take lists of images' }],
    ['fix(engine): end idle uploads', { type: 'fix', scope: 'engine', subject: 'end idle uploads' }],
    ['fix(lib/model): read 1.2', { type: 'fix', scope: 'lib/model' }],
    ['perf: ask once', { type: 'perf' }],
    ['chore(release): 1.2.3', { type: 'chore', subject: '1.2.3' }],
    ['Say what would do', { type: undefined, subject: 'Say what would do' }],
    ['Feat: no such type', { type: undefined }],
    ['feature: no such type', { type: undefined }],
    ['feat : no header', { type: undefined }],
    ['feat:no space', { type: undefined }],
    ['feat: ', { type: undefined }],
    ['constructor: not a type of ours', { type: undefined }],
    ['', { type: undefined, subject: '' }],
  ])('%j is read', (message, expected) => {
    expect(changeOf(commit(message))).toMatchObject({ breaking: undefined, ...expected });
  });

  it.each([
    ['feat!: drop Node 20', ''],
    ['fix(cli)!: exit with 2', ''],
    ['feat: drop Node 20\n\nBREAKING CHANGE: use 22', 'use 22'],
    ['feat: drop Node 20\n\nBREAKING-CHANGE: use 22', 'use 22'],
    ['refactor: x\n\nwhy\n\nBREAKING CHANGE: use\n  this\nnot that\nReviewed-by: Z', 'use this not that'],
    ['feat!: x\n\nBREAKING CHANGE: said once', 'said once'],
    ['feat: x\r\n\r\nBREAKING CHANGE: y\r\n', 'y'],
    ['feat: x\n\nbreaking change: not a footer', undefined],
    ['feat: x\n\nThis is no BREAKING CHANGE: at all', undefined],
    ['Make it so!: now', undefined],
  ])('%j says what breaks', (message, breaking) => {
    expect(changeOf(commit(message)).breaking).toBe(breaking);
  });

  it('has an answer whatever it is', () => {
    const check = (message: string) => {
      const { subject, type } = changeOf(commit(message));
      expect(subject).not.toMatch(/\n/);
      expect([undefined, 'feat', 'fix', 'revert']).toContain(type);
    };
    const part = fc.constantFrom(
      'feat',
      'fix',
      '(',
      ')',
      '!',
      ': ',
      ':',
      '\n',
      '\r',
      '\0',
      'BREAKING CHANGE: ',
      'Revert "',
      '"',
      'é',
    );
    fc.assert(fc.property(fc.array(fc.oneof(part, fc.string()), { maxLength: 12 }), (parts) => check(parts.join(''))));
  });
});

describe('changes', () => {
  const feature = commit('feat: a', 'a');

  it('that were taken back are gone, and so is what took them back', () => {
    const git = commit(`Revert "feat: a"\n\nThis reverts commit ${id('a')}.`, 'b');
    const conventional = commit(`revert: a\n\nRefs: ${id('a').slice(0, 7)}`, 'c');
    expect(changesOf([git, feature])).toEqual([]);
    expect(changesOf([conventional, feature])).toEqual([]);
  });

  it('that were taken back and put back are there', () => {
    const back = commit(`Revert "feat: a"\n\nThis reverts commit ${id('a')}.`, 'b');
    const forth = commit(`Revert "Revert "feat: a""\n\nThis reverts commit ${id('b')}.`, 'c');
    expect(changesOf([forth, back, feature]).map(({ subject }) => subject)).toEqual(['a']);
  });

  it('of an earlier release that are taken back now are told', () => {
    const back = commit(`Revert "feat: older"\n\nThis reverts commit ${id('9')}.`, 'b');
    expect(changesOf([back, feature])).toMatchObject([{ type: 'revert', subject: 'feat: older' }, { type: 'feat' }]);
  });

  it('do not take themselves back', () => {
    expect(changesOf([commit(`revert: a\n\nRefs: ${id('b')}`, 'b')])).toHaveLength(1);
  });
});

describe('the title of a pull request', () => {
  it.each(['feat: x', 'fix(engine)!: x', 'docs: `a` and b', 'chore(release): 0.2.0'])('%j will do', (title) => {
    expect(titleProblem(title)).toBeUndefined();
  });

  it.each([
    ['Mend it', 'no type'],
    ['mend: it', 'the type mend'],
    ['feat( ): x', 'an empty scope'],
    [`feat: ${'x'.repeat(100)}`, '106 characters'],
    ['feat: x\nfix: y', 'no type'],
  ])('%j will not', (title, problem) => {
    expect(titleProblem(title)).toContain(problem);
  });
});
