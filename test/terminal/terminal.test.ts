import type { CopyEvent } from '../../engine/ports';
import { countInto, newFigures, tellAll } from '../../terminal/figures';
import { formatBytes, formatSeconds, shorten, wrap } from '../../terminal/format';
import { paintFor } from '../../terminal/output';
import { showProgress } from '../../terminal/progress';
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

describe('progress bars', () => {
  const open = (options: { now: () => number; bars?: number; columns?: number }) => {
    const screen = openScreen(options.columns);
    const progress = showProgress(screen, options);
    const tell = (step: CopyEvent['step'], bytes = 0, destination = 'registry.example.com/app') =>
      progress.observer.copy?.({ source: 'source.example.com/app', destination, step, bytes });
    return { screen, progress, tell };
  };

  it('show each running copy and all together, no wider than the terminal', () => {
    let now = 0;
    const { screen, progress, tell } = open({ now: () => now });
    progress.expect(2);
    tell('started');
    now = 1000;
    tell('found', 2_000_000);
    tell('moved', 500_000);
    now = 2000;
    tell('skipped', 500_000);
    const lines = screen.lines();
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^registry\.example\.com\/app\s+\[######------\] +1\.0 MB \/ 2\.0 MB +250 kB\/s$/);
    expect(lines[1]).toBe('0 of 2 copies, 500 kB moved, 250 kB/s');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(80);
  });

  it('are wider where there is room', () => {
    const { screen, tell } = open({ now: () => 0, columns: 120 });
    tell('started');
    expect(screen.lines()[0]).toMatch(/ \[-{20}\] /);
  });

  it('tell the tags of one repository apart, and count each of those that share what is moved', () => {
    let now = 0;
    const { screen, progress } = open({ now: () => now });
    progress.expect(3);
    const tell = (source: string, tags: string[], step: CopyEvent['step']) => {
      now += 1000;
      progress.observer.copy?.({ source, destination: 'registry.example.com/app', tags, step, bytes: 0 });
    };
    tell('one', ['1.0'], 'started');
    tell('two', ['2.0', 'latest'], 'started');
    expect(screen.lines()[0]).toMatch(/^registry\.example\.com\/app:1\.0 /);
    expect(screen.lines()[1]).toMatch(/:2\.0,latest /);
    tell('two', ['2.0', 'latest'], 'ended');
    expect(screen.lines().at(-1)).toMatch(/^2 of 3 copies/);
  });

  it('say that registries are being looked at when that takes long', () => {
    let now = 0;
    const { screen, progress } = open({ now: () => now });
    const ask = () =>
      progress.observer.request?.({ registry: 'r', method: 'HEAD', kind: 'manifest', status: 200, milliseconds: 1 });
    ask();
    expect(screen.lines()).toEqual([]);
    now = 1000;
    ask();
    expect(screen.lines()).toEqual(['looking at registries, 2 requests']);
  });

  it('rest between two runs, and count anew', () => {
    let now = 0;
    const { screen, progress, tell } = open({ now: () => now });
    progress.expect(1);
    tell('started');
    tell('moved', 1000);
    progress.rest();
    expect(screen.lines()).toEqual([]);
    now = 10_000;
    progress.expect(1);
    tell('started');
    expect(screen.lines()[1]).toBe('0 of 1 copy, 0 B moved, 0 B/s');
  });

  it('are drawn ten times a second at most', () => {
    let now = 0;
    const { screen, tell } = open({ now: () => now });
    tell('started');
    const before = screen.written().length;
    for (now = 1; now < 100; now += 1) tell('moved', 1);
    expect(screen.written().length).toBe(before);
    now = 100;
    tell('moved', 1);
    expect(screen.written().length).toBeGreaterThan(before);
  });

  it('count what has no room', () => {
    let now = 0;
    const { screen, tell } = open({ now: () => now, bars: 2 });
    for (const name of ['a', 'b', 'c', 'd']) {
      now += 1000;
      tell('started', 0, `registry.example.com/${name}`);
    }
    expect(screen.lines()).toHaveLength(3);
    expect(screen.lines()[2]).toMatch(/2 more running/);
  });

  it('make way for lines and leave nothing behind', () => {
    let now = 0;
    const { screen, progress, tell } = open({ now: () => now });
    tell('started');
    progress.print('copied one');
    now = 1000;
    tell('moved', 5);
    progress.print('copied two');
    tell('ended');
    progress.end();
    tell('started');
    progress.print('that was all');
    expect(screen.lines()).toEqual(['copied one', 'copied two', 'that was all']);
  });

  it('take nothing from names that drives the terminal', () => {
    const { screen, tell } = open({ now: () => 0 });
    tell('started', 0, 'evil\u001b[2J\u0007.example.com/app');
    expect(screen.written()).not.toContain('\u001b[2J');
  });
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

it('colours are for terminals, unless NO_COLOR is set', () => {
  const screen = openScreen();
  expect(paintFor(screen, {}).red('x')).toBe('\u001b[31mx\u001b[0m');
  expect(paintFor(screen, { NO_COLOR: '1' }).red('x')).toBe('x');
  expect(paintFor({ write: () => undefined }, {}).red('x')).toBe('x');
});
