import fc from 'fast-check';
import { memoryLedger } from '../../engine/ledger';
import { budgetLimiter } from '../../engine/limiter';
import { VirtualClock } from '../fakes/virtual-clock';
import { PUT, type Pushers, push } from './pushers';

const each = (workers: number, load: number) => Array.from({ length: workers }, () => load);
const run = (given: Pushers) => push(new VirtualClock(), given);

describe('workers that share ten PutImage a second', () => {
  it.each<[string, Pushers]>([
    ['one alone', { loads: [300] }],
    ['four', { loads: each(4, 150) }],
    ['sixteen', { loads: each(16, 50) }],
    ['a hundred', { loads: each(100, 6) }],
    ['uneven groups, of which many finish early', { loads: Array.from({ length: 16 }, (_, i) => 5 + i * 8) }],
  ])('use nine tenths of it and are hardly ever refused: %s', async (_, given) => {
    const { refused, taken, used } = await run(given);
    expect(taken).toBe(given.loads.reduce((sum, load) => sum + load, 0));
    expect(refused / (taken + refused)).toBeLessThan(0.01);
    expect(used).toBeGreaterThan(0.9);
  });

  it.each<[string, readonly number[]]>([
    ['seconds apart', [-3000, 0, 0, 1500, 4000, 9000]],
    ['hours ahead', [0, 0, 0, 0, 0, 5 * 3_600_000]],
  ])('agree on a time when clocks are %s, and are refused for each that is ahead until then', async (_, skews) => {
    const { answers, refused, used } = await run({ loads: each(6, 150), skews });
    // What the others had been handed out, up to two seconds' worth, for each of the clocks that is ahead of all before it.
    expect(refused).toBeLessThan(3 * 20);
    // Once they have met, they are refused as seldom as others: where more is tried now and then.
    const later = answers.filter(({ at }) => at > 30_000);
    expect(later.filter((answer) => answer.refused).length / later.length).toBeLessThan(0.01);
    expect(used).toBeGreaterThan(0.9);
  });

  it('go on when some of them are killed with what they had taken', async () => {
    const { refused, taken, used } = await run({ loads: each(16, 60), kills: { 0: 3, 1: 7, 2: 15, 3: 15, 4: 15 } });
    expect(taken).toBeGreaterThan(11 * 60);
    expect(refused / (taken + refused)).toBeLessThan(0.01);
    expect(used).toBeGreaterThan(0.9);
  });

  it('find out by themselves that the quota was lowered, and raised', async () => {
    const { refused, taken, used } = await run({ loads: each(4, 2200), limits: { 0: 10, 60: 5, 120: 20 } });
    expect(refused / (taken + refused)).toBeLessThan(0.01);
    expect(used).toBeGreaterThan(0.9);
  });

  it('are not refused for what was handed out by all before the quota was lowered', async () => {
    const { answers } = await run({ loads: each(16, 60), limits: { 0: 10, 20: 5 } });
    const late = answers.filter(({ at, refused }) => refused && at > 32_000 && at < 36_000);
    expect(late).toEqual([]);
  });

  it('ask the ledger far less often than the registry when one works alone', async () => {
    const { taken, writes } = await run({ loads: [500] });
    expect(writes).toBeLessThan(taken / 8);
  });

  it('never do together more than a burst beyond it, whatever their clocks, numbers and ends', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ load: fc.nat(40), skew: fc.integer({ min: -5000, max: 5000 }) }), {
          minLength: 1,
          maxLength: 12,
        }),
        fc.nat(30),
        async (workers, kill) => {
          const { answers } = await run({
            loads: workers.map(({ load }) => load),
            skews: workers.map(({ skew }) => skew),
            kills: { 0: kill },
          });
          for (const { at } of answers) {
            const within = answers.filter((other) => other.at >= at && other.at < at + 10_000);
            // Ten seconds at full pace, what was made up for, and what clocks cost until they have met.
            expect(within.length).toBeLessThanOrEqual(97 + 5 + 35);
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('a limiter', () => {
  it('lets requests pass that no quota concerns', async () => {
    const limiter = budgetLimiter({ ledger: memoryLedger(), clock: new VirtualClock() });
    expect(await limiter.admit({ ...PUT, registry: 'ghcr.io' })).toBeUndefined();
    expect(await limiter.admit({ ...PUT, method: 'HEAD' })).toBeUndefined();
  });

  it('asks nobody for the few uploads a second that are free, until one of them is refused', async () => {
    const time = new VirtualClock();
    const ledger = memoryLedger();
    let asked = 0;
    const restart: typeof ledger.restart = (...given) => {
      asked++;
      return ledger.restart(...given);
    };
    const limiter = budgetLimiter({ ledger: { ...ledger, restart }, clock: time });
    const upload = () => time.passUntil(limiter.admit({ ...PUT, method: 'POST', kind: 'upload' }));
    for (let i = 0; i < 5; i++) await upload();
    expect(asked).toBe(0);
    await upload();
    expect(asked).toBe(1);
    await time.passUntil(time.sleep(60_000));
    (await upload())?.refused();
    expect(asked).toBe(1);
    await upload();
    expect(asked).toBe(2);
  });

  it('lets in those who wait in the order in which they came', async () => {
    const time = new VirtualClock();
    const limiter = budgetLimiter({ ledger: memoryLedger(), clock: time });
    const order: number[] = [];
    const entered = Array.from({ length: 20 }, (_, i) => limiter.admit(PUT).then(() => order.push(i)));
    await time.passUntil(Promise.all(entered));
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  it('lets go at once of who is told to stop, and others keep their turn', async () => {
    const time = new VirtualClock();
    const limiter = budgetLimiter({ ledger: memoryLedger(), clock: time });
    const stop = new AbortController();
    const first = Array.from({ length: 10 }, () => limiter.admit(PUT));
    const stopped = limiter.admit(PUT, stop.signal);
    const last = limiter.admit(PUT);
    stop.abort(new Error('told to stop'));
    await expect(stopped).rejects.toThrow('told to stop');
    await expect(limiter.admit(PUT, stop.signal)).rejects.toThrow('told to stop');
    await time.passUntil(Promise.all([...first, last]));
  });

  it('gives back at its end what it has taken and not used', async () => {
    const time = new VirtualClock();
    const given: number[] = [];
    const ledger = memoryLedger();
    const limiter = budgetLimiter({
      clock: time,
      ledger: {
        ...ledger,
        extend: (key, change) => {
          given.push(change.by);
          return ledger.extend(key, change);
        },
      },
    });
    for (let i = 0; i < 9; i++) await time.passUntil(limiter.admit(PUT));
    await limiter.close();
    expect(given.at(-1)).toBeLessThan(0);
  });
});
