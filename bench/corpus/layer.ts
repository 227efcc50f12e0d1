import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { type Descriptor, MediaType } from '../../lib/model/descriptor';
import { type Digest, parseDigest } from '../../lib/model/digest';
import { seededStream } from '../../local/images/seeded';
import { tarEnd, tarHeader } from '../../local/images/tar';

/** A layer before it is bytes. */
export interface Layer {
  /** Layers of the same seed and size are the same. */
  readonly seed: string;
  /** Bytes of the blob: it has as many or up to a thousand fewer, because tar counts in blocks. */
  readonly size: number;
}

/** A layer and what its bytes ask for. */
export interface LayerBlob {
  readonly layer: Layer;
  readonly descriptor: Descriptor;
  /** Of the tar inside. */
  readonly diffId: Digest;
}

/** Most that a stored block of deflate holds (RFC 1951, 3.2.4). */
const STORED = 65_535;
const CHUNK = 4 * STORED;
const NAME = { name: 'usr/lib/content', mode: 0o755 };
/** Header and trailer of gzip, tar's header and end with the most padding, each block that holds them, and the last one. */
const OVERHEAD = 18 + (5 + 512) + (5 + 511 + 1024) + 5;

/** What a layer's file has to hold for the blob to come to its size. */
function fileSize({ size }: Layer): number {
  const room = size - OVERHEAD;
  return Math.max(1, room - 5 * Math.ceil(room / STORED));
}

async function* tarBytes(layer: Layer): AsyncGenerator<Buffer> {
  const size = fileSize(layer);
  yield tarHeader(NAME, size);
  yield* seededStream(layer.seed, size, CHUNK);
  yield tarEnd(size);
}

/**
 * The blob: gzip (RFC 1952) in stored blocks, which is what gzip makes of bytes that do not compress. Written here and not by
 * zlib, whose output is another one on another machine.
 */
export async function* layerBytes(layer: Layer, onTar: (bytes: Buffer) => void = () => {}): AsyncGenerator<Buffer> {
  let [sum, size] = [0, 0];
  yield Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
  for await (const bytes of tarBytes(layer)) {
    onTar(bytes);
    sum = crc32(bytes, sum);
    size += bytes.length;
    yield stored(bytes);
  }
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(sum, 0);
  trailer.writeUInt32LE(size % 2 ** 32, 4);
  yield Buffer.concat([blockHeader(0, true), trailer]);
}

function stored(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += STORED) {
    const part = bytes.subarray(at, at + STORED);
    parts.push(blockHeader(part.length, false), part);
  }
  return Buffer.concat(parts);
}

function blockHeader(length: number, last: boolean): Buffer {
  const header = Buffer.alloc(5);
  header[0] = last ? 1 : 0;
  header.writeUInt16LE(length, 1);
  header.writeUInt16LE(~length & 0xffff, 3);
  return header;
}

const described = new Map<string, Promise<LayerBlob>>();

/** Reads a layer through once for its digests; asked again for the same one, it remembers. */
export function describeLayer(layer: Layer): Promise<LayerBlob> {
  const key = `${layer.seed} ${layer.size}`;
  const known = described.get(key) ?? readThrough(layer);
  described.set(key, known);
  return known;
}

async function readThrough(layer: Layer): Promise<LayerBlob> {
  const [blob, inner] = [createHash('sha256'), createHash('sha256')];
  let size = 0;
  for await (const bytes of layerBytes(layer, (tar) => inner.update(tar))) {
    blob.update(bytes);
    size += bytes.length;
  }
  const digest = parseDigest(`sha256:${blob.digest('hex')}`);
  const diffId = parseDigest(`sha256:${inner.digest('hex')}`);
  return { layer, descriptor: { mediaType: MediaType.OCI_LAYER_GZIP, digest, size }, diffId };
}
