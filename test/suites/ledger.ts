import type { Ledger } from '../../engine/ledger';
import { type Budget, openBudget, type Tuning } from '../../lib/model/budget';

const T = Date.parse('2026-01-01T00:00:00Z');
const open = openBudget(10, T);
const within = { since: open.since, earliest: T - 10_000, latest: T + 10_000 };
const tuning: Tuning = {
  rate: 6.0625,
  base: 6.0625,
  prior: 9.7,
  since: T + 7,
  heed: T + 1000,
  steps: 0,
  refused: 2,
  pause: 500,
};

/** How every place behaves where budgets are kept: the contract of `engine/ledger.ts`. */
export function describeLedger(name: string, make: () => Ledger): void {
  describe(name, () => {
    let ledger: Ledger;
    let count = 0;
    let key: string;
    beforeEach(() => {
      ledger = make();
      key = `123456789012#eu-west-1#PutImage-${++count}`;
    });
    const begin = () => ledger.restart(key, undefined, open);

    it('has no budget that nobody began', async () => {
      expect(await ledger.extend(key, { ...within, by: 100, at: T })).toEqual({ done: false });
    });

    it('begins one once, and shows it to who comes second', async () => {
      expect(await begin()).toMatchObject({ done: true, budget: open });
      expect(await ledger.restart(key, undefined, { ...open, next: T + 5 })).toMatchObject({
        done: false,
        budget: open,
      });
    });

    it('hands out each stretch once, however many ask at the same time', async () => {
      await begin();
      const asked = Array.from({ length: 20 }, (_, i) => ledger.extend(key, { ...within, by: 103, at: T + i }));
      const ends = (await Promise.all(asked)).map(({ budget }) => budget?.next ?? 0);
      expect(ends.sort((a, b) => a - b)).toEqual(ends.map((_, i) => open.next + 103 * (i + 1)));
    });

    it('tells when it was taken from before', async () => {
      await begin();
      await ledger.extend(key, { ...within, by: 100, at: T + 40 });
      expect(await ledger.extend(key, { ...within, by: 100, at: T + 90 })).toMatchObject({
        before: T + 40,
        budget: { at: T + 90 },
      });
    });

    it.each([
      ['behind', { latest: open.next - 1 }],
      ['ahead', { earliest: open.next + 1 }],
      ['under another rate', { since: open.since - 1 }],
    ])('hands out nothing where the time stands %s', async (_, otherwise) => {
      await begin();
      const answer = await ledger.extend(key, { ...within, ...otherwise, by: 100, at: T });
      expect(answer).toMatchObject({ done: false, budget: open });
    });

    it('takes back', async () => {
      await begin();
      expect(await ledger.extend(key, { ...within, by: -300, at: T })).toMatchObject({
        done: true,
        budget: { next: open.next - 300 },
      });
    });

    it('goes on from another time only as long as nobody has taken any', async () => {
      await begin();
      const later: Budget = { ...open, next: T + 60_000, at: T + 60_000 };
      expect(await ledger.restart(key, open, later)).toMatchObject({ done: true, budget: later });
      expect(await ledger.restart(key, open, { ...later, next: T + 90_000 })).toMatchObject({ done: false });
    });

    it('changes the rate once, leaves a pause, and keeps what was handed out', async () => {
      await begin();
      await ledger.extend(key, { ...within, by: 400, at: T });
      const { pause, ...tuned } = tuning;
      const expected = { ...tuned, next: open.next + 400 + pause, at: T };
      expect(await ledger.tune(key, open, tuning)).toMatchObject({ done: true, budget: expected });
      const again = await ledger.tune(key, open, { ...tuning, rate: 3, since: T + 8 });
      expect(again).toMatchObject({ done: false, budget: expected });
    });

    it('keeps budgets apart', async () => {
      await begin();
      expect(await ledger.extend(`${key}-other`, { ...within, by: 100, at: T })).toEqual({ done: false });
    });
  });
}
