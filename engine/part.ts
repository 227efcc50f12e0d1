import type { Copy } from '../lib/model/copy';
import type { Descriptor } from '../lib/model/descriptor';
import type { Digest } from '../lib/model/digest';
import type { ByteStream, Options, Store } from './content';
import { Unsupported } from './errors';
import { readTree } from './image-tree';
import { narrow, type Part } from './narrow';
import type { Session } from './session';

/** A part of an image that a source holds, and where it is read. */
export interface OpenPart extends Part {
  /** The source, with what is rewritten of it, and with what was read already. */
  readonly source: Store;
}

/** Bytes; a config that is longer is none. */
const LONGEST_CONFIG = 4 * 1024 * 1024;

/**
 * The part of an image that a copy wants: reads its indexes, and configs of images whose platform no index says.
 *
 * @throws Unsupported when the image has not all of the platforms; and what the source answers
 */
export async function openPart(
  source: Store,
  { root, platforms }: Pick<Copy, 'root' | 'platforms'>,
  session: Session,
): Promise<OpenPart> {
  if (platforms === undefined) return { root, rewritten: new Map(), source };
  const read = new Map<Digest, Uint8Array>();
  const tree = await readTree(root, {
    manifest: (descriptor) => session.manifest(source, descriptor),
    config: async (descriptor) => {
      const bytes = read.get(descriptor.digest) ?? (await readConfig(source, descriptor, session.options()));
      read.set(descriptor.digest, bytes);
      return bytes;
    },
  });
  const part = narrow(tree, platforms);
  return { ...part, source: withContents(source, new Map([...read, ...part.rewritten])) };
}

/** The config of an image, whole. @throws Unsupported for one that is longer than any; and what the source answers */
export async function readConfig(source: Store, config: Descriptor, options: Options): Promise<Uint8Array> {
  if (config.size > LONGEST_CONFIG) {
    throw new Unsupported(
      'TOO_LARGE',
      `config ${config.digest}: got ${config.size} bytes; at most ${LONGEST_CONFIG} would do`,
    );
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of await source.fetchBlob(config, options)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A store that answers some contents by itself: what is rewritten of a source is read as if the source held it. */
function withContents(store: Store, contents: ReadonlyMap<Digest, Uint8Array>): Store {
  const { referrers, tags, expect } = store;
  return {
    repository: store.repository,
    resolve: (reference, options) => store.resolve(reference, options),
    exists: async (content, options) => contents.has(content.digest) || store.exists(content, options),
    fetchManifest: async (content, options) => contents.get(content.digest) ?? store.fetchManifest(content, options),
    fetchBlob: async (content, options) => {
      const bytes = contents.get(content.digest);
      return bytes === undefined ? store.fetchBlob(content, options) : inOne(bytes);
    },
    pushBlob: (content, bytes, options) => store.pushBlob(content, bytes, options),
    pushManifest: (content, bytes, options) => store.pushManifest(content, bytes, options),
    ...(referrers && {
      // Nobody can have signed what was made here.
      referrers: async (subject, options) => (contents.has(subject) ? [] : referrers.call(store, subject, options)),
    }),
    ...(tags && { tags: (options) => tags.call(store, options) }),
    ...(expect && { expect: (requests) => expect.call(store, requests) }),
  };
}

async function* inOne(bytes: Uint8Array): ByteStream & AsyncGenerator<Uint8Array> {
  yield bytes;
}
