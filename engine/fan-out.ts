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
 * Feeds one stream to several sinks side by side, each chunk once, as fast as the slowest. A sink that rejects is let go and
 * the others go on; when none is left the reader is stopped. Never rejects.
 */
export async function fanOut(
  read: () => Promise<ByteStream>,
  sinks: readonly ((bytes: ByteStream) => Promise<void>)[],
): Promise<FannedOut> {
  let stream: ByteStream;
  try {
    stream = await read();
  } catch (readError) {
    return { errors: sinks.map(() => readError), readError };
  }
  const channels = sinks.map(() => new Channel());
  const errors: unknown[] = sinks.map(() => undefined);
  const done = sinks.map(async (sink, i) => {
    const channel = channels[i] as Channel;
    try {
      await sink(channel);
    } catch (error) {
      errors[i] = error;
    } finally {
      channel.abandon();
    }
  });
  const readError = await pump(stream, channels);
  await Promise.all(done);
  return readError === undefined ? { errors } : { errors, readError };
}

async function pump(stream: ByteStream, channels: readonly Channel[]): Promise<unknown> {
  try {
    for await (const chunk of stream) {
      const open = channels.filter((channel) => !channel.abandoned);
      if (open.length === 0) return undefined;
      await Promise.all(open.map((channel) => channel.write(chunk)));
    }
    for (const channel of channels) channel.end();
    return undefined;
  } catch (error) {
    for (const channel of channels) channel.fail(error);
    return error ?? new Error('the stream failed');
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
