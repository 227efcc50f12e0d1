import { createCipheriv, createHash } from 'node:crypto';

/** Bytes that are the same for the same seed everywhere: the key stream of AES-128-CTR. They do not compress. */
export function seededBytes(seed: string, size: number): Buffer {
  return keyStream(seed).update(Buffer.alloc(size));
}

/** The same bytes in chunks, for content too big to hold. */
export async function* seededStream(seed: string, size: number, chunk = 256 * 1024): AsyncGenerator<Buffer> {
  const stream = keyStream(seed);
  const zeros = Buffer.alloc(Math.min(chunk, Math.max(size, 1)));
  for (let left = size; left > 0; left -= chunk) {
    yield stream.update(left >= chunk ? zeros : zeros.subarray(0, left));
  }
}

function keyStream(seed: string) {
  const key = createHash('sha256').update(seed).digest();
  return createCipheriv('aes-128-ctr', key.subarray(0, 16), key.subarray(16));
}
