import fc from 'fast-check';
import { Inbox } from '../../../../engine/registry/wire/inbox';
import { Slab, Slabs } from '../../../../engine/registry/wire/slab';
import { collect, failureOf } from '../scripted';

const KIB = 1024;

function inboxOf() {
  const told: string[] = [];
  const inbox = new Inbox({ wanted: () => told.push('wanted'), unwanted: () => told.push('unwanted') });
  return { inbox, told };
}

describe('an inbox', () => {
  it('hands on as one what lies beside one another', async () => {
    const { inbox } = inboxOf();
    const memory = Buffer.from('abcdef');
    for (const [from, to] of [
      [0, 1],
      [1, 3],
      [3, 4],
      [5, 6],
    ])
      inbox.push(memory.subarray(from, to));
    inbox.end();
    const pieces: string[] = [];
    for await (const piece of inbox) pieces.push(Buffer.from(piece).toString());
    expect(pieces).toEqual(['abcd', 'f']);
  });

  it('hands on at most 256 KiB at once', async () => {
    const { inbox } = inboxOf();
    const memory = Buffer.alloc(512 * KIB);
    for (let at = 0; at < memory.length; at += 96 * KIB) inbox.push(memory.subarray(at, at + 96 * KIB));
    inbox.end();
    const lengths: number[] = [];
    for await (const piece of inbox) lengths.push(piece.length / KIB);
    expect(lengths).toEqual([192, 192, 128]);
  });

  it('holds more up at 256 KiB, until half of it is taken', async () => {
    const { inbox, told } = inboxOf();
    inbox.push(Buffer.alloc(128 * KIB));
    expect(inbox.open).toBe(true);
    inbox.push(Buffer.alloc(128 * KIB));
    inbox.push(Buffer.alloc(1));
    expect(inbox.open).toBe(false);
    await inbox.next();
    expect(told).toEqual([]);
    await inbox.next();
    expect(told).toEqual(['wanted']);
    expect(inbox.open).toBe(true);
  });

  it('is read to what has come, then to why there is no more', async () => {
    const { inbox } = inboxOf();
    const cause = new Error('cut off');
    inbox.push(Buffer.from('a'));
    inbox.fail(cause);
    inbox.push(Buffer.from('b'));
    expect(Buffer.from((await inbox.next()).value ?? []).toString()).toBe('a');
    expect(await failureOf(inbox.next())).toBe(cause);
    expect(await failureOf(inbox.next())).toBe(cause);
  });

  it('forgets what has come when it is aborted, also while it is waited for', async () => {
    const cause = new Error('told to stop');
    const { inbox } = inboxOf();
    inbox.push(Buffer.from('a'));
    inbox.abort(cause);
    expect(await failureOf(inbox.next())).toBe(cause);
    const { inbox: empty } = inboxOf();
    const waiting = failureOf(empty.next());
    empty.abort(cause);
    expect(await waiting).toBe(cause);
  });

  it('tells when nobody reads to the end', async () => {
    const { inbox, told } = inboxOf();
    inbox.push(Buffer.from('a'));
    for await (const _ of inbox) break;
    expect(told).toEqual(['unwanted']);
  });

  it('brings every byte in order, whoever is faster', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat({ max: 40_000 }), fc.boolean()), { maxLength: 30 }), async (reads) => {
        const { inbox } = inboxOf();
        const slab = new Slab(new Slabs());
        let expected = Buffer.alloc(0);
        const collected = collect(inbox);
        for (const [length, pause] of reads) {
          const room = slab.room(100_000);
          const size = Math.min(Math.max(1, length), room.length);
          room.fill(expected.length % 251, 0, size);
          const part = slab.take(size);
          expected = Buffer.concat([expected, part]);
          inbox.push(part);
          if (pause) await new Promise((resolve) => setImmediate(resolve));
        }
        inbox.end();
        expect((await collected).equals(expected)).toBe(true);
      }),
    );
  });
});

describe('a slab', () => {
  it('gives no byte twice, and what was read stays', () => {
    const slab = new Slab(new Slabs());
    const kept: Buffer[] = [];
    for (let i = 0; i < 500; i++) {
      slab.room(1_000_000)[0] = i % 256;
      kept.push(slab.take(1 + ((i * 7919) % 60_000)));
    }
    expect(kept.map((part) => part[0])).toEqual(kept.map((_, i) => i % 256));
  });

  it('is small while nothing is expected, and large only as long as few are', () => {
    const all = new Slabs();
    const slabs = Array.from({ length: 26 }, () => new Slab(all));
    const sizes = slabs.map((slab) => slab.room(1_000_000).length / KIB);
    expect([sizes[0], sizes[7], sizes[15], sizes[25]]).toEqual([256, 256, 128, 78.7685546875]);
    for (const slab of slabs.slice(1)) slab.end();
    const [first] = slabs as [Slab];
    first.take(255 * KIB);
    expect(first.room(1_000_000).length).toBe(256 * KIB);
    expect(first.room(0).length).toBe(16 * KIB);
    expect(all.large).toBe(0);
  });

  it('is no larger than what is expected', () => {
    expect(new Slab(new Slabs()).room(20_000).length).toBe(20_000);
  });
});
