import fc from 'fast-check';
import {
  type Budget,
  clockOffset,
  openBudget,
  share,
  span,
  stretchBefore,
  type Tuning,
  takenFrom,
  wait,
} from '../../lib/model/budget';
import { quotaOf } from '../../lib/model/quota';
import { lowered, raised } from '../../lib/model/tuning';

const T = Date.parse('2026-01-01T00:00:00Z');
const open = openBudget(10, T);

describe('the quota that a request counts against', () => {
  const ecr = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
  it.each([
    [ecr, 'PUT', 'manifest', '123456789012#eu-west-1#PutImage', 10, 0],
    [ecr, 'POST', 'upload', '123456789012#eu-west-1#InitiateLayerUpload', 100, 5],
    ['123456789012.dkr-ecr.eu-west-1.on.aws', 'PUT', 'manifest', '123456789012#eu-west-1#PutImage', 10, 0],
    ['public.ecr.aws', 'PUT', 'manifest', 'public.ecr.aws#-#PutImage', 10, 0],
    ['public.ecr.aws', 'POST', 'upload', 'public.ecr.aws#-#InitiateLayerUpload', 10, 0],
  ])('%s %s %s', (registry, method, kind, key, rate, free) => {
    expect(quotaOf({ registry, method, kind })).toEqual({ key, rate, free });
  });

  it.each([
    [ecr, 'GET', 'manifest'],
    [ecr, 'HEAD', 'blob'],
    [ecr, 'PUT', 'upload'],
    ['ghcr.io', 'PUT', 'manifest'],
    [`${ecr}.evil.example`, 'PUT', 'manifest'],
  ])('none: %s %s %s', (registry, method, kind) => {
    expect(quotaOf({ registry, method, kind })).toBeUndefined();
  });
});

describe('a budget', () => {
  it('begins a little below what is published, with half a second to make up for', () => {
    expect(open).toMatchObject({ rate: 9.7, base: 9.7, next: T - 500, steps: 0 });
  });

  it('hands out what is wanted, as long as others need not wait for it', () => {
    expect([1, 7, 50].map((wanted) => share(open, wanted, 0))).toEqual([1, 7, 19]);
    expect([500, 1500, 2000, 9000].map((backlog) => share(open, 50, backlog))).toEqual([14, 4, 1, 1]);
    expect(share({ ...open, steps: 1 }, 50, 0)).toBe(4);
  });

  it('says when too much was handed out for one more', () => {
    expect(wait({ next: T + 20_000 }, T)).toBe(0);
    expect(wait({ next: T + 21_000 }, T)).toBe(1_000);
    expect(takenFrom(open, 1, T).latest).toBe(T + 20_000);
    expect(takenFrom(open, 10, T).latest).toBe(T + 2_000 - span(open, 10));
  });

  it('spreads a stretch evenly, up to where the time stands then', () => {
    const stretch = stretchBefore({ ...open, next: T + 1_000 }, 5);
    expect(stretch).toEqual({ from: T + 1_000 - 515, interval: 103, count: 5 });
  });

  it('is read by the clock that is farthest ahead', () => {
    expect(clockOffset(0, T, { at: T + 3_000 })).toBe(3_000);
    expect(clockOffset(3_000, T, { at: T - 9_000 })).toBe(3_000);
  });
});

describe('what a refusal means', () => {
  const at = (change: Partial<Budget>): Budget => ({ ...open, ...change });
  const rate = (tuning: Tuning | undefined) => tuning && Number(tuning.rate.toFixed(3));

  it.each<[string, Partial<Budget>, number, number | undefined]>([
    ['the first lowers the rate by a fifth', {}, 60_000, 7.76],
    ['one more soon after it halves it', { rate: 7.76, base: 7.76, prior: 9.7 }, 5_000, 3.88],
    ['a later one is a first one', { rate: 7.76, base: 7.76, prior: 9.7 }, 30_000, 6.208],
    ['what was handed out before a change does not count', { heed: T + 2_000 }, 1_900, undefined],
    ['a small trial in vain leaves what was', { rate: 12.125, prior: 9.7, steps: 1 }, 4_000, 9.7],
    ['a great one goes back by one step', { rate: 19, prior: 13.58, steps: 3 }, 1_000, 13.58],
    ['never is less believed than a twentieth of what is published', { rate: 0.6, base: 0.6 }, 60_000, 0.5],
  ])('%s', (_, change, after, expected) => {
    expect(rate(lowered(at(change), 10, T + after))).toBe(expected);
  });

  it('leaves a rest, and heeds nothing until what was handed out has passed', () => {
    expect(lowered(at({ next: T + 63_000 }), 10, T + 60_000)).toMatchObject({ pause: 500, heed: T + 63_500, steps: 0 });
  });

  it.each<[string, Partial<Budget>, number, number | undefined]>([
    ['nothing is tried before its time', {}, 89_999, undefined],
    ['then a quarter more', {}, 90_000, 12.125],
    ['later after a trial in vain', { refused: 1 }, 179_999, undefined],
    ['but within a quarter of an hour', { refused: 30 }, 900_000, 12.125],
    ['below what is published, soon', { rate: 5, base: 5 }, 8_000, 6.25],
    ['what stood for a time is gone beyond', { rate: 12.125, steps: 1 }, 6_000, 16.975],
    ['not before that time', { rate: 12.125, steps: 1 }, 5_999, undefined],
    ['what is published is not jumped over', { rate: 8.75, base: 5, steps: 2 }, 4_500, 9.7],
    ['a hundred times as much is the end', { rate: 1000, base: 1000 }, 1e9, undefined],
  ])('%s', (_, change, after, expected) => {
    expect(rate(raised(at(change), 10, T + after))).toBe(expected);
  });

  it('keeps rates within bounds and names each change anew, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(100_000)), { maxLength: 60 }), (events) => {
        let budget = open;
        let now = T;
        for (const [refusal, passed] of events) {
          now += passed;
          const tuning = (refusal ? lowered : raised)(budget, 10, now);
          if (tuning === undefined) continue;
          const { pause, ...tuned } = tuning;
          expect(tuned.since).toBeGreaterThan(budget.since);
          expect(refusal ? tuned.rate <= budget.rate : tuned.rate > budget.rate).toBe(true);
          budget = { ...budget, ...tuned, next: Math.max(budget.next, now) + pause };
          expect(budget.rate).toBeGreaterThanOrEqual(0.5);
          expect(budget.rate).toBeLessThanOrEqual(1000);
          expect(budget.base).toBeLessThanOrEqual(budget.rate);
        }
      }),
    );
  });
});
