import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve as resolvePath } from 'node:path';
import { type Descriptor, isForeignLayer, MediaType } from '../lib/model/descriptor';
import { type Digest, digestAlgorithm, digestEncoded, isDigest } from '../lib/model/digest';
import { show } from '../lib/model/invalid';
import { formatRepository, type Repository } from '../lib/model/reference';
import type { ByteStream, Options, Store } from './content';
import { MissingContent, NotFound, RegistryError, Unsupported } from './errors';
import { Turns } from './gate';
import { referrerView, successors } from './graph';
import { verifiedBytes, verifiedStream } from './verify';

/** What stands for a registry in the repository of a layout. */
export const LAYOUT_SCHEME = 'oci:';

/** Image-spec v1.1, annotations.md: the name of an entry of `index.json`, a tag by custom. */
const REF_NAME = 'org.opencontainers.image.ref.name';
const LARGEST_MANIFEST = 4 * 1024 * 1024;
const LARGEST_INDEX = 32 * 1024 * 1024;

/** Updates of one folder's `index.json` take turns. */
const turns = new Turns<string>();

/** The repository that stands for a folder; `oci:` and its absolute path when formatted. */
export function layoutRepository(directory: string, scheme: string = LAYOUT_SCHEME): Repository {
  return { registry: scheme, name: resolvePath(directory).replace(/^\/+/, '') };
}

/** The folder that a repository of {@link layoutRepository} stands for. */
export function layoutDirectory(repository: Repository): string {
  return resolvePath('/', repository.name);
}

/**
 * A folder in the OCI image layout (image-spec v1.1, image-layout.md) as a store. It is made when something is first pushed
 * to it; a folder that holds other things is refused. Blobs appear under their names only when they are whole, and
 * `index.json` is replaced in one step. Manifests with a subject are entries of `index.json` without a name.
 */
export function openLayout(directory: string, repository: Repository = layoutRepository(directory)): Store {
  const name = formatRepository(repository);
  const layout = { directory, name };
  return {
    repository,
    resolve: (reference, options) => guarded(layout, options, () => resolveReference(layout, reference)),
    exists: (content, options) => guarded(layout, options, () => holds(layout, content)),
    fetchManifest: (content, options) => guarded(layout, options, () => fetchManifest(layout, content)),
    fetchBlob: (content, options) => guarded(layout, options, () => fetchBlob(layout, content, options)),
    pushBlob: (content, bytes, options) => guarded(layout, options, () => pushBlob(layout, content, bytes, options)),
    pushManifest: (content, bytes, options) =>
      guarded(layout, options, async () => {
        await pushManifest(layout, content, bytes, options?.tag);
        return { listedBySubject: true };
      }),
    referrers: (subject, options) => guarded(layout, options, () => referrersOf(layout, subject)),
    tags: (options) => tagsOf(layout, options),
  };
}

/** The images that a layout lists, each with its tag where it has one. @throws NotFound when there is no layout. */
export async function layoutImages(
  directory: string,
): Promise<readonly { readonly tag?: string; readonly descriptor: Descriptor }[]> {
  const layout = { directory, name: formatRepository(layoutRepository(directory)) };
  const entries = await guarded(layout, undefined, () => readIndex(layout));
  return entries.map((entry) => {
    const tag = entry.annotations?.[REF_NAME];
    return { ...(tag === undefined ? {} : { tag }), descriptor: plain(entry) };
  });
}

interface Layout {
  readonly directory: string;
  /** As it appears in messages. */
  readonly name: string;
}

/** Abortion before the work, and the file system's own errors told in our words. */
async function guarded<T>(layout: Layout, options: Options | undefined, work: () => Promise<T>): Promise<T> {
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
  return new RegistryError(`${layout.name}: ${syscall}: got ${code}; ${remedy}`, { status: 0 }, failure, {
    cause: error,
  });
}

async function resolveReference(layout: Layout, reference: string): Promise<Descriptor> {
  const entries = await readIndex(layout);
  if (!isDigest(reference)) return plain(findTag(layout, entries, reference));
  const listed = entries.find((entry) => entry.digest === reference);
  if (listed !== undefined) return plain(listed);
  const bytes = await readBounded(layout, { mediaType: 'manifest', digest: reference, size: 0 });
  return { mediaType: mediaTypeOf(bytes), digest: reference, size: bytes.length };
}

function findTag(layout: Layout, entries: readonly Descriptor[], tag: string): Descriptor {
  // Some tools write the whole reference as the name.
  const found =
    entries.find((entry) => entry.annotations?.[REF_NAME] === tag) ??
    entries.find((entry) => entry.annotations?.[REF_NAME]?.endsWith(`:${tag}`));
  if (found !== undefined) return found;
  const names = entries.flatMap((entry) => entry.annotations?.[REF_NAME] ?? []);
  const remedy = names.length === 0 ? 'it has no tags' : `it has ${names.slice(0, 5).join(', ')}`;
  throw notFound(layout, `tag ${show(tag)} is not there; ${remedy}`);
}

function notFound(layout: Layout, what: string): NotFound {
  return new NotFound(`${layout.name}: ${what}`, { status: 404, code: 'MANIFEST_UNKNOWN' }, 'usage');
}

/** A manifest's own `mediaType`, or what its fields make it (image-spec v1.1: the field is optional in OCI documents). */
function mediaTypeOf(bytes: Uint8Array): string {
  try {
    const document = JSON.parse(Buffer.from(bytes).toString('utf8'));
    if (typeof document?.mediaType === 'string') return document.mediaType;
    if (document?.schemaVersion === 1) return MediaType.DOCKER_SCHEMA1;
    if (Array.isArray(document?.manifests)) return MediaType.OCI_INDEX;
  } catch {
    // Whoever reads the manifest says that it is none.
  }
  return MediaType.OCI_MANIFEST;
}

async function holds(layout: Layout, content: Descriptor): Promise<boolean> {
  const found = await stat(blobFile(layout, content.digest)).catch(ignoreMissing);
  return found?.isFile() === true && (content.size === 0 || found.size === content.size);
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  throw error;
}

async function fetchManifest(layout: Layout, content: Descriptor): Promise<Uint8Array> {
  return verifiedBytes(content, await readBounded(layout, content));
}

/** A manifest's bytes, of a size that is allowed to be held in memory. */
async function readBounded(layout: Layout, content: Descriptor): Promise<Uint8Array> {
  const file = blobFile(layout, content.digest);
  const found = await stat(file).catch(ignoreMissing);
  if (found === undefined) throw notFound(layout, `${content.digest} is not there`);
  if (found.size > LARGEST_MANIFEST) {
    throw new Unsupported(
      `${layout.name}: got a manifest of ${found.size} bytes; at most ${LARGEST_MANIFEST} would do`,
    );
  }
  return readFile(file);
}

async function fetchBlob(layout: Layout, content: Descriptor, options?: Options): Promise<ByteStream> {
  const handle = await open(blobFile(layout, content.digest)).catch(ignoreMissing);
  if (handle === undefined) throw notFound(layout, `${content.digest} is not there`);
  return verifiedStream(content, chunksOf(handle.createReadStream({ highWaterMark: 256 * 1024 }), options?.signal));
}

async function* chunksOf(stream: AsyncIterable<Uint8Array>, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) {
    signal?.throwIfAborted();
    yield chunk;
  }
}

async function pushBlob(layout: Layout, content: Descriptor, bytes: ByteStream, options?: Options): Promise<void> {
  await prepare(layout);
  const partial = partialFile(layout);
  try {
    const handle = await open(partial, 'wx');
    try {
      for await (const chunk of verifiedStream(content, chunksOf(bytes, options?.signal)))
        await handle.writeFile(chunk);
    } finally {
      await handle.close();
    }
    await commit(layout, partial, content.digest);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

async function pushManifest(layout: Layout, content: Descriptor, bytes: Uint8Array, tag?: string): Promise<void> {
  verifiedBytes(content, bytes);
  await refuseIncomplete(layout, content, bytes);
  await prepare(layout);
  const partial = partialFile(layout);
  try {
    await writeFile(partial, bytes, { flag: 'wx' });
    await commit(layout, partial, content.digest);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  const entry = { mediaType: content.mediaType, digest: content.digest, size: bytes.length };
  if (tag !== undefined) {
    const named = { ...entry, annotations: { [REF_NAME]: tag } };
    await updateIndex(layout, (entries) => [...entries.filter((old) => old.annotations?.[REF_NAME] !== tag), named]);
  } else if (referrerView(content, bytes) !== undefined) {
    await updateIndex(layout, (entries) =>
      entries.some((old) => old.digest === entry.digest) ? entries : [...entries, entry],
    );
  }
}

async function refuseIncomplete(layout: Layout, content: Descriptor, bytes: Uint8Array): Promise<void> {
  const children = successors(content, bytes);
  for (const child of [...children.manifests, ...children.blobs]) {
    if (isForeignLayer(child.mediaType)) continue;
    if (await holds(layout, child)) continue;
    throw new MissingContent(
      `${layout.name}: ${content.digest} names ${child.digest}, which is not there`,
      { status: 404, code: 'MANIFEST_BLOB_UNKNOWN' },
      'unavailable',
    );
  }
}

async function referrersOf(layout: Layout, subject: Digest): Promise<readonly Descriptor[]> {
  const entries = await readIndex(layout).catch((error: unknown) => {
    if (error instanceof NotFound) return [];
    throw error;
  });
  const found = new Map<string, Descriptor>();
  for (const entry of entries) {
    const descriptor = plain(entry);
    const bytes = await fetchManifest(layout, descriptor);
    const view = referrerView(descriptor, bytes);
    if (view?.subject.digest !== subject) continue;
    const { artifactType, annotations } = view;
    found.set(descriptor.digest, {
      ...descriptor,
      ...(artifactType && { artifactType }),
      ...(annotations && { annotations }),
    });
  }
  return [...found.values()];
}

async function* tagsOf(layout: Layout, options?: Options): AsyncGenerator<string> {
  const entries = await guarded(layout, options, () => readIndex(layout));
  for (const entry of entries) {
    const name = entry.annotations?.[REF_NAME];
    if (name !== undefined) yield name;
  }
}

/** An entry of `index.json` without what belongs to the entry alone. */
function plain(entry: Descriptor): Descriptor {
  return { mediaType: entry.mediaType, digest: entry.digest, size: entry.size };
}

function blobFile(layout: Layout, digest: Digest): string {
  return join(layout.directory, 'blobs', digestAlgorithm(digest), digestEncoded(digest));
}

function partialFile(layout: Layout): string {
  return join(layout.directory, `.partial-${randomUUID()}`);
}

/** Gives a whole file its name. */
async function commit(layout: Layout, partial: string, digest: Digest): Promise<void> {
  await mkdir(join(layout.directory, 'blobs', digestAlgorithm(digest)), { recursive: true });
  await rename(partial, blobFile(layout, digest));
}

/** Makes the folder a layout, unless it is one. @throws Unsupported when it holds other things. */
async function prepare(layout: Layout): Promise<void> {
  await turns.run(layout.directory, async () => {
    await mkdir(layout.directory, { recursive: true });
    const present = await readdir(layout.directory);
    if (present.includes('oci-layout')) return;
    if (present.some((file) => !file.startsWith('.partial-') && file !== 'blobs')) {
      throw new Unsupported(
        `${layout.name}: got a folder that holds other files; an empty one or an image layout would do`,
      );
    }
    await replaceFile(layout, 'index.json', indexDocument([]));
    await replaceFile(layout, 'oci-layout', '{"imageLayoutVersion":"1.0.0"}');
  });
}

async function replaceFile(layout: Layout, file: string, text: string): Promise<void> {
  const partial = partialFile(layout);
  await writeFile(partial, text, { flag: 'wx', flush: true });
  await rename(partial, join(layout.directory, file));
}

function indexDocument(manifests: readonly Descriptor[]): string {
  return JSON.stringify({ schemaVersion: 2, mediaType: MediaType.OCI_INDEX, manifests });
}

async function updateIndex(
  layout: Layout,
  change: (entries: readonly Descriptor[]) => readonly Descriptor[],
): Promise<void> {
  await turns.run(layout.directory, async () => {
    const before = await readIndex(layout);
    const after = change(before);
    if (after !== before) await replaceFile(layout, 'index.json', indexDocument(after));
  });
}

async function readIndex(layout: Layout): Promise<readonly Descriptor[]> {
  const marker = await stat(join(layout.directory, 'oci-layout')).catch(ignoreMissing);
  const file = join(layout.directory, 'index.json');
  const found = await stat(file).catch(ignoreMissing);
  if (marker === undefined || found === undefined) {
    throw notFound(layout, 'no image layout is there; a folder with oci-layout and index.json would do');
  }
  if (found.size > LARGEST_INDEX) {
    throw new Unsupported(
      `${layout.name}: got an index.json of ${found.size} bytes; at most ${LARGEST_INDEX} would do`,
    );
  }
  return parseIndex(layout, await readFile(file, 'utf8'));
}

function parseIndex(layout: Layout, text: string): readonly Descriptor[] {
  let document: { readonly manifests?: unknown };
  try {
    document = JSON.parse(text);
  } catch {
    throw new Unsupported(`${layout.name}: got an index.json that is not JSON; an OCI index would do`);
  }
  const entries = document?.manifests ?? [];
  if (!Array.isArray(entries) || !entries.every(isEntry)) {
    throw new Unsupported(
      `${layout.name}: got an index.json with entries that are no descriptors; an OCI index would do`,
    );
  }
  return entries;
}

function isEntry(entry: Partial<Descriptor> | null): entry is Descriptor {
  const { mediaType, digest, size } = entry ?? {};
  return typeof mediaType === 'string' && isDigest(digest) && Number.isSafeInteger(size) && (size as number) >= 0;
}
