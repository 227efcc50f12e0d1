import type { Clock } from '../../engine/ports';
import type { Descriptor } from '../../lib/model/descriptor';
import type { Digest } from '../../lib/model/digest';
import type { Built } from '../images/content';
import { type Contents, inMemory, type StoredContent } from './contents';
import { type ParsedManifest, parseManifest } from './manifest';

/** Everything that a registry holds. Tests may look and meddle; no rule is checked here. */
export interface RegistryState {
  readonly repositories: Map<string, RepositoryState>;
  /** Makes a repository, or returns the one that is there. */
  create(name: string, settings?: Partial<RepositorySettings>): RepositoryState;
  /** Puts an image where nobody pushed it: no request, no event. */
  place(repository: string, built: Built, ...tags: readonly string[]): void;
  /** Puts a blob of any size. @throws Fault when the bytes are not the digest's. */
  placeBlob(repository: string, digest: Digest, bytes: AsyncIterable<Uint8Array>): Promise<void>;
  /** Loses a blob, as a careless garbage collector does. */
  deleteBlob(repository: string, digest: string): Promise<void>;
}

export interface RepositoryState {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly manifests: Map<string, StoredManifest>;
  readonly tags: Map<string, Digest>;
  readonly blobs: Map<string, StoredContent>;
  /** What Amazon ECR knows of a repository; other personalities leave it alone. */
  settings: RepositorySettings;
}

export interface StoredManifest {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
  readonly parsed: ParsedManifest;
  /** Milliseconds since the epoch. */
  readonly pushedAt: number;
  pulledAt?: number;
  /** In Amazon ECR's archive storage class: not to be pulled. */
  archived?: boolean;
}

export type TagMutability = 'MUTABLE' | 'IMMUTABLE' | 'IMMUTABLE_WITH_EXCLUSION' | 'MUTABLE_WITH_EXCLUSION';

export interface RepositorySettings {
  readonly tagMutability: TagMutability;
  /** Wildcards that the mutability does not hold for. */
  readonly exclusions: readonly string[];
  readonly scanOnPush: boolean;
  readonly encryption: { readonly encryptionType: string; readonly kmsKey?: string };
  readonly resourceTags: Readonly<Record<string, string>>;
  readonly lifecyclePolicy?: string;
  readonly policy?: string;
}

export const DEFAULT_SETTINGS: RepositorySettings = {
  tagMutability: 'MUTABLE',
  exclusions: [],
  scanOnPush: false,
  encryption: { encryptionType: 'AES256' },
  resourceTags: {},
};

export function newState(contents: Contents, clock: Clock): RegistryState {
  const repositories = new Map<string, RepositoryState>();
  const create: RegistryState['create'] = (name, settings = {}) => {
    const there = repositories.get(name);
    if (there !== undefined) return there;
    const made: RepositoryState = {
      name,
      createdAt: clock.now(),
      manifests: new Map(),
      tags: new Map(),
      blobs: new Map(),
      settings: { ...DEFAULT_SETTINGS, ...settings },
    };
    repositories.set(name, made);
    return made;
  };
  return {
    repositories,
    create,
    place(name, built, ...tags) {
      const repository = create(name);
      for (const { descriptor, bytes } of built.blobs) {
        if (!repository.blobs.has(descriptor.digest)) {
          repository.blobs.set(descriptor.digest, inMemory(descriptor.digest, bytes));
        }
      }
      for (const { descriptor, bytes } of built.manifests) storeManifest(repository, descriptor, bytes, clock.now());
      for (const tag of tags) repository.tags.set(tag, built.root.descriptor.digest);
    },
    async placeBlob(name, digest, bytes) {
      const writer = contents.writer();
      for await (const chunk of bytes) await writer.write(chunk);
      create(name).blobs.set(digest, await writer.finish(digest));
    },
    async deleteBlob(name, digest) {
      const repository = repositories.get(name);
      const content = repository?.blobs.get(digest);
      if (repository === undefined || content === undefined) return;
      repository.blobs.delete(digest);
      const used = [...repositories.values()].some((other) => other.blobs.get(digest) === content);
      if (!used) await contents.remove(content);
    },
  };
}

/** Keeps a manifest's bytes; one that is there stays as it is, unless it is archived: then a push restores it at once. */
export function storeManifest(
  repository: RepositoryState,
  { mediaType, digest }: Pick<Descriptor, 'mediaType' | 'digest'>,
  bytes: Uint8Array,
  now: number,
): StoredManifest {
  const there = repository.manifests.get(digest);
  if (there !== undefined) {
    if (there.archived === true) there.archived = false;
    return there;
  }
  const descriptor = { mediaType, digest, size: bytes.length };
  const stored = { descriptor, bytes, parsed: parseManifest(bytes, mediaType), pushedAt: now };
  repository.manifests.set(digest, stored);
  return stored;
}

/** The manifest that a tag or digest stands for. */
export function findManifest(repository: RepositoryState, reference: string): StoredManifest | undefined {
  return repository.manifests.get(reference.includes(':') ? reference : (repository.tags.get(reference) ?? ''));
}

/** All tags of a digest, in the order they were made. */
export function tagsOf(repository: RepositoryState, digest: string): string[] {
  return [...repository.tags].filter(([, tagged]) => tagged === digest).map(([tag]) => tag);
}
