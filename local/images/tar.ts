import { gzipSync } from 'node:zlib';

const BLOCK = 512;

export interface TarFile {
  /** Path in the archive, at most 100 bytes. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** @default 0o644 */
  readonly mode?: number;
}

/** A POSIX ustar archive whose bytes depend on its files alone: no times, owner 0. */
export function tar(files: readonly TarFile[]): Buffer {
  const blocks = files.flatMap((file) => [
    tarHeader(file, file.bytes.length),
    file.bytes,
    Buffer.alloc(padding(file.bytes.length)),
  ]);
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

/** What follows the bytes of an archive's last file: its padding, and the end of the archive. */
export function tarEnd(size: number): Buffer {
  return Buffer.alloc(padding(size) + 2 * BLOCK);
}

/** gzip without time or platform, so that equal input is equal output for one version of Node. */
export function gzip(bytes: Uint8Array): Buffer {
  const zipped = gzipSync(bytes, { level: 6 });
  zipped[9] = 255; // RFC 1952: operating system unknown
  return zipped;
}

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

/** What precedes a file's bytes. */
export function tarHeader(file: Omit<TarFile, 'bytes'>, size: number): Buffer {
  if (Buffer.byteLength(file.name) > 100) throw new Error(`tar: a name of at most 100 bytes would do: ${file.name}`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, length: number) => `${value.toString(8).padStart(length - 1, '0')}\0`;
  block.write(file.name, 0);
  block.write(octal(file.mode ?? 0o644, 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(size, 12), 124);
  block.write(octal(0, 12), 136);
  block.write(' '.repeat(8), 148);
  block.write('0', 156);
  block.write('ustar\x0000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
