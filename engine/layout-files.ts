import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Descriptor, MediaType } from '../lib/model/descriptor';
import { type Digest, digestAlgorithm, digestEncoded } from '../lib/model/digest';
import type { Options } from './content';
import { NotFound, RegistryError, Unsupported } from './errors';
import { Turns } from './gate';

/** The files of a folder in the OCI image layout: where they are, and how they get their names. */

const LARGEST_MANIFEST = 4 * 1024 * 1024;

/** Changes to one folder take turns. */
export const turns = new Turns<string>();

/** A folder, and what it is called. */
export interface Layout {
  readonly directory: string;
  /** As it appears in messages. */
  readonly name: string;
}

/** Abortion before the work, and the file system's own errors told in our words. */
export async function guarded<T>(layout: Layout, options: Options | undefined, work: () => Promise<T>): Promise<T> {
  options?.signal?.throwIfAborted();
  try {
    return await work();
  } catch (error) {
    throw fileError(layout, error);
  }
}

function fileError(layout: Layout, error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (typeof code !== 'string' || typeof syscall !== 'string') return error;
  const denied = code === 'EACCES' || code === 'EPERM' || code === 'EROFS';
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  const remedy = denied
    ? 'a folder that this user may use would do'
    : full
      ? 'free space would do'
      : 'a folder would do';
  const failure = denied ? 'denied' : full ? 'unavailable' : 'usage';
  return new RegistryError(
    'STORAGE_FAILED',
    `${layout.name}: ${syscall}: got ${code}; ${remedy}`,
    { status: 0 },
    failure,
    {
      cause: error,
    },
  );
}

export function notFound(layout: Layout, what: string): NotFound {
  return new NotFound(`${layout.name}: ${what}`, { status: 404, code: 'MANIFEST_UNKNOWN' });
}

export async function holds(layout: Layout, content: Descriptor): Promise<boolean> {
  const found = await stat(blobFile(layout, content.digest)).catch(ignoreMissing);
  return found?.isFile() === true && (content.size === 0 || found.size === content.size);
}

export function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  throw error;
}

/** A manifest's bytes, of a size that is allowed to be held in memory. */
export async function readBounded(layout: Layout, content: Descriptor): Promise<Uint8Array> {
  const file = blobFile(layout, content.digest);
  const found = await stat(file).catch(ignoreMissing);
  if (found === undefined) throw notFound(layout, `${content.digest} is not there`);
  if (found.size > LARGEST_MANIFEST) {
    throw new Unsupported(
      'TOO_LARGE',
      `${layout.name}: got a manifest of ${found.size} bytes; at most ${LARGEST_MANIFEST} would do`,
    );
  }
  return readFile(file);
}

export function blobFile(layout: Layout, digest: Digest): string {
  return join(layout.directory, 'blobs', digestAlgorithm(digest), digestEncoded(digest));
}

export function partialFile(layout: Layout): string {
  return join(layout.directory, `.partial-${randomUUID()}`);
}

/** Milliseconds; a write that goes on touches its file far more often. */
const ABANDONED = 60 * 60 * 1000;

/** Removes what runs left behind that were killed while they wrote. */
export async function sweep(layout: Layout, now: number): Promise<void> {
  for (const file of (await readdir(layout.directory).catch(ignoreMissing)) ?? []) {
    if (!file.startsWith('.partial-')) continue;
    const path = join(layout.directory, file);
    const found = await stat(path).catch(ignoreMissing);
    if (found !== undefined && found.mtimeMs < now - ABANDONED) await rm(path, { force: true });
  }
}

/** Gives a whole file its name. */
export async function commit(layout: Layout, partial: string, digest: Digest): Promise<void> {
  await mkdir(join(layout.directory, 'blobs', digestAlgorithm(digest)), { recursive: true });
  await rename(partial, blobFile(layout, digest));
}

/** Makes the folder a layout, unless it is one. @throws Unsupported when it holds other things. */
export async function prepare(layout: Layout): Promise<void> {
  await turns.run(layout.directory, async () => {
    await mkdir(layout.directory, { recursive: true });
    const present = await readdir(layout.directory);
    if (present.includes('oci-layout')) return;
    if (present.some((file) => !file.startsWith('.partial-') && file !== 'blobs')) {
      throw new Unsupported(
        'LAYOUT_INVALID',
        `${layout.name}: got a folder that holds other files; an empty one or an image layout would do`,
      );
    }
    await replaceFile(layout, 'index.json', indexDocument([]));
    await replaceFile(layout, 'oci-layout', '{"imageLayoutVersion":"1.0.0"}');
  });
}

export async function replaceFile(layout: Layout, file: string, text: string): Promise<void> {
  const partial = partialFile(layout);
  await writeFile(partial, text, { flag: 'wx', flush: true });
  await rename(partial, join(layout.directory, file));
}

export function indexDocument(manifests: readonly Descriptor[]): string {
  return JSON.stringify({ schemaVersion: 2, mediaType: MediaType.OCI_INDEX, manifests });
}
