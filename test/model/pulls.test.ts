import fc from 'fast-check';
import type { Copy, CopyReason } from '../../lib/model/copy';
import { MediaType } from '../../lib/model/descriptor';
import { parseDigest } from '../../lib/model/digest';
import { freePulls, isAddress, openPulls, parsePullLimit, reserveOf, shortLine } from '../../lib/model/pulls';
import { type Candidate, expectedPulls, spreadCopies } from '../../lib/model/spread';

const T = Date.parse('2026-01-01T00:00:00Z');
const headers = (limit?: unknown, remaining?: unknown, source?: unknown) =>
  ({ 'ratelimit-limit': limit, 'ratelimit-remaining': remaining, 'docker-ratelimit-source': source }) as Record<
    string,
    string
  >;

function wanted(mediaType: string, ...reasons: readonly CopyReason[]): Pick<Copy, 'root' | 'destinations'> {
  const repository = { registry: 'registry.example.com', name: 'app' };
  const destinations = reasons.map((why, number) => ({ reference: { repository, tag: `${number}` }, why }));
  return { root: { mediaType, digest: parseDigest(`sha256:${'0'.repeat(64)}`), size: 1 }, destinations };
}

describe('what a registry says about pulls', () => {
  it('is read as Docker Hub says it', () => {
    expect(parsePullLimit(headers('100;w=21600', '76;w=21600', '203.0.113.7'))).toEqual({
      limit: 100,
      remaining: 76,
      window: 21_600,
      source: '203.0.113.7',
    });
  });

  it.each<[string, Record<string, string>]>([
    ['nothing', {}],
    ['a limit alone', headers('100;w=21600')],
    ['what is left alone', headers(undefined, '7;w=21600')],
    ['another registry’s requests a minute', headers('600', '599')],
    ['no window', headers('100', '76')],
    ['a window of nothing', headers('100;w=0', '76;w=0')],
    ['a window of years', headers('100;w=99999999', '76;w=99999999')],
    ['a limit of nothing', headers('0;w=60', '0;w=60')],
    ['less than nothing', headers('100;w=60', '-3;w=60')],
    ['a number beyond belief', headers('9999999999;w=60', '1;w=60')],
    ['words', headers('many;w=60', 'few;w=60')],
    ['two of each', headers(['100;w=60', '100;w=60'], ['1;w=60', '2;w=60'])],
  ])('limits nobody where it is %s', (_, given) => {
    expect(parsePullLimit(given)).toBeUndefined();
  });

  it('leaves no more than there may be, and names nobody where the name is none', () => {
    expect(parsePullLimit(headers('100;w=60', '5000;w=60'))).toMatchObject({ remaining: 100, source: '-' });
    expect(parsePullLimit(headers('100;w=60', '5;w=60', 'a b\u0007'))).toMatchObject({ source: '-' });
    expect(parsePullLimit(headers('100;w=60', '5;w=60', 'x'.repeat(129)))).toMatchObject({ source: '-' });
  });

  it('tells addresses from accounts', () => {
    expect(['203.0.113.7', '2001:db8::', '2001:db8:1:2::/64', '::ffff:1.2.3.4'].map(isAddress)).toEqual(
      Array(4).fill(true),
    );
    expect(['someone', '77dd1563-5ee5-4df2-9d34-9b0e2e1f3a2b', '-', '1.2.3'].map(isAddress)).toEqual(
      Array(4).fill(false),
    );
  });

  it('is anything at all without harm', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (limit, remaining, source) => {
        const said = parsePullLimit(headers(limit, remaining, source));
        if (said !== undefined) expect(said.remaining).toBeLessThanOrEqual(said.limit);
      }),
    );
  });
});

describe('a pull budget', () => {
  const budget = openPulls({ limit: 100, remaining: 25, window: 21_600, source: 'x' }, T);
  it('keeps a tenth of the limit for people', () => {
    expect(freePulls(budget, T)).toBe(15);
    expect(freePulls({ ...budget, left: 4 }, T)).toBe(0);
    expect(freePulls(budget, T, 0)).toBe(25);
    expect(reserveOf(9)).toBe(0);
  });

  it('is whole again when nobody has pulled for a window', () => {
    expect(freePulls({ ...budget, left: 0, taken: T }, T + 21_600_000 - 1)).toBe(0);
    expect(freePulls({ ...budget, left: 0, taken: T }, T + 21_600_000)).toBe(90);
  });

  it('says in one line what is left to whom, until when, and what would do', () => {
    expect(shortLine('docker.io', '203.0.113.7', { ...budget, left: 10, taken: T }, T)).toBe(
      'docker.io: 10 of 100 pulls in 6 h are left to 203.0.113.7, 10 of them kept for people; more by ' +
        '2026-01-01T06:00Z, or at once with an account that has more',
    );
  });
});

describe('spreading copies', () => {
  const one = (name: string, since: number, pulls = 1, budget: string | undefined = 'hub'): Candidate => ({
    copy: { mirrors: [name] } as unknown as Copy,
    pulls,
    since,
    ...(budget === '' ? {} : { budget }),
  });
  const names = (copies: readonly Copy[]) => copies.map(({ mirrors }) => mirrors[0]);
  const split = (candidates: Candidate[], free: number, most = 90) => {
    const { now, later } = spreadCopies(candidates, new Map([['hub', { free, most }]]));
    return { now: names(now), later: names(later.map(({ copy }) => copy)) };
  };

  it('begins with what waits longest', () => {
    expect(split([one('new', 3), one('old', 1), one('middle', 2)], 2)).toEqual({
      now: ['old', 'middle'],
      later: ['new'],
    });
  });

  it('lets nothing overtake what needs more than there is', () => {
    expect(split([one('big', 1, 17), one('small', 2)], 5)).toEqual({ now: [], later: ['big', 'small'] });
  });

  it('begins what needs more than there ever is once all of it is there', () => {
    expect(split([one('huge', 1, 500), one('small', 2)], 89)).toEqual({ now: [], later: ['huge', 'small'] });
    expect(split([one('huge', 1, 500), one('small', 2)], 90)).toEqual({ now: ['huge'], later: ['small'] });
  });

  it('leaves alone what no budget counts', () => {
    expect(split([one('elsewhere', 1, 9, ''), one('hub', 2)], 0)).toEqual({ now: ['elsewhere'], later: ['hub'] });
    expect(split([one('unheard', 1, 9, 'other')], 0)).toEqual({ now: ['unheard'], later: [] });
  });

  it('gives each budget its own, never more than is free, and the oldest of each a turn in time', () => {
    const candidate = fc.record({ since: fc.nat(50), pulls: fc.integer({ min: 1, max: 30 }), hub: fc.boolean() });
    fc.assert(
      fc.property(fc.array(candidate, { maxLength: 40 }), fc.nat(90), (given, free) => {
        const candidates = given.map(({ since, pulls, hub }, i) => one(`${i}`, since, pulls, hub ? 'hub' : ''));
        const { now, later } = spreadCopies(candidates, new Map([['hub', { free, most: 90 }]]));
        const begun = candidates.filter(({ copy, budget }) => budget === 'hub' && now.includes(copy));
        expect(begun.reduce((sum, { pulls }) => sum + pulls, 0)).toBeLessThanOrEqual(free);
        expect(now.length + later.length).toBe(candidates.length);
        const oldest = Math.min(...later.map(({ since }) => since));
        for (const { since } of begun) expect(since).toBeLessThanOrEqual(oldest);
        if (free === 90 && later.length > 0) expect(begun.length).toBeGreaterThan(0);
      }),
    );
  });

  it('expects one pull of a manifest, and of an index those of an official image', () => {
    expect(expectedPulls(wanted(MediaType.OCI_MANIFEST, 'missing'))).toBe(1);
    expect(expectedPulls(wanted(MediaType.OCI_INDEX, 'missing'))).toBe(17);
    expect(expectedPulls(wanted(MediaType.OCI_INDEX, 'verify', 'missing'))).toBe(17);
  });

  it('expects none of what is only verified, which is read at the destination', () => {
    expect(expectedPulls(wanted(MediaType.OCI_INDEX, 'verify'))).toBe(0);
  });
});
