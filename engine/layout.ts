import { open, rm, writeFile } from 'node:fs/promises';
import { resolve as resolvePath } from 'node:path';
import { type Descriptor, isForeignLayer, MediaType } from '../lib/model/descriptor';
import { type Digest, isDigest } from '../lib/model/digest';
import { formatRepository, type Repository } from '../lib/model/reference';
import type { ByteStream, Options, Store } from './content';
import { MissingContent, NotFound } from './errors';
import { type ReferrerView, referrerView, successors } from './graph';
import {
  blobFile,
  commit,
  guarded,
  holds,
  ignoreMissing,
  type Layout,
  notFound,
  partialFile,
  prepare,
  readBounded,
} from './layout-files';
import { plain, REF_NAME, readIndex, updateIndex } from './layout-index';
import { byTag, isElsewhere, type Naming } from './layout-names';
import { verifiedBytes, verifiedStream } from './verify';

/** What stands for a registry in the repository of a layout. */
export const LAYOUT_SCHEME = 'oci:';

/** The repository that stands for a folder; `oci:` and its absolute path when formatted. */
export function layoutRepository(directory: string, scheme: string = LAYOUT_SCHEME): Repository {
  return { registry: scheme, name: resolvePath(directory).replace(/^\/+/, '') };
}

/** The folder that a repository of {@link layoutRepository} stands for. */
export function layoutDirectory(repository: Repository): string {
  return resolvePath('/', repository.name);
}

export interface LayoutOptions {
  /** @default - by their tags: all images are of one repository */
  readonly naming?: Naming;
  /** Blobs that count as there although they are not: those of an earlier layout. @default - none */
  readonly elsewhere?: ReadonlySet<Digest>;
}

/**
 * A folder in the OCI image layout (image-spec v1.1, image-layout.md) as a store. It is made when something is first pushed
 * to it; a folder that holds other things is refused. Blobs appear under their names only when they are whole, and
 * `index.json` is replaced in one step. Manifests with a subject are entries of `index.json` without a name.
 */
export function openLayout(
  directory: string,
  repository: Repository = layoutRepository(directory),
  { naming = byTag, elsewhere }: LayoutOptions = {},
): Store {
  const name = formatRepository(repository);
  const layout = { directory, name };
  const has = async (content: Descriptor) => isElsewhere(content, elsewhere) || holds(layout, content);
  const views: Views = new Map();
  return {
    repository,
    near: true,
    resolve: (reference, options) => guarded(layout, options, () => resolveReference(layout, naming, reference)),
    exists: (content, options) => guarded(layout, options, () => has(content)),
    fetchManifest: (content, options) => guarded(layout, options, () => fetchManifest(layout, content)),
    fetchBlob: (content, options) => guarded(layout, options, () => fetchBlob(layout, content, options)),
    pushBlob: (content, bytes, options) => guarded(layout, options, () => pushBlob(layout, content, bytes, options)),
    pushManifest: (content, bytes, options) =>
      guarded(layout, options, async () => {
        await refuseIncomplete(layout, content, bytes, has);
        await pushManifest(
          layout,
          content,
          bytes,
          options?.tag === undefined ? undefined : naming.annotations(options.tag),
        );
        return { listedBySubject: true };
      }),
    referrers: (subject, options) => guarded(layout, options, () => referrersOf(layout, views, subject)),
    tags: (options) => tagsOf(layout, naming, options),
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

async function resolveReference(layout: Layout, naming: Naming, reference: string): Promise<Descriptor> {
  const entries = await readIndex(layout);
  if (!isDigest(reference)) return plain(naming.find(layout, entries, reference));
  const listed = entries.find((entry) => entry.digest === reference);
  if (listed !== undefined) return plain(listed);
  const bytes = await readBounded(layout, { mediaType: 'manifest', digest: reference, size: 0 });
  return { mediaType: mediaTypeOf(bytes), digest: reference, size: bytes.length };
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

async function fetchManifest(layout: Layout, content: Descriptor): Promise<Uint8Array> {
  return verifiedBytes(content, await readBounded(layout, content));
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

async function pushManifest(
  layout: Layout,
  content: Descriptor,
  bytes: Uint8Array,
  annotations?: Readonly<Record<string, string>>,
): Promise<void> {
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
  if (annotations !== undefined) {
    const name = annotations[REF_NAME];
    const named = { ...entry, annotations };
    await updateIndex(layout, (entries) => [...entries.filter((old) => old.annotations?.[REF_NAME] !== name), named]);
  } else if (referrerView(content, bytes) !== undefined) {
    await updateIndex(layout, (entries) =>
      entries.some((old) => old.digest === entry.digest) ? entries : [...entries, entry],
    );
  }
}

async function refuseIncomplete(
  layout: Layout,
  content: Descriptor,
  bytes: Uint8Array,
  has: (child: Descriptor) => Promise<boolean>,
): Promise<void> {
  verifiedBytes(content, bytes);
  const children = successors(content, bytes);
  for (const child of [...children.manifests, ...children.blobs]) {
    if (isForeignLayer(child.mediaType)) continue;
    if (await has(child)) continue;
    throw new MissingContent(
      `${layout.name}: ${content.digest} names ${child.digest}, which is not there`,
      { status: 404, code: 'MANIFEST_BLOB_UNKNOWN' },
      'unavailable',
    );
  }
}

/** What manifests say of themselves as referrers, by their digests: read once. */
type Views = Map<Digest, ReferrerView | undefined>;

async function referrersOf(layout: Layout, views: Views, subject: Digest): Promise<readonly Descriptor[]> {
  const entries = await readIndex(layout).catch((error: unknown) => {
    if (error instanceof NotFound) return [];
    throw error;
  });
  const found = new Map<string, Descriptor>();
  for (const entry of entries) {
    const descriptor = plain(entry);
    if (!views.has(entry.digest)) {
      views.set(entry.digest, referrerView(descriptor, await fetchManifest(layout, descriptor)));
    }
    const view = views.get(entry.digest);
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

async function* tagsOf(layout: Layout, naming: Naming, options?: Options): AsyncGenerator<string> {
  const entries = await guarded(layout, options, () => readIndex(layout));
  for (const entry of entries) {
    const tag = naming.tagOf(entry);
    if (tag !== undefined) yield tag;
  }
}
