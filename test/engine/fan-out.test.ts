import type { ByteStream } from '../../engine/content';
import { fanOut } from '../../engine/fan-out';

async function* numbers(count: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < count; i++) yield Uint8Array.of(i);
}

function collector() {
  const seen: number[] = [];
  const sink = async (bytes: ByteStream) => {
    for await (const chunk of bytes) seen.push(chunk[0] as number);
  };
  return { seen, sink };
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('fanning one stream out', () => {
  it('gives every sink every chunk, in order', async () => {
    const [a, b] = [collector(), collector()];
    const { errors, readError } = await fanOut(async () => numbers(50), [a.sink, b.sink]);
    expect([a.seen, b.seen]).toEqual([upTo(50), upTo(50)]);
    expect({ errors, readError }).toEqual({ errors: [undefined, undefined], readError: undefined });
  });

  it('lets a sink that rejects go and feeds the others to the end', async () => {
    const good = collector();
    const bad = async (bytes: ByteStream) => {
      for await (const chunk of bytes) if (chunk[0] === 3) throw new Error('full');
    };
    const { errors } = await fanOut(async () => numbers(50), [bad, good.sink]);
    expect(errors).toEqual([new Error('full'), undefined]);
    expect(good.seen).toEqual(upTo(50));
  });

  it('stops the reader when no sink is left', async () => {
    let read = 0;
    let released = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        while (read < 10_000) yield Uint8Array.of(read++ % 256);
      } finally {
        released = true;
      }
    }
    const refusing = async () => {
      throw new Error('no');
    };
    await fanOut(async () => endless(), [refusing, refusing]);
    expect(read).toBeLessThan(100);
    expect(released).toBe(true);
  });

  it('fails every sink when the reader fails, at the start or midway', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Uint8Array.of(1);
      throw new Error('cut');
    }
    const midway = await fanOut(async () => broken(), [collector().sink, collector().sink]);
    expect(midway).toEqual({ errors: [new Error('cut'), new Error('cut')], readError: new Error('cut') });
    const start = await fanOut(async () => Promise.reject(new Error('gone')), [collector().sink]);
    expect(start).toEqual({ errors: [new Error('gone')], readError: new Error('gone') });
  });

  it('never runs far ahead of the slowest sink', async () => {
    let written = 0;
    async function* counted(): AsyncGenerator<Uint8Array> {
      for (; written < 200; written++) yield Uint8Array.of(0);
    }
    let furthest = 0;
    let taken = 0;
    const slow = async (bytes: ByteStream) => {
      for await (const _ of bytes) {
        await new Promise((resolve) => setImmediate(resolve));
        furthest = Math.max(furthest, written - taken++);
      }
    };
    await fanOut(async () => counted(), [slow, collector().sink]);
    expect(taken).toBe(200);
    expect(furthest).toBeLessThanOrEqual(8);
  });

  it.each([1, 2])('lets %i sinks begin while the stream is being opened', async (count) => {
    let open: (bytes: ByteStream) => void = () => undefined;
    const opening = new Promise<ByteStream>((resolve) => {
      open = resolve;
    });
    const { seen, sink } = collector();
    let begun = 0;
    const eager = async (bytes: ByteStream) => {
      begun++;
      if (begun === count) open(numbers(3));
      await sink(bytes);
    };
    await fanOut(
      () => opening,
      Array.from({ length: count }, () => eager),
    );
    expect(seen.sort()).toEqual(
      Array.from({ length: count }, () => upTo(3))
        .flat()
        .sort(),
    );
  });

  it('lets a stream go that its only sink has not begun to read', async () => {
    let released = false;
    async function* held(): AsyncGenerator<Uint8Array> {
      try {
        yield Uint8Array.of(1);
      } finally {
        released = true;
      }
    }
    const refusing = async () => {
      throw new Error('no');
    };
    expect(await fanOut(async () => held(), [refusing])).toEqual({ errors: [new Error('no')] });
    expect(released).toBe(true);
  });

  it('ends an empty stream at once', async () => {
    const sink = collector();
    expect(await fanOut(async () => numbers(0), [sink.sink])).toEqual({ errors: [undefined] });
    expect(sink.seen).toEqual([]);
  });
});
