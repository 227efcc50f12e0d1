import { readArguments } from '../../container/arguments';
import { exitCodeFor } from '../../container/exit-code';
import { exitCodeOf } from '../../lib/model/outcome';

it.each([
  ['nothing to do', [], 0],
  ['all well', [undefined, undefined], 0],
  ['one of many failed', [undefined, 'unavailable'], 1],
  ['all failed for different causes', ['denied', 'unavailable'], 1],
  ['all failed because a registry is unavailable', ['unavailable', 'unavailable'], 69],
  ['all were denied', ['denied'], 77],
  ['all were bad input', ['usage'], 64],
  ['a fault of our own', ['internal'], 70],
  ['a conflict', ['conflict'], 1],
  ['images without the signature that is asked for', [undefined, 'quarantined'], 77],
  ['one of those among failures', ['unavailable', 'quarantined'], 1],
  ['stopped, whatever else', [undefined, 'denied', 'stopped'], 75],
] as const)('says how a job ended: %s', (_, endings, code) => {
  expect(exitCodeFor([...endings])).toBe(code);
});

it.each([
  ['usage', 64],
  ['unavailable', 69],
  ['internal', 70],
  ['stopped', 75],
  ['denied', 77],
] as const)('has a code for a job that failed as a whole: %s', (cause, code) => {
  expect(exitCodeOf(cause)).toBe(code);
});

it('takes the arguments of the job definition', () => {
  expect(readArguments(['--plan', 'p', '--source', '-', '--dest', '-'])).toEqual({
    plan: ['p'],
    source: ['-'],
    dest: ['-'],
  });
  expect(readArguments(['--help'])).toBe('help');
  expect(() => readArguments(['--plans', 'p'])).toThrow('--plan, or --source with --dest, would do');
});
