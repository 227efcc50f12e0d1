import { ContentMismatch } from '../../engine/errors';
import { sizedStream, verifiedStream } from '../../engine/verify';
import type { Descriptor } from '../../lib/model/descriptor';
import { digestOf } from '../fakes/memory-store';

async function* parts(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

const blob = (text: string, size = text.length): Descriptor => ({
  mediaType: 'application/octet-stream',
  digest: digestOf(Buffer.from(text)),
  size,
});

/** What was let through, and whether it ended well. */
async function read(content: Descriptor, ...texts: string[]) {
  let through = '';
  try {
    for await (const chunk of verifiedStream(content, parts(...texts))) through += Buffer.from(chunk).toString();
    return { through, error: undefined };
  } catch (error) {
    return { through, error };
  }
}

describe('a verified stream', () => {
  it('lets the right bytes through, none of them included', async () => {
    expect(await read(blob('hello'), 'he', '', 'llo')).toEqual({ through: 'hello', error: undefined });
    expect(await read(blob(''))).toEqual({ through: '', error: undefined });
  });

  it.each([
    ['other bytes', blob('hello'), ['hel', 'LO']],
    ['other bytes with nothing after them', blob('hello'), ['hel', 'LO', '']],
    ['less', blob('hello'), ['hel', 'l']],
    ['more', blob('hello'), ['hel', 'loo']],
    ['something where nothing was announced', blob('hello', 0), ['hello']],
    ['nothing where something was announced', blob('', 5), []],
  ])('holds back the end of %s', async (_what, content, texts) => {
    const { through, error } = await read(content, ...texts);
    expect(error).toBeInstanceOf(ContentMismatch);
    expect(through.length).toBeLessThan(5);
  });
});

describe('a stream that was verified before', () => {
  const through = async (content: Descriptor, ...texts: string[]) => {
    let text = '';
    for await (const chunk of sizedStream(content, parts(...texts))) text += Buffer.from(chunk).toString();
    return text;
  };

  it('passes as it is when it is as long as announced', async () => {
    expect(await through(blob('hello'), 'he', 'llo')).toBe('hello');
  });

  it.each([
    ['less', ['hel']],
    ['more', ['hel', 'loo']],
  ])('fails for %s', async (_what, texts) => {
    await expect(through(blob('hello'), ...texts)).rejects.toBeInstanceOf(ContentMismatch);
  });
});
