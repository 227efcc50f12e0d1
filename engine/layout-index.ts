import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Descriptor } from '../lib/model/descriptor';
import { isDigest } from '../lib/model/digest';
import { show } from '../lib/model/invalid';
import { Unsupported } from './errors';
import { ignoreMissing, indexDocument, type Layout, notFound, replaceFile, turns } from './layout-files';

/** Image-spec v1.1, annotations.md: the name of an entry of `index.json`, a tag by custom. */
export const REF_NAME = 'org.opencontainers.image.ref.name';

const LARGEST_INDEX = 32 * 1024 * 1024;

export function findTag(layout: Layout, entries: readonly Descriptor[], tag: string): Descriptor {
  // Some tools write the whole reference as the name.
  const found =
    entries.find((entry) => entry.annotations?.[REF_NAME] === tag) ??
    entries.find((entry) => entry.annotations?.[REF_NAME]?.endsWith(`:${tag}`));
  if (found !== undefined) return found;
  const names = entries.flatMap((entry) => entry.annotations?.[REF_NAME] ?? []);
  const remedy = names.length === 0 ? 'it has no tags' : `it has ${names.slice(0, 5).join(', ')}`;
  throw notFound(layout, `tag ${show(tag)} is not there; ${remedy}`);
}

export async function updateIndex(
  layout: Layout,
  change: (entries: readonly Descriptor[]) => readonly Descriptor[],
): Promise<void> {
  await turns.run(layout.directory, async () => {
    const before = await readIndex(layout);
    const after = change(before);
    if (after !== before) await replaceFile(layout, 'index.json', indexDocument(after));
  });
}

export async function readIndex(layout: Layout): Promise<readonly Descriptor[]> {
  const marker = await stat(join(layout.directory, 'oci-layout')).catch(ignoreMissing);
  const file = join(layout.directory, 'index.json');
  const found = await stat(file).catch(ignoreMissing);
  if (marker === undefined || found === undefined) {
    throw notFound(layout, 'no image layout is there; a folder with oci-layout and index.json would do');
  }
  if (found.size > LARGEST_INDEX) {
    throw new Unsupported(
      'TOO_LARGE',
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
    throw new Unsupported(
      'LAYOUT_INVALID',
      `${layout.name}: got an index.json that is not JSON; an OCI index would do`,
    );
  }
  const entries = document?.manifests ?? [];
  if (!Array.isArray(entries) || !entries.every(isEntry)) {
    throw new Unsupported(
      'LAYOUT_INVALID',
      `${layout.name}: got an index.json with entries that are no descriptors; an OCI index would do`,
    );
  }
  return entries;
}

function isEntry(entry: Partial<Descriptor> | null): entry is Descriptor {
  const { mediaType, digest, size } = entry ?? {};
  return typeof mediaType === 'string' && isDigest(digest) && Number.isSafeInteger(size) && (size as number) >= 0;
}

/** An entry of `index.json` without what belongs to the entry alone. */
export function plain(entry: Descriptor): Descriptor {
  return { mediaType: entry.mediaType, digest: entry.digest, size: entry.size };
}
