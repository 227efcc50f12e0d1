import { type Descriptor, isManifest } from '../lib/model/descriptor';
import type { Digest } from '../lib/model/digest';
import { type Layout, notFound } from './layout-files';
import { findTag, REF_NAME } from './layout-index';

/** What containerd and Docker take for an image's name when they load a layout. */
const CONTAINERD_NAME = 'io.containerd.image.name';

/** How the tags of a store are called in `index.json`. */
export interface Naming {
  annotations(tag: string): Readonly<Record<string, string>>;
  /** Undefined for an entry of another store, or without a name. */
  tagOf(entry: Descriptor): string | undefined;
  /** @throws NotFound */
  find(layout: Layout, entries: readonly Descriptor[], tag: string): Descriptor;
}

/** A layout of one repository's images: entries are called as their tags. */
export const byTag: Naming = {
  annotations: (tag) => ({ [REF_NAME]: tag }),
  tagOf: (entry) => entry.annotations?.[REF_NAME],
  find: findTag,
};

/** A layout of many repositories' images: entries have full references, `docker.io/library/nginx:1.27`, for their names. */
export function byReference(repository: string): Naming {
  const prefix = `${repository}:`;
  const tagOf = (entry: Descriptor) => {
    const name = entry.annotations?.[REF_NAME];
    return name?.startsWith(prefix) ? name.slice(prefix.length) : undefined;
  };
  return {
    annotations: (tag) => ({ [REF_NAME]: `${prefix}${tag}`, [CONTAINERD_NAME]: `${prefix}${tag}` }),
    tagOf,
    find(layout, entries, tag) {
      const found = entries.find((entry) => tagOf(entry) === tag);
      if (found !== undefined) return found;
      const tags = entries.flatMap((entry) => tagOf(entry) ?? []);
      const has = tags.length === 0 ? 'nothing of that repository' : tags.slice(0, 5).join(', ');
      throw notFound(layout, `tag ${tag} is not there; it has ${has}`);
    },
  };
}

/** Blobs that a layout need not hold, because another one does that whoever reads it has, too. */
export function isElsewhere(content: Descriptor, elsewhere: ReadonlySet<Digest> | undefined): boolean {
  return elsewhere?.has(content.digest) === true && !isManifest(content.mediaType);
}
