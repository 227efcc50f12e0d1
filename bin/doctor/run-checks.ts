import type { DoctorCode } from './codes';
import { type Finding, unknown, unknownBy } from './finding';
import type { Ground } from './ground';

/** One thing to look at. */
export interface Check {
  /** Of what is told when it cannot be made. */
  readonly code: DoctorCode;
  /** What it is about, for the same. */
  readonly about: string;
  /** Finds what there is to say; nothing where the check does not apply. */
  look(ground: Ground, signal: AbortSignal): Promise<readonly Finding[]>;
}

/** Milliseconds that one check may take. */
const LONGEST = 60_000;

/**
 * Makes all checks side by side. One that fails, or takes too long, is told as such and keeps no other from being made.
 *
 * @param told called with the findings of each check as it ends
 */
export async function runChecks(
  checks: readonly Check[],
  ground: Ground,
  told: (findings: readonly Finding[]) => void,
  { signal, longest = LONGEST }: { readonly signal?: AbortSignal; readonly longest?: number } = {},
): Promise<void> {
  await Promise.all(checks.map(async (check) => told(await bounded(check, ground, signal, longest))));
}

async function bounded(
  check: Check,
  ground: Ground,
  stopped: AbortSignal | undefined,
  longest: number,
): Promise<readonly Finding[]> {
  const { code, about } = check;
  const late = new AbortController();
  const signal = stopped === undefined ? late.signal : AbortSignal.any([stopped, late.signal]);
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<readonly Finding[]>((resolve) => {
    const give = (why: string) => resolve([unknown(code, about, why)]);
    timer = setTimeout(() => {
      late.abort();
      give(`no answer within ${longest / 1000} s`);
    }, longest);
    if (stopped?.aborted === true) give('stopped');
    stopped?.addEventListener('abort', () => give('stopped'), { once: true });
  });
  try {
    return await Promise.race([check.look(ground, signal), overdue]);
  } catch (cause) {
    return [unknownBy(code, about, cause)];
  } finally {
    clearTimeout(timer);
  }
}
