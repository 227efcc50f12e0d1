import { countInto, newFigures, tellAll } from '../../terminal/figures';
import { formatBytes, formatLeft, formatSeconds, shorten, wrap } from '../../terminal/format';
import { columnsOf, paintFor } from '../../terminal/output';
import { failureLines, planLines, summaryLines } from '../../terminal/summary';
import { openScreen } from './screen';

describe('numbers for people', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [1234567, '1.2 MB'],
    [99_960_000, '100 MB'],
    [2 * 1000 ** 4, '2.0 TB'],
  ])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it.each([
    [0.04, '0.0 s'],
    [9.96, '10 s'],
    [65, '1 min 5 s'],
    [7620, '2 h 7 min'],
  ])('%d seconds are %s', (seconds, text) => expect(formatSeconds(seconds)).toBe(text));

  it.each([
    [0.2, '1 s'],
    [59, '59 s'],
    [60, '1 min'],
    [197, '3 min 20 s'],
    [601, '10 min'],
    [3600, '1 h'],
    [3900, '1 h 5 min'],
  ])('%d seconds that are guessed are %s', (seconds, text) => expect(formatLeft(seconds)).toBe(text));

  it('shortens a name in its middle', () => {
    expect(shorten('registry.example.com/org/app', 15)).toBe('regi…om/org/app');
    expect(shorten('short', 15)).toBe('short');
  });
});

it('breaks lines at spaces alone, and indents what follows', () => {
  expect(wrap('  one two three', 9, '    ')).toEqual(['  one two', '    three']);
  expect(wrap('registry.example.com/app is long', 12)).toEqual(['registry.example.com/app', 'is long']);
  expect(wrap('short', 80)).toEqual(['short']);
  expect(wrap('whatever the length', Number.POSITIVE_INFINITY)).toEqual(['whatever the length']);
});

it('figures count what every observer is told', () => {
  const [one, two] = [newFigures(), newFigures()];
  const observer = tellAll(countInto(one), undefined, countInto(two));
  observer.request?.({ registry: 'r', method: 'GET', kind: 'blob', status: 200, milliseconds: 1 });
  observer.bytes?.({ registry: 'r', direction: 'sent', bytes: 7 });
  observer.bytes?.({ registry: 'r', direction: 'received', bytes: 5 });
  observer.copy?.({ source: 's', destination: 'd', step: 'mounted', bytes: 3 });
  observer.copy?.({ source: 's', destination: 'd', step: 'skipped', bytes: 4 });
  observer.copy?.({ source: 's', destination: 'd', step: 'moved', bytes: 100 });
  observer.retry?.({ registry: 'r', operation: 'o', cause: '503', delay: 1 });
  expect(one).toEqual({ received: 5, sent: 7, saved: 7, requests: 1, retries: 1 });
  expect(two).toEqual(one);
});

it('closing lines fit eighty columns', () => {
  const tally = { copied: 12345, upToDate: 12345, skipped: 12345, failed: 12345 };
  const figures = { received: 1e15, sent: 1e15, saved: 1e15, requests: 1_234_567, retries: 3 };
  for (const line of summaryLines(tally, figures, 100_000)) expect(line.length).toBeLessThanOrEqual(80);
});

it('a plan closes with what would happen, and with sizes only where they were asked for', () => {
  const tally = { planned: 2, size: { bytes: 0, pulls: 0 }, upToDate: 3, skipped: 1, failed: 0 };
  const closing = ['3 up to date, 1 skipped, 0 failed', '0 requests, 1.0 s'];
  expect(planLines(tally, newFigures(), 1)).toEqual(['2 to copy', ...closing]);
  expect(planLines({ ...tally, size: { bytes: 5e6, pulls: 1 } }, newFigures(), 1)).toEqual([
    '2 to copy, at most 5.0 MB and 1 pull from sources',
    ...closing,
  ]);
});

it('failures are named and told whole', () => {
  expect(failureLines([{ what: 'x.io/a:1', error: 'got what is wrong' }], 12)).toEqual([
    'x.io/a:1',
    '  got what',
    '  is wrong',
  ]);
  expect(failureLines([{ what: 'x.io/a:1', error: 'destination: got 403\u001b[31m' }])).toEqual([
    'x.io/a:1',
    '  destination: got 403\ufffd[31m',
  ]);
});

it('only a terminal has an edge, and one that says that it has no columns has the usual ones', () => {
  const output = { write: () => undefined };
  expect(columnsOf({ ...output, columns: 70 })).toBe(Number.POSITIVE_INFINITY);
  expect(columnsOf({ ...output, isTTY: true, columns: 70 })).toBe(70);
  for (const columns of [0, undefined]) expect(columnsOf({ ...output, isTTY: true, columns })).toBe(80);
});

it('colours are for terminals, unless NO_COLOR is set', () => {
  const screen = openScreen();
  expect(paintFor(screen, {}).red('x')).toBe('\u001b[31mx\u001b[0m');
  expect(paintFor(screen, { NO_COLOR: '1' }).red('x')).toBe('x');
  expect(paintFor({ write: () => undefined }, {}).red('x')).toBe('x');
});
