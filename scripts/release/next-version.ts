import { gt, inc, lt, major, minor } from 'semver';
import { InvalidValue } from '../../lib/model/invalid';
import type { Change } from './commits';

/** What of a version changes: what breaks people, what adds to what there is, what mends. */
export type Step = 'breaking' | 'feature' | 'fix';

/** What a release is called; nothing before one and nothing behind it. */
export const RELEASED = /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)$/;

/** The most that these changes ask for; undefined when they ask for no release. */
export function stepOf(changes: readonly Change[]): Step | undefined {
  if (changes.some(({ breaking }) => breaking !== undefined)) return 'breaking';
  if (changes.some(({ type }) => type === 'feat')) return 'feature';
  return changes.some(({ type }) => type === 'fix' || type === 'perf' || type === 'revert') ? 'fix' : undefined;
}

/**
 * The version after this one. Before 1.0.0 the middle number says what breaks and the last all else, which is how npm reads
 * `^0.1.0`; and nothing but a decision of people leads to 1.0.0.
 *
 * @throws InvalidValue for what is no released version
 */
export function nextVersion(last: string, step: Step): string {
  if (!RELEASED.test(last)) throw new InvalidValue('version', last, 'one such as 1.2.3 would do');
  const isEarly = major(last) === 0;
  const part = { breaking: isEarly ? 'minor' : 'major', feature: isEarly ? 'patch' : 'minor', fix: 'patch' } as const;
  return inc(last, part[step]) as string;
}

/**
 * The version that is due after a release: what its commits ask for, or what people have written already where that is more.
 * Undefined when neither asks for one.
 */
export function dueVersion(last: string, step: Step | undefined, written: string): string | undefined {
  const asked = step === undefined ? last : nextVersion(last, step);
  const due = gt(written, asked) ? written : asked;
  return due === last ? undefined : due;
}

/** Whether a version may break what the one before promised. */
export function mayBreak(last: string, next: string): boolean {
  if (!lt(last, next)) return false;
  return major(next) > major(last) || (major(last) === 0 && minor(next) > minor(last));
}
