import { isOver, lastWholeRun, type RunFacts, silence } from '../../lib/model/run-history';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const minutes = (number: number) => NOW - number * 60_000;
const run = (id: string, ago: number, more: Partial<RunFacts> = {}): RunFacts => ({
  id,
  started: minutes(ago),
  finished: minutes(ago) + 1000,
  trigger: 'schedule',
  continued: false,
  rows: 1,
  copies: 0,
  errors: [],
  ...more,
});

describe('the last run that went through all rows', () => {
  it('is none before there was one', () => expect(lastWholeRun([])).toBeUndefined());

  it('is the newest on schedule, whatever pushes and changed rows have come since', () => {
    const runs = [
      run('d-0', 1, { trigger: 'push' }),
      run('c-0', 5, { trigger: 'changed rows' }),
      run('b-0', 30),
      run('a-0', 90),
    ];
    expect(lastWholeRun(runs)?.id).toBe('b-0');
  });

  it('counts from its first invocation, once the last of them is known', () => {
    const first = run('b-0', 30, { continued: true });
    const second = run('b-1', 20, { trigger: 'continuation', continued: true });
    const third = run('b-2', 10, { trigger: 'continuation' });
    const older = run('a-0', 90);
    expect(lastWholeRun([first, older])?.id).toBe('a-0');
    expect(lastWholeRun([second, first, older])?.id).toBe('a-0');
    expect(lastWholeRun([third, first, older])?.id).toBe('a-0');
    expect(lastWholeRun([third, second, first, older])).toBe(first);
  });
});

describe('a run', () => {
  it('is over when its last invocation is known', () => {
    const first = run('b-0', 30, { continued: true });
    expect(isOver([], 'b')).toBe(false);
    expect(isOver([first], 'b')).toBe(false);
    expect(isOver([run('b-1', 20, { trigger: 'continuation' }), first], 'b')).toBe(true);
    expect(isOver([run('b-0', 1, { trigger: 'request' })], 'b')).toBe(true);
  });
});

describe('a controller is silent', () => {
  const hourly = (since: number) => [0, 1, 2, 3].map((at) => run(`${at}-0`, since + at * 60));

  it('not before it ever ran on schedule', () => {
    expect(silence([run('a-0', 10_000, { trigger: 'push' })], NOW)).toBeUndefined();
  });

  it('when it is three times as late as it usually is', () => {
    expect(silence(hourly(180), NOW)).toBeUndefined();
    expect(silence(hourly(181), NOW)).toBe(181 * 60);
  });

  it('when it ran once, after three hours', () => {
    expect(silence([run('a-0', 179)], NOW)).toBeUndefined();
    expect(silence([run('a-0', 181)], NOW)).toBe(181 * 60);
  });

  it('not for the sake of a run by hand between two others', () => {
    const [first, ...others] = hourly(170) as [RunFacts, ...RunFacts[]];
    expect(silence([first, run('hand-0', 171), ...others], NOW)).toBeUndefined();
  });

  it('never within a quarter of an hour', () => {
    const each = [16, 17, 18].map((ago) => run(`${ago}-0`, ago));
    expect(
      silence(
        each.map((one) => ({ ...one, started: one.started + 61_000 })),
        NOW,
      ),
    ).toBeUndefined();
    expect(silence(each, NOW)).toBe(960);
  });

  it('also while pushes make it run', () => {
    expect(silence([run('p-0', 1, { trigger: 'push' }), ...hourly(200)], NOW)).toBe(200 * 60);
  });
});
