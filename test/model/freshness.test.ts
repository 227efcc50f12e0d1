import { CLOCKS_APART } from '../../lib/model/clocks';
import { type CopyFacts, type FreshnessContext, freshnessOf, type Verdict } from '../../lib/model/freshness';
import type { CopyState } from '../../lib/model/outcome';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const hours = (number: number) => NOW - number * 3_600_000;
const DAY: FreshnessContext = { now: NOW, staleAfter: 86_400 };
const copy = (state: CopyState, more: Partial<CopyFacts> = {}): CopyFacts => ({
  source: 'docker.io/library/nginx:1',
  destination: 'own.example.com/nginx:1',
  state,
  ...more,
});

describe('a copy is', () => {
  const six = { kind: 'interval', seconds: 6 * 3600 } as const;
  const weekly = { kind: 'cron', expression: '0 3 * * 0' } as const;
  type Case = readonly [what: string, facts: CopyFacts | undefined, more: Partial<FreshnessContext>, verdict: Verdict];
  const cases: readonly Case[] = [
    ['mirrored and looked at just now', copy('Mirrored', { lastChecked: hours(1) }), {}, 'fresh'],
    [
      'mirrored long ago, looked at by a run',
      copy('Mirrored', { lastChecked: hours(900) }),
      { lookedAt: hours(1) },
      'fresh',
    ],
    ['mirrored, not looked at for a day', copy('Mirrored', { lastChecked: hours(25) }), {}, 'stale'],
    [
      'mirrored, looked at 25 hours ago, where two days may pass',
      copy('Mirrored', { lastChecked: hours(25) }),
      { staleAfter: 172_800 },
      'fresh',
    ],
    ['mirrored, due every 6 hours, a day late', copy('Mirrored', { lastChecked: hours(31) }), { every: six }, 'stale'],
    [
      'mirrored, due every 6 hours, not yet a day late',
      copy('Mirrored', { lastChecked: hours(29) }),
      { every: six },
      'fresh',
    ],
    [
      'mirrored five days ago, due on Sundays',
      copy('Mirrored', { lastChecked: hours(120) }),
      { every: weekly },
      'fresh',
    ],
    [
      'mirrored before the Sunday before last',
      copy('Mirrored', { lastChecked: hours(24 * 8) }),
      { every: weekly },
      'stale',
    ],
    ['queued since an hour', copy('Queued', { staleSince: hours(1) }), { lookedAt: hours(0) }, 'waiting'],
    ['being copied since an hour', copy('Copying', { staleSince: hours(1) }), { lookedAt: hours(0) }, 'waiting'],
    ['queued since two days', copy('Queued', { staleSince: hours(48) }), { lookedAt: hours(0) }, 'stale'],
    [
      'queued again after it failed',
      copy('Queued', { staleSince: hours(1), failures: 2 }),
      { lookedAt: hours(0) },
      'failed',
    ],
    [
      'queued again after it was mirrored',
      copy('Queued', { staleSince: hours(1), failures: 0 }),
      { lookedAt: hours(0) },
      'waiting',
    ],
    ['failed', copy('Failed', { lastChecked: hours(0), staleSince: hours(1) }), {}, 'failed'],
    ['failed and not looked at', copy('Failed', { lastChecked: hours(48), staleSince: hours(49) }), {}, 'failed'],
    ['in conflict', copy('Conflict', { lastChecked: hours(0) }), {}, 'failed'],
    ['quarantined', copy('Quarantined', { lastChecked: hours(0), failures: 1 }), {}, 'failed'],
    ['quarantined until it is old enough', copy('Quarantined', { lastChecked: hours(0), failures: 0 }), {}, 'waiting'],
    ['of an invalid row', copy('Invalid'), {}, 'failed'],
    ['retired', copy('Retired', { lastChecked: hours(900) }), {}, 'idle'],
    ['paused, and failed before', copy('Failed', { lastChecked: hours(900) }), { idle: 'paused' }, 'idle'],
    ['unknown', undefined, {}, 'stale'],
    ['unknown, of a row that is paused', undefined, { idle: 'paused' }, 'idle'],
  ];

  it.each(cases)('%s', (_what, facts, more, verdict) => {
    expect(freshnessOf(facts, { ...DAY, ...more }).verdict).toBe(verdict);
  });
});

describe('the time for which it is stale', () => {
  it('counts from when the destination was first found behind', () => {
    expect(freshnessOf(copy('Queued', { staleSince: hours(2) }), { ...DAY, lookedAt: NOW }).staleFor).toBe(7200);
  });

  it('counts from when it was due, when nobody looked', () => {
    const { staleFor, why } = freshnessOf(copy('Mirrored', { lastChecked: hours(30) }), DAY);
    expect(staleFor).toBe(30 * 3600);
    expect(why).toBe('not looked at, although it is due');
  });

  it('is not there for what is fresh', () => {
    expect(freshnessOf(copy('Mirrored', { lastChecked: NOW }), DAY)).toEqual({ verdict: 'fresh', checked: NOW });
  });
});

describe('a clock that is wrong', () => {
  const ahead = NOW + CLOCKS_APART * 1000 + 1;

  it('makes nothing fresh: a time that is yet to come does not count', () => {
    const facts = copy('Mirrored', { lastChecked: hours(30) });
    expect(freshnessOf(facts, { ...DAY, lookedAt: ahead }).verdict).toBe('stale');
    expect(freshnessOf(facts, { ...DAY, lookedAt: ahead - 1 }).verdict).toBe('fresh');
  });

  it('makes nothing stale for less than no time', () => {
    expect(freshnessOf(copy('Queued', { staleSince: ahead }), { ...DAY, lookedAt: NOW })).toEqual({
      verdict: 'waiting',
      checked: NOW,
    });
  });
});
