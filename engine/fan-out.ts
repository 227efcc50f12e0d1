import type { ByteStream } from './content';

/** How many chunks a sink may lag behind the others before the reader waits for it. */
const LAG = 4;

export interface FannedOut {
  /** The error of each sink, in order; undefined where it took everything. */
  readonly errors: readonly unknown[];
  /** The reader's own error: then every sink has failed because of it. */
  readonly readError?: unknown;
}

/**
 * Feeds one stream to several sinks side by side, each chunk once, as fast as the slowest. The sinks begin while the stream is
 * still being opened: what they have to ask first is asked meanwhile. A sink that rejects is let go and the others go on; when
 * none is left the reader is stopped. Never rejects.
 */
export async function fanOut(
  read: () => Promise<ByteStream>,
  sinks: readonly ((bytes: ByteStream) => Promise<void>)[],
): Promise<FannedOut> {
  const reader = new Reader(read());
  const [only] = sinks;
  const errors = sinks.length === 1 && only !== undefined ? [await errorOf(only(reader))] : await share(reader, sinks);
  await reader.release();
  return reader.failure === undefined ? { errors } : { errors, readError: reader.failure.error };
}

/** What a promise is rejected with; undefined when it is not. */
async function errorOf(work: Promise<void>): Promise<unknown> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return error ?? new Error('it failed');
  }
}

async function share(
  reader: Reader,
  sinks: readonly ((bytes: ByteStream) => Promise<void>)[],
): Promise<readonly unknown[]> {
  const channels = sinks.map(() => new Channel());
  const done = sinks.map(async (sink, i) => {
    const channel = channels[i] as Channel;
    const error = await errorOf(sink(channel));
    channel.abandon();
    return error;
  });
  await pump(reader, channels);
  return Promise.all(done);
}

/** A stream that is being opened, and what went wrong with it. */
class Reader implements AsyncIterable<Uint8Array> {
  failure: { readonly error: unknown } | undefined;
  private begun = false;

  constructor(private readonly opening: Promise<ByteStream>) {
    // Nobody may come to read it.
    opening.catch(() => undefined);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    this.begun = true;
    try {
      for await (const chunk of await this.opening) yield chunk;
    } catch (error) {
      this.failure = { error: error ?? new Error('the stream failed') };
      throw error;
    }
  }

  /** A stream that nobody has begun to read lets its connection go when it is broken off. */
  async release(): Promise<void> {
    if (this.begun) return;
    try {
      for await (const _ of this) return;
    } catch {
      // Then it is closed.
      this.failure = undefined;
    }
  }
}

async function pump(stream: ByteStream, channels: readonly Channel[]): Promise<void> {
  try {
    for await (const chunk of stream) {
      const open = channels.filter((channel) => !channel.abandoned);
      if (open.length === 0) return;
      await Promise.all(open.map((channel) => channel.write(chunk)));
    }
    for (const channel of channels) channel.end();
  } catch (error) {
    for (const channel of channels) channel.fail(error);
  }
}

/** A bounded queue of chunks between one writer and one reader. */
class Channel implements AsyncIterable<Uint8Array> {
  /** Nobody reads any more. */
  abandoned = false;
  private readonly chunks: Uint8Array[] = [];
  private ended = false;
  private failure: { readonly error: unknown } | undefined;
  private wakeReader: (() => void) | undefined;
  private wakeWriter: (() => void) | undefined;

  async write(chunk: Uint8Array): Promise<void> {
    if (this.abandoned) return;
    this.chunks.push(chunk);
    this.wakeReader?.();
    if (this.chunks.length >= LAG) {
      await new Promise<void>((resolve) => {
        this.wakeWriter = resolve;
      });
    }
  }

  end(): void {
    this.ended = true;
    this.wakeReader?.();
  }

  fail(error: unknown): void {
    this.failure = { error };
    this.wakeReader?.();
  }

  abandon(): void {
    this.abandoned = true;
    this.chunks.length = 0;
    this.wakeWriter?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    while (true) {
      const chunk = this.chunks.shift();
      if (chunk !== undefined) {
        if (this.chunks.length < LAG) this.wakeWriter?.();
        yield chunk;
      } else if (this.failure !== undefined) {
        throw this.failure.error;
      } else if (this.ended) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.wakeReader = resolve;
        });
      }
    }
  }
}
