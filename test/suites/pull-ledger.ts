import type { PullLedger } from '../../engine/pull-ledger';
import type { PullBudget, PullLimit } from '../../lib/model/pulls';

const T = Date.parse('2026-01-01T00:00:00Z');
const MINUTE = 60_000;
const said = (remaining: number, more: Partial<PullLimit> = {}): PullLimit => ({
  limit: 100,
  remaining,
  window: 21_600,
  source: '203.0.113.7',
  ...more,
});

/** How every place behaves where pull budgets are kept: the contract of `engine/pull-ledger.ts`. */
export function describePullLedger(name: string, make: () => PullLedger): void {
  describe(name, () => {
    let ledger: PullLedger;
    let count = 0;
    let key: { registry: string; source: string };
    beforeEach(() => {
      ledger = make();
      key = { registry: `hub-${++count}.example`, source: '203.0.113.7' };
    });
    const take = async (times: number, floor = 0, at = T) => {
      let budget: PullBudget | undefined;
      for (let i = 0; i < times; i++) ({ budget } = await ledger.take(key, floor, at));
      return budget as PullBudget;
    };

    it('has no budget of what was never heard of', async () => {
      expect(await ledger.take(key, 0, T)).toEqual({ done: false });
      expect((await ledger.read(key.registry)).size).toBe(0);
    });

    it('begins one with what the registry says, and gives it out down to the floor', async () => {
      expect(await ledger.hear(key, said(12), T)).toEqual({ limit: 100, window: 21_600, left: 12, heard: T });
      expect(await ledger.take(key, 10, T + 1)).toMatchObject({ done: true, budget: { left: 11, taken: T + 1 } });
      expect(await ledger.take(key, 10, T + 2)).toMatchObject({ done: true, budget: { left: 10 } });
      expect(await ledger.take(key, 10, T + 3)).toMatchObject({ done: false, budget: { left: 10, taken: T + 2 } });
    });

    it('gives as many as there are to those who take at once', async () => {
      await ledger.hear(key, said(5), T);
      const taken = await Promise.all(Array.from({ length: 8 }, () => ledger.take(key, 0, T)));
      expect(taken.filter(({ done }) => done)).toHaveLength(5);
    });

    it('believes at once that there is less, because somebody else has pulled', async () => {
      const seen = await ledger.hear(key, said(50), T);
      expect(await ledger.hear(key, said(20), T + 1, seen)).toMatchObject({ left: 20 });
    });

    it('believes that there is more only when what was taken must have been counted', async () => {
      await ledger.hear(key, said(50), T);
      const seen = await take(10);
      expect(await ledger.hear(key, said(50), T + MINUTE - 1, seen)).toMatchObject({ left: 40 });
      expect(await ledger.hear(key, said(50), T + MINUTE, seen)).toMatchObject({ left: 50 });
    });

    it('does not undo what others have taken by what was heard before that', async () => {
      const old = await ledger.hear(key, said(50), T);
      await take(10, 0, T + 5 * MINUTE);
      const left = async () => (await ledger.read(key.registry)).get(key.source)?.left;
      await ledger.hear(key, said(50), T + 5 * MINUTE + 1, old);
      expect(await left()).toBe(40);
      await ledger.hear(key, said(45), T + 5 * MINUTE + 2, old);
      expect(await left()).toBe(40);
    });

    it('shows what is there to who believes to be the first, and takes both into account', async () => {
      await ledger.hear(key, said(30), T);
      expect(await ledger.hear(key, said(25), T + 1)).toMatchObject({ left: 25 });
      expect(await ledger.hear(key, said(90), T + 2)).toMatchObject({ left: 90 });
    });

    it('begins anew when the limit is another one', async () => {
      const seen = await ledger.hear(key, said(3), T);
      const more = said(180, { limit: 200 });
      expect(await ledger.hear(key, more, T + 1, seen)).toMatchObject({ limit: 200, left: 180 });
    });

    it('tells the budgets of a registry apart by who is counted', async () => {
      await ledger.hear(key, said(3), T);
      await ledger.hear({ ...key, source: 'someone' }, said(150, { limit: 200 }), T);
      const found = await ledger.read(key.registry);
      expect([...found].map(([source, { left }]) => [source, left]).sort()).toEqual([
        ['203.0.113.7', 3],
        ['someone', 150],
      ]);
    });
  });
}
