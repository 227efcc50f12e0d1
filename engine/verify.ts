import { createHash } from 'node:crypto';
import type { Descriptor } from '../lib/model/descriptor';
import { digestAlgorithm } from '../lib/model/digest';
import type { ByteStream } from './content';
import { ContentMismatch } from './errors';

/**
 * The bytes of a stream, of which the last are held back until size and digest are right: who has read to the end without
 * an error has the content. Ends as soon as there is more than the size says.
 *
 * @throws ContentMismatch
 */
export async function* verifiedStream(content: Descriptor, bytes: ByteStream): AsyncGenerator<Uint8Array> {
  const hash = createHash(digestAlgorithm(content.digest));
  let size = 0;
  let held: Uint8Array | undefined;
  for await (const chunk of bytes) {
    // An empty one held back would hold nothing back.
    if (chunk.length === 0) continue;
    size += chunk.length;
    if (size > content.size) throw new ContentMismatch(content, `got more than the ${content.size} bytes announced`);
    hash.update(chunk);
    if (held !== undefined) yield held;
    held = chunk;
  }
  if (size !== content.size) throw new ContentMismatch(content, `got ${size} bytes; ${content.size} were announced`);
  checkDigest(content, hash.digest('hex'));
  if (held !== undefined) yield held;
}

/** The bytes of a stream that somebody else has verified; no more and no less than the size says. @throws ContentMismatch */
export async function* sizedStream(content: Descriptor, bytes: ByteStream): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > content.size) throw new ContentMismatch(content, `got more than the ${content.size} bytes announced`);
    yield chunk;
  }
  if (size !== content.size) throw new ContentMismatch(content, `got ${size} bytes; ${content.size} were announced`);
}

/** The same bytes, once they are known to be what the descriptor says; a size of 0 means that it is not known. @throws ContentMismatch */
export function verifiedBytes(content: Descriptor, bytes: Uint8Array): Uint8Array {
  if (content.size > 0 && bytes.length !== content.size) {
    throw new ContentMismatch(content, `got ${bytes.length} bytes; ${content.size} were announced`);
  }
  checkDigest(content, createHash(digestAlgorithm(content.digest)).update(bytes).digest('hex'));
  return bytes;
}

function checkDigest(content: Descriptor, hex: string): void {
  const algorithm = digestAlgorithm(content.digest);
  if (`${algorithm}:${hex}` !== content.digest)
    throw new ContentMismatch(content, `got content of ${algorithm}:${hex}`);
}
