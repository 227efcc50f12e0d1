import { Gate, mapWithin, Turns } from '../../engine/gate';

const tick = () => new Promise((resolve) => setImmediate(resolve));

describe('a gate', () => {
  it('lets in so many at once, and the rest in the order they came', async () => {
    const gate = new Gate(2);
    let inside = 0;
    let most = 0;
    const order: number[] = [];
    await Promise.all(
      [0, 1, 2, 3, 4].map((id) =>
        gate.run(async () => {
          order.push(id);
          most = Math.max(most, ++inside);
          await tick();
          inside--;
        }),
      ),
    );
    expect(most).toBe(2);
    expect(order).toEqual([0, 1, 2, 3, 4]);
  });

  it('gives several places together, and all there are to who wants more', async () => {
    const gate = new Gate(3);
    let inside = 0;
    let most = 0;
    const work = (places: number) =>
      gate.run(async () => {
        inside += Math.min(places, 3);
        most = Math.max(most, inside);
        await tick();
        inside -= Math.min(places, 3);
      }, places);
    await Promise.all([work(2), work(2), work(9), work(1)]);
    expect(most).toBeLessThanOrEqual(3);
  });

  it('lets more in when it gets wider, and fewer when it gets narrower, also those who want more than there is', async () => {
    const gate = new Gate(1);
    let inside = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++inside);
      await tick();
      inside--;
    };
    const first = [1, 2, 3].map(() => gate.run(work));
    expect(gate.isWaitedFor).toBe(true);
    gate.resize(3);
    await Promise.all(first);
    expect([most, gate.isWaitedFor]).toEqual([3, false]);
    const later = [gate.run(work, 3), gate.run(work, 3)];
    gate.resize(1);
    most = 0;
    await Promise.all([...later, gate.run(work), gate.run(work)]);
    expect(most).toBe(1);
  });

  it('lets the next one in when the work fails', async () => {
    const gate = new Gate(1);
    await expect(gate.run(async () => Promise.reject(new Error('x')))).rejects.toThrow('x');
    expect(await gate.run(async () => 'next')).toBe('next');
  });
});

describe('turns', () => {
  it('are one at a time for a key, and side by side for others', async () => {
    const turns = new Turns<string>();
    const log: string[] = [];
    const work = (key: string, id: number) =>
      turns.run(key, async () => {
        log.push(`${key}${id} in`);
        await tick();
        log.push(`${key}${id} out`);
      });
    await Promise.all([work('a', 1), work('a', 2), work('b', 1)]);
    expect(log.filter((line) => line.startsWith('a'))).toEqual(['a1 in', 'a1 out', 'a2 in', 'a2 out']);
    expect(log.indexOf('b1 in')).toBeLessThan(log.indexOf('a1 out'));
  });

  it('let the next one in beside one that need not be alone', async () => {
    const turns = new Turns<string>();
    const log: string[] = [];
    const work = (id: number, alone: () => boolean) =>
      turns.run(
        'a',
        async () => {
          log.push(`${id} in`);
          await tick();
          log.push(`${id} out`);
        },
        alone,
      );
    await Promise.all([work(1, () => true), work(2, () => false), work(3, () => true)]);
    expect(log).toEqual(['1 in', '1 out', '2 in', '3 in', '2 out', '3 out']);
  });

  it('go on after work that fails', async () => {
    const turns = new Turns<string>();
    await expect(turns.run('a', async () => Promise.reject(new Error('x')))).rejects.toThrow('x');
    expect(await turns.run('a', async () => 1)).toBe(1);
  });
});

describe('mapping within a bound', () => {
  it('keeps the order of the items', async () => {
    const slowFirst = async (n: number) => {
      for (let i = n; i < 3; i++) await tick();
      return n * 10;
    };
    expect(await mapWithin(2, [0, 1, 2, 3], slowFirst)).toEqual([0, 10, 20, 30]);
    expect(await mapWithin(2, [], slowFirst)).toEqual([]);
  });

  it('begins nothing new after a failure', async () => {
    const begun: number[] = [];
    const work = async (n: number) => {
      begun.push(n);
      await tick();
      if (n === 0) throw new Error('x');
    };
    await expect(mapWithin(2, [0, 1, 2, 3, 4, 5], work)).rejects.toThrow('x');
    for (let i = 0; i < 10; i++) await tick();
    expect(begun.length).toBeLessThan(5);
  });
});
