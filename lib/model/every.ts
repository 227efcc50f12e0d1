import { CLOCKS_APART } from './clocks';
import { InvalidValue } from './invalid';
import type { Every } from './mirror';

const UNITS = [604_800, 86_400, 3600, 60, 1];
const INTERVAL = /^(?:(\d{1,6})w)?(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/;
const REMEDY = 'an interval such as 6h, 30m or 1d12h, or five fields of cron (UTC) such as "0 3 * * *", would do';

/** @throws InvalidValue unless the text is an interval (`6h`, `1d12h`) or five fields of cron. */
export function parseEvery(text: string): Every {
  const trimmed = text.trim();
  const match = INTERVAL.exec(trimmed);
  if (trimmed !== '' && match !== null) {
    const seconds = UNITS.reduce((sum, unit, index) => sum + unit * Number(match[index + 1] ?? 0), 0);
    if (seconds === 0)
      throw new InvalidValue('interval', text, 'one longer than nothing would do; leave it out for every run');
    return { kind: 'interval', seconds };
  }
  const expression = trimmed.split(/\s+/).join(' ');
  if (nextRun(expression, 0) === undefined) throw new InvalidValue('interval', text, REMEDY);
  return { kind: 'cron', expression };
}

/** An interval or cron expression, as it may be written in a row. */
export function formatEvery(every: Every): string {
  return every.kind === 'cron' ? every.expression : `${every.seconds}s`;
}

/**
 * Whether a row is to be looked at again. Milliseconds since the epoch; `last` is when it was last looked at, undefined
 * for never. An interval ends a tenth early, a minute at most, so that a schedule of the same period does not miss
 * every other turn by a second of jitter. A time that has yet to come was said by a clock that is wrong, and counts for nothing.
 */
export function isDue(every: Every | undefined, last: number | undefined, now: number): boolean {
  if (every === undefined || last === undefined || last > now + CLOCKS_APART * 1000) return true;
  return nextDue(every, last) - slack(every) <= now;
}

/** When a row that was last looked at then is due; Infinity for a cron expression that never comes again. */
export function nextDue(every: Every, last: number): number {
  return every.kind === 'interval' ? last + every.seconds * 1000 : (nextRun(every.expression, last) ?? Infinity);
}

function slack(every: Every): number {
  return every.kind === 'interval' ? Math.min(every.seconds * 100, 60_000) : 0;
}

function nextRun(expression: string, after: number): number | undefined {
  if (expression.length > 256 || expression.split(' ').length !== 5) return undefined;
  try {
    // Loaded where the first expression is: a command starts sooner without.
    const { Cron } = require('croner') as typeof import('croner');
    return new Cron(expression, { timezone: 'UTC', mode: '5-part' }).nextRun(new Date(after))?.getTime();
  } catch {
    return undefined;
  }
}
