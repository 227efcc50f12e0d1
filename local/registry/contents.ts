import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, digestAlgorithm } from '../../lib/model/digest';
import { Fault } from './fault';

/** Where bytes of blobs are: small ones in memory, bigger ones in files when there is a folder. */
export interface Contents {
  writer(): ContentWriter;
  /** Lets the bytes go. */
  remove(content: StoredContent): Promise<void>;
  close(): Promise<void>;
}

export interface StoredContent {
  readonly digest: Digest;
  readonly size: number;
  /** Bytes from `start` up to `end`, exclusive. */
  read(start?: number, end?: number): AsyncIterable<Uint8Array>;
  readonly path?: string;
}

/** Takes the bytes of one upload as they come. */
export interface ContentWriter {
  readonly size: number;
  write(chunk: Uint8Array): Promise<void>;
  /** @throws Fault DIGEST_INVALID when the bytes are others; they are gone then. */
  finish(digest: Digest): Promise<StoredContent>;
  discard(): Promise<void>;
}

const SMALL = 1024 * 1024;
const SLICE = 64 * 1024;

export function openContents(settings: { readonly memory: number; readonly directory?: string }): Contents {
  const budget = { used: 0 };
  let folder: Promise<string> | undefined;
  const newFile = async () => {
    folder ??= mkdtemp(join(settings.directory as string, 'registry-'));
    return join(await folder, randomUUID());
  };
  return {
    writer: () => writer({ ...settings, budget, newFile }),
    async remove(content) {
      if (content.path === undefined) budget.used = Math.max(0, budget.used - content.size);
      else await rm(content.path, { force: true });
    },
    async close() {
      if (folder !== undefined) await rm(await folder, { recursive: true, force: true });
    },
  };
}

interface WriterSettings {
  readonly memory: number;
  readonly directory?: string;
  readonly budget: { used: number };
  newFile(): Promise<string>;
}

function writer(settings: WriterSettings): ContentWriter {
  const { budget } = settings;
  const hash = createHash('sha256');
  let chunks: Uint8Array[] = [];
  let size = 0;
  let held = 0;
  let file: { readonly path: string; readonly handle: FileHandle } | undefined;

  const hold = (chunk: Uint8Array) => {
    if (budget.used + chunk.length > settings.memory) {
      throw new Fault(500, 'UNKNOWN', `more than ${settings.memory} bytes of blobs; a directory would take them`);
    }
    budget.used += chunk.length;
    held += chunk.length;
    chunks.push(chunk);
  };
  const letGo = () => {
    budget.used -= held;
    held = 0;
    chunks = [];
  };
  const spill = async () => {
    const path = await settings.newFile();
    file = { path, handle: await open(path, 'wx+') };
    for (const chunk of chunks) await writeAll(file.handle, chunk);
    letGo();
  };
  const discard = async () => {
    letGo();
    if (file === undefined) return;
    await file.handle.close();
    await rm(file.path, { force: true });
  };

  return {
    get size() {
      return size;
    },
    async write(chunk) {
      hash.update(chunk);
      size += chunk.length;
      if (file === undefined && settings.directory !== undefined && size > SMALL) await spill();
      if (file === undefined) hold(chunk);
      else await writeAll(file.handle, chunk);
    },
    async finish(digest) {
      const bytes = file === undefined ? Buffer.concat(chunks) : undefined;
      const path = file?.path;
      const stored: StoredContent =
        bytes === undefined ? onDisk(digest, size, path as string) : inMemory(digest, bytes);
      const algorithm = digestAlgorithm(digest);
      const got = algorithm === 'sha256' ? hash.digest('hex') : await hashOf(stored, algorithm);
      if (`${algorithm}:${got}` !== digest) {
        await discard();
        throw new Fault(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content');
      }
      await file?.handle.close();
      chunks = [];
      return stored;
    },
    discard,
  };
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length; ) at += (await handle.write(chunk, at)).bytesWritten;
}

async function hashOf(content: StoredContent, algorithm: string): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of content.read()) hash.update(chunk);
  return hash.digest('hex');
}

/** Content that is already in memory. */
export function inMemory(digest: Digest, bytes: Uint8Array): StoredContent {
  return {
    digest,
    size: bytes.length,
    async *read(start = 0, end = bytes.length) {
      for (let at = start; at < end; at += SLICE) yield bytes.subarray(at, Math.min(at + SLICE, end));
    },
  };
}

function onDisk(digest: Digest, size: number, path: string): StoredContent {
  return {
    digest,
    size,
    path,
    async *read(start = 0, end = size) {
      if (start < end) yield* createReadStream(path, { start, end: end - 1, highWaterMark: SLICE });
    },
  };
}
