import { show } from '../lib/model/invalid';
import { UsageError } from './usage';

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** More than a timer can count. */
const LONGEST = 2 ** 31 - 1;

/**
 * Milliseconds of `500ms`, `30s`, `1.5m`, `2h`.
 *
 * @param longest milliseconds. @default - as long as a timer can be
 * @throws UsageError naming the flag.
 */
export function parseDuration(flag: string, text: string, longest = LONGEST): number {
  const [, number, unit] = /^(\d{1,10}(?:\.\d{1,3})?)(ms|s|m|h|d)$/.exec(text) ?? [];
  const milliseconds = Number(number) * (MILLISECONDS[unit ?? ''] ?? Number.NaN);
  if (Number.isNaN(milliseconds) || milliseconds > longest) {
    throw new UsageError(`${flag}: got ${show(text)}; a time such as 500ms, 30s, 5m or 1h would do`);
  }
  return milliseconds;
}

/** A whole number within bounds. @throws UsageError naming the flag. */
export function parseCount(flag: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (!/^\d{1,9}$/.test(text) || number < least || number > most) {
    throw new UsageError(`${flag}: got ${show(text)}; a whole number from ${least} to ${most} would do`);
  }
  return number;
}
