import { judgeClock } from '../../../bin/doctor/checks/clock';
import { judgePulls } from '../../../bin/doctor/checks/pulls';
import { judgeQueue } from '../../../bin/doctor/checks/queue';
import { judgeUse } from '../../../bin/doctor/checks/quotas';
import { isUnder } from '../../../bin/doctor/checks/repositories';
import { type Finding, ok } from '../../../bin/doctor/finding';
import type { Ground } from '../../../bin/doctor/ground';
import { type Check, runChecks } from '../../../bin/doctor/run-checks';
import { ECR_QUOTAS } from '../../../lib/model/price';

const short = (findings: readonly Finding[]) => findings.map(({ place, verdict }) => `${place}: ${verdict}`);

describe('clocks', () => {
  it.each([
    [[], ['this machine: unknown']],
    [[0], ['this machine: ok']],
    [[60], ['this machine: ok']],
    [[61], ['this machine: warning']],
    [[-300], ['this machine: warning']],
    [[-301], ['this machine: error']],
    [[301, 302, 303], ['this machine: error']],
    [
      [0, 400],
      ['this machine: ok', 'host 1: error'],
    ],
    [
      [400, 0],
      ['this machine: ok', 'host 0: error'],
    ],
    [
      [0, 1, 100],
      ['this machine: ok', 'host 2: warning'],
    ],
    [
      [400, 401, 0],
      ['this machine: error', 'host 2: error'],
    ],
  ])('ahead by %j seconds', (ahead, told) => {
    expect(short(judgeClock(ahead.map((one, at) => ({ place: `host ${at}`, ahead: one }))))).toEqual(told);
  });

  it('says which of them is behind', () => {
    expect(judgeClock([{ place: 'a', ahead: 600 }])[0]?.saw).toContain('10 min 0 s behind');
    expect(judgeClock([{ place: 'a', ahead: -600 }])[0]?.saw).toContain('10 min 0 s ahead');
  });
});

describe('pulls that are left', () => {
  const said = (remaining: number) => ({ limit: 100, remaining, window: 21_600, source: '203.0.113.7' });
  it.each([
    [11, false, 'ok'],
    [10, false, 'warning'],
    [0, false, 'error'],
    [0, true, 'warning'],
  ])('%i, of another address: %j', (remaining, elsewhere, verdict) => {
    expect(judgePulls('docker.io', said(remaining), elsewhere).verdict).toBe(verdict);
  });

  it('are not counted where nothing is said', () => {
    expect(judgePulls('docker.io', undefined, false)).toMatchObject({ verdict: 'ok', saw: 'says of no limit' });
  });
});

describe('quotas', () => {
  it.each([
    [89_999, []],
    [90_000, ['of: warning']],
    [100_000, ['of: error']],
  ])('%i images', (used, told) => {
    expect(short(judgeUse('of', 'images', used, ECR_QUOTAS))).toEqual(told);
  });

  it('that cannot be raised say so', () => {
    expect(judgeUse('of', 'tags', 950, ECR_QUOTAS)[0]?.remedy).toContain('cannot be raised');
  });
});

describe('a queue', () => {
  const place = (kind: 'job queue' | 'compute environment', enabled: boolean, status = 'VALID') => {
    return { name: kind, kind, enabled, status };
  };
  it.each([
    [[], ['job queue: error']],
    [[place('job queue', true), place('compute environment', true)], ['job queue: ok']],
    [[place('job queue', true), place('compute environment', true, 'UPDATING')], ['job queue: ok']],
    [[place('job queue', true), place('compute environment', true, 'INVALID')], ['compute environment: error']],
    [
      [place('job queue', true), place('compute environment', false), place('compute environment', true)],
      ['compute environment: warning'],
    ],
  ])('%j', (places, told) => {
    expect(short(judgeQueue(places))).toEqual(told);
  });

  it('says on how many', () => {
    const [queue, one] = [place('job queue', true), place('compute environment', true)];
    expect(judgeQueue([queue, one])[0]?.saw).toBe('runs jobs, on 1 compute environment');
    expect(judgeQueue([queue, one, one])[0]?.saw).toBe('runs jobs, on 2 compute environments');
  });
});

describe('a template that creates repositories', () => {
  it.each([
    ['prod', 'prod/app', true],
    ['prod/', 'prod/app', true],
    ['prod', 'production/app', false],
    ['prod', 'prod', false],
    ['ROOT', 'any', true],
  ])('of %s, and %s', (prefix, name, is) => {
    expect(isUnder([prefix], name)).toBe(is);
  });
});

describe('checks', () => {
  const check = (about: string, look: Check['look']): Check => ({ code: 'DOCTOR-ROUTE', about, look });
  const told: Finding[] = [];
  const run = (checks: readonly Check[], options = {}) =>
    runChecks(checks, {} as Ground, (findings) => told.push(...findings), options);
  beforeEach(() => {
    told.length = 0;
  });

  it('that fail, or do not end, are told and hide no other', async () => {
    let calledOff = false;
    const hangs = check('hangs', (_, signal) => {
      signal.addEventListener('abort', () => {
        calledOff = true;
      });
      return new Promise(() => undefined);
    });
    const throws = check('throws', async () => {
      throw new Error('it broke; mend it');
    });
    await run([hangs, throws, check('well', async () => [ok('DOCTOR-ROUTE', 'well', 's')])], { longest: 50 });
    expect(told).toEqual(
      expect.arrayContaining([
        { code: 'DOCTOR-ROUTE', verdict: 'unknown', place: 'hangs', saw: 'not checked: no answer within 0.05 s' },
        { code: 'DOCTOR-ROUTE', verdict: 'unknown', place: 'throws', saw: 'not checked: it broke; mend it' },
        { code: 'DOCTOR-ROUTE', verdict: 'ok', place: 'well', saw: 's' },
      ]),
    );
    expect(calledOff).toBe(true);
  });

  it('end when whoever asked does not want to know any more', async () => {
    const stop = new AbortController();
    const running = run([check('hangs', () => new Promise(() => undefined))], { signal: stop.signal });
    stop.abort();
    await running;
    expect(told).toEqual([expect.objectContaining({ saw: 'not checked: stopped' })]);
  });

  it('are not waited for when whoever asked had left before', async () => {
    await run([check('hangs', () => new Promise(() => undefined))], { signal: AbortSignal.abort() });
    expect(told).toEqual([expect.objectContaining({ saw: 'not checked: stopped' })]);
  });
});
