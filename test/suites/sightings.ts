import type { NamedLook, Sightings } from '../../engine/sightings';
import { parseDigest } from '../../lib/model/digest';

const T = Date.parse('2026-01-01T00:00:00Z');
const HOUR = 3_600_000;
const digestOf = (letter: string) => parseDigest(`sha256:${letter.repeat(64)}`);

export interface SightingsUnderTest {
  open(options?: { readonly lookOnly?: boolean }): Promise<Sightings>;
  /** Whether only one at a time writes. @default false */
  readonly alone?: boolean;
}

/** How every place behaves where sightings are kept: the contract of `engine/sightings.ts`. */
export function describeSightings(name: string, { open, alone }: SightingsUnderTest): void {
  describe(name, () => {
    let count = 0;
    let reference: string;
    beforeEach(() => {
      reference = `docker.io/library/app:${++count}`;
    });
    const look = (letter: string, of = reference): NamedLook => {
      return { name: of, digest: digestOf(letter), held: [], least: 86_400, most: 86_400 };
    };
    const seen = (...pairs: [string, number][]) =>
      pairs.map(([letter, after]) => ({ digest: digestOf(letter), since: T + after }));

    it('remembers since when a digest is known, for whoever opens it next', async () => {
      expect(await (await open()).note([look('a')], T)).toEqual([seen(['a', 0])]);
      expect(await (await open()).note([look('a')], T + HOUR)).toEqual([seen(['a', 0])]);
      expect(await (await open()).note([look('b')], T + 2 * HOUR)).toEqual([seen(['a', 0], ['b', 2 * HOUR])]);
    });

    it('answers in the order of the looks, each by its own name', async () => {
      const sightings = await open();
      const others = ['x', 'y', 'z'].map((tag) => `${reference}-${tag}`);
      await sightings.note([look('a', others[1])], T);
      const looks = others.map((of) => look('b', of));
      expect(await sightings.note(looks, T + HOUR)).toEqual([
        seen(['b', HOUR]),
        seen(['a', 0], ['b', HOUR]),
        seen(['b', HOUR]),
      ]);
    });

    it('takes more looks than a service does at once', async () => {
      const looks = Array.from({ length: 230 }, (_, tag) => look('c', `${reference}-${tag}`));
      const histories = await (await open()).note(looks, T);
      expect(histories).toEqual(looks.map(() => seen(['c', 0])));
      expect(await (await open()).note(looks, T + HOUR)).toEqual(histories);
    });

    it('lets nobody backdate, and nobody forget, however many look at once', async () => {
      const all = await Promise.all(Array.from({ length: 4 }, () => open()));
      await all[0]?.note([look('a')], T);
      const looks = all.map((one, at) => () => one.note([look('abcd'.charAt(at))], T + at * HOUR));
      if (alone !== true) await Promise.all(looks.map((note) => note()));
      else for (const note of looks) await note();
      const [history] = await (await open()).note([look('a')], T + 3 * HOUR - 60_000);
      const since = Object.fromEntries((history ?? []).map((one) => [one.digest.charAt(7), one.since]));
      expect(since).toEqual({ a: T, b: T + HOUR, c: T + 2 * HOUR, d: T + 3 * HOUR });
    });

    it('writes nothing down for who only looks', async () => {
      const only = await open({ lookOnly: true });
      expect(await only.note([look('a')], T)).toEqual([seen(['a', 0])]);
      expect(await (await open()).note([look('a')], T + HOUR)).toEqual([seen(['a', HOUR])]);
      expect(await only.note([look('b')], T + 2 * HOUR)).toEqual([seen(['a', HOUR], ['b', 2 * HOUR])]);
      expect(await (await open()).note([look('a')], T + 3 * HOUR)).toEqual([seen(['a', HOUR])]);
    });
  });
}
