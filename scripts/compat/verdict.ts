import { mayBreak, nextVersion } from '../release/next-version';
import type { Comparison } from './compare';

/** What is said of a comparison, and whether the version that is next may have such changes. */
export interface Verdict {
  readonly ok: boolean;
  readonly lines: readonly string[];
}

/** @param next - the version that is to be released */
export function verdictOf({ last, breaks }: Comparison, next: string): Verdict {
  const what = `${next} after ${last}`;
  if (breaks.length === 0) return { ok: true, lines: [`${what}: nothing breaks`] };
  const ok = mayBreak(last, next);
  const count = `${breaks.length} incompatible ${breaks.length === 1 ? 'change' : 'changes'}`;
  const remedy = `got ${count}; ${nextVersion(last, 'breaking')}, or an API that has what it had, would do`;
  return { ok, lines: [...breaks, `${what}: ${ok ? `${count}, which it may have` : remedy}`] };
}
