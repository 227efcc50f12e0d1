import fc from 'fast-check';
import { formatEvery, isDue, nextDue, parseEvery } from '../../lib/model/every';
import { InvalidValue } from '../../lib/model/invalid';

const HOUR = 3_600_000;
const at = (text: string) => Date.parse(text);

describe('parseEvery', () => {
  it.each([
    ['6h', 21_600],
    ['30m', 1800],
    ['1d12h', 129_600],
    ['1w', 604_800],
    ['90s', 90],
    [' 1h30m ', 5400],
  ])('takes %s', (text, seconds) => {
    expect(parseEvery(text)).toEqual({ kind: 'interval', seconds });
  });
  it.each(['0 3 * * *', '*/15 * * * *', '0  9-17 * * MON-FRI'])('takes %s', (expression) => {
    expect(parseEvery(expression)).toEqual({ kind: 'cron', expression: expression.replace('  ', ' ') });
  });
  it.each([
    '',
    '0h',
    'h',
    '6',
    '6 h',
    '12h1d',
    '-1h',
    '1.5h',
    '@daily',
    '* * * *',
    '* * * * * *',
    '61 * * * *',
    '0 0 31 2 *',
    'x'.repeat(300),
  ])('refuses %j', (text) => {
    expect(() => parseEvery(text)).toThrow(InvalidValue);
    expect(() => parseEvery(text)).toThrow(/would do/);
  });
  it('reads what it writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999 }), (seconds) => {
        expect(parseEvery(formatEvery({ kind: 'interval', seconds }))).toEqual({ kind: 'interval', seconds });
      }),
    );
    expect(formatEvery(parseEvery('0 3 * * *'))).toBe('0 3 * * *');
  });
});

describe('isDue', () => {
  it('counts no time for anything that a clock within five minutes cannot have said', () => {
    const sixHours = parseEvery('6h');
    const now = Date.parse('2026-01-01T00:00:00Z');
    expect(isDue(sixHours, now + 300_000, now)).toBe(false);
    expect(isDue(sixHours, now + 300_001, now)).toBe(true);
  });

  const sixHours = parseEvery('6h');
  const nightly = parseEvery('0 3 * * *');
  const last = at('2026-05-01T03:00:00Z');

  it('is so at every run without a condition, and the first time', () => {
    expect(isDue(undefined, last, last)).toBe(true);
    expect(isDue(sixHours, undefined, last)).toBe(true);
    expect(isDue(nightly, undefined, last)).toBe(true);
  });
  it('is so when the interval is over', () => {
    expect(isDue(sixHours, last, last + 6 * HOUR)).toBe(true);
    expect(isDue(sixHours, last, last + 5 * HOUR)).toBe(false);
    expect(nextDue(sixHours, last)).toBe(last + 6 * HOUR);
  });
  it('forgives a schedule of the same period its jitter, a minute at most', () => {
    expect(isDue(sixHours, last, last + 6 * HOUR - 60_000)).toBe(true);
    expect(isDue(sixHours, last, last + 6 * HOUR - 60_001)).toBe(false);
    expect(isDue(parseEvery('1m'), last, last + 54_000)).toBe(true);
    expect(isDue(parseEvery('1m'), last, last + 53_999)).toBe(false);
  });
  it('is so once a time of the expression has come, in UTC', () => {
    expect(nextDue(nightly, last)).toBe(at('2026-05-02T03:00:00Z'));
    expect(isDue(nightly, last, at('2026-05-02T02:59:59Z'))).toBe(false);
    expect(isDue(nightly, last, at('2026-05-02T03:00:00Z'))).toBe(true);
    expect(isDue(nightly, last, at('2026-06-01T00:00:00Z'))).toBe(true);
  });
});
