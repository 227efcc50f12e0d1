import fc from 'fast-check';
import { formatAge, parseAge } from '../../lib/model/age';
import { CLOCKS_APART } from '../../lib/model/clocks';
import { type Digest, parseDigest } from '../../lib/model/digest';
import { type History, MOST_SIGHTINGS, noteLook, ripeAt, ripeDigests } from '../../lib/model/sightings';

const DAY = 86_400_000;
const AGE = 3 * 86_400;
const NOW = Date.UTC(2026, 10, 21);
const digestOf = (text: string) => parseDigest(`sha256:${Buffer.from(text).toString('hex').padStart(64, '0')}`);
const [A, B, C, X] = ['a', 'b', 'c', 'x'].map(digestOf) as [Digest, Digest, Digest, Digest];
const look = (digest: Digest, ...held: Digest[]) => ({ digest, held, least: AGE, most: AGE });
/** A history of letters and days before now. */
const history = (...seen: [Digest, number][]): History =>
  seen.map(([digest, days]) => ({ digest, since: NOW - days * DAY }));

describe('a history of sightings', () => {
  it.each<[string, History, ReturnType<typeof look>, History]>([
    ['begins with the first look', [], look(A), history([A, 0])],
    ['stays as it is while nothing is new', history([A, 5]), look(A, A), history([A, 5])],
    ['goes on with each digest', history([A, 5]), look(B), history([A, 5], [B, 0])],
    ['keeps since when a digest is known that comes back', history([A, 5], [B, 1]), look(A), history([B, 1], [A, 5])],
    [
      'puts what a destination holds, unseen, behind all that is old enough',
      history([A, 5], [B, 1]),
      look(C, X),
      history([A, 5], [X, 0], [B, 1], [C, 0]),
    ],
    ['takes what is held before the first look for older', [], look(A, X), history([X, 0], [A, 0])],
    ['asks nobody what is held once what there is now is old enough', history([A, 5]), look(A, X), history([A, 5])],
  ])('%s', (_, before, seen, after) => {
    expect(noteLook(before, seen, NOW)).toEqual(after);
  });

  it('is the very same while nothing is new, so that nothing needs to be written', () => {
    const before = history([A, 5], [B, 1]);
    expect(noteLook(before, look(B, A), NOW)).toBe(before);
  });

  it('takes for seen now what only a clock that is wrong can have seen', () => {
    const apart = [{ digest: A, since: NOW + CLOCKS_APART * 1000 }];
    expect(noteLook(apart, look(A), NOW)).toBe(apart);
    expect(noteLook([{ digest: A, since: NOW + CLOCKS_APART * 1000 + 1 }], look(A), NOW)).toEqual(history([A, 0]));
  });

  it.each([600, 3600, 86_400])('never starves a tag that moves every %i seconds', (period) => {
    let seen: History = [];
    const copied: number[] = [];
    const moves = Math.ceil((4 * AGE) / period);
    for (let move = 0; move < moves; move += 1) {
      const now = NOW + move * period * 1000;
      seen = noteLook(seen, look(digestOf(String(move))), now);
      expect(seen.length).toBeLessThanOrEqual(MOST_SIGHTINGS);
      const [best] = ripeDigests(seen, undefined, AGE, now);
      if (best !== undefined) copied.push(Number(Buffer.from(best.slice(7), 'hex').toString().replaceAll('\0', '')));
    }
    // What is copied keeps up with what is old enough, to within a tenth of the age.
    const oldest = moves - 1 - Math.ceil(AGE / period);
    expect(oldest - (copied.at(-1) ?? 0)).toBeLessThanOrEqual(Math.ceil(AGE / period / 10));
    expect(copied).toEqual([...copied].sort((a, b) => a - b));
  });

  it('holds each digest once, the last look at the end, and never says that one is known for longer than it is', () => {
    const looks = fc.array(
      fc.record({ digest: fc.constantFrom(A, B, C, X), held: fc.subarray([A, B, C, X]), after: fc.nat(5 * DAY) }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(looks, (all) => {
        let now = NOW;
        let seen: History = [];
        const first = new Map<Digest, number>();
        for (const { digest, held, after } of all) {
          now += after;
          for (const one of [digest, ...held]) first.set(one, first.get(one) ?? now);
          seen = noteLook(seen, look(digest, ...held), now);
          expect(seen.at(-1)?.digest).toBe(digest);
          expect(new Set(seen.map((one) => one.digest)).size).toBe(seen.length);
          for (const one of seen) expect(one.since).toBeGreaterThanOrEqual(first.get(one.digest) ?? 0);
        }
      }),
    );
  });
});

describe('digests that are old enough', () => {
  it.each<[string, History, Digest | undefined, Digest[]]>([
    ['none', history([A, 1]), undefined, []],
    ['what there is now', history([A, 3]), undefined, [A]],
    ['what there is now, whatever came between', history([B, 4], [A, 5]), B, [A]],
    ['the newest before what there is now', history([A, 9], [B, 5], [C, 1]), undefined, [B, A]],
    ['the one that is held, and none before it', history([A, 9], [B, 5], [C, 1]), B, [B]],
    ['none before what is held, were that too young itself', history([A, 9], [X, 1], [C, 0]), X, []],
    ['those after what is held', history([X, 9], [A, 5], [B, 4], [C, 1]), X, [B, A, X]],
    ['all where what is held is not known', history([A, 9], [B, 5], [C, 1]), X, [B, A]],
  ])('are %s', (_, seen, held, digests) => {
    expect(ripeDigests(seen, held, AGE, NOW)).toEqual(digests);
  });
  it('are so from the very millisecond on', () => {
    const seen = history([A, 0]);
    expect(ripeAt(seen, AGE)).toBe(NOW + 3 * DAY);
    expect(ripeDigests(seen, undefined, AGE, NOW + 3 * DAY - 1)).toEqual([]);
    expect(ripeDigests(seen, undefined, AGE, NOW + 3 * DAY)).toEqual([A]);
  });
});

describe('an age', () => {
  it.each([
    ['3d', 259_200],
    ['12h', 43_200],
    ['1w', 604_800],
    ['1d12h', 129_600],
    ['90d', 7_776_000],
  ])('is read: %s', (text, seconds) => {
    expect(parseAge(text)).toBe(seconds);
    expect(parseAge(formatAge(seconds))).toBe(seconds);
  });
  it.each([
    ['', /one such as 3d or 12h would do/],
    ['0d', /would do/],
    ['3', /would do/],
    ['3 days', /would do/],
    ['0 3 * * *', /one such as 3d/],
    ['91d', /at most 90d would do/],
    ['13w', /at most 90d/],
  ])('is refused: %j', (text, line) => {
    expect(() => parseAge(text)).toThrow(line);
  });
  it('is written as people write it', () => {
    expect([formatAge(259_200), formatAge(129_660), formatAge(1)]).toEqual(['3d', '1d12h1m', '1s']);
  });
});
