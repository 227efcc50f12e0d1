import { createHash } from 'node:crypto';
import type { Descriptor } from '../../lib/model/descriptor';
import type { Digest } from '../../lib/model/digest';

/** A blob or manifest with its bytes. */
export interface Content {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/** What was built: manifests come children first, the root last. */
export interface Built {
  readonly root: Content;
  readonly manifests: readonly Content[];
  readonly blobs: readonly Content[];
}

export function sha256(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;
}

/** Bytes with the descriptor they ask for; `more` adds annotations, a platform and the like. */
export function content(mediaType: string, bytes: Uint8Array, more: Partial<Descriptor> = {}): Content {
  return { descriptor: { mediaType, digest: sha256(bytes), size: bytes.length, ...more }, bytes };
}

/** A value as JSON bytes with the descriptor. */
export function jsonContent(mediaType: string, value: unknown, more: Partial<Descriptor> = {}): Content {
  return content(mediaType, Buffer.from(JSON.stringify(value)), more);
}

/** Each digest once, in the order of first sight. */
export function distinct(contents: readonly Content[]): Content[] {
  return [...new Map(contents.map((one) => [one.descriptor.digest, one])).values()];
}

/** One value out of several that were built: their contents together, the last one's root as root. */
export function together(...built: readonly [Built, ...Built[]]): Built {
  const root = (built.at(-1) as Built).root;
  return {
    root,
    manifests: distinct(built.flatMap((one) => one.manifests)),
    blobs: distinct(built.flatMap((one) => one.blobs)),
  };
}
