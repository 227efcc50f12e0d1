import { createHash } from 'node:crypto';
import type { ByteStream, Manifest, PushedManifest, Store } from '../../engine/content';
import { ContentMismatch, MissingContent, NotFound, RegistryError, TagImmutable } from '../../engine/errors';
import { successors } from '../../engine/graph';
import { type Descriptor, isForeignLayer } from '../../lib/model/descriptor';
import { type Digest, isDigest, parseDigest } from '../../lib/model/digest';
import { formatRepository, parseRepository, type Repository } from '../../lib/model/reference';

/** What a memory registry was asked, in order: `HEAD blob`, `GET manifest`, … with the digest or tag. */
export interface Call {
  readonly repository: string;
  readonly operation:
    | 'resolve'
    | 'read'
    | 'exists'
    | 'fetchManifest'
    | 'fetchBlob'
    | 'pushBlob'
    | 'pushManifest'
    | 'mount'
    | 'referrers'
    | 'tags';
  readonly what: string;
}

/**
 * Registries in memory, as strict as real ones about what a manifest names. Faults are functions that tests set: what they
 * throw is what the call answers. It has no authentication, no HTTP and no time.
 */
export class MemoryRegistries {
  readonly calls: Call[] = [];
  /** Called before each call is answered; may throw. */
  fault: (call: Call) => void | Promise<void> = () => undefined;
  /** Registries that list referrers by themselves. */
  listsReferrers = (_registry: string): boolean => true;
  mounts = (_registry: string): boolean => true;
  /** As Amazon ECR does: a blob is mounted from where a manifest names it. */
  mountsOnlyNamed = (_registry: string): boolean => false;
  immutable = (_repository: string): boolean => false;
  private readonly repositories = new Map<string, MemoryStore>();

  readonly stores = (repository: Repository): MemoryStore => {
    const key = formatRepository(repository);
    const store = this.repositories.get(key) ?? new MemoryStore(repository, this);
    this.repositories.set(key, store);
    return store;
  };

  store(text: string): MemoryStore {
    return this.stores(parseRepository(text));
  }

  count(operation: Call['operation'], repository?: string): number {
    return this.calls.filter(
      (call) => call.operation === operation && (repository === undefined || call.repository === repository),
    ).length;
  }
}

export class MemoryStore implements Store {
  readonly blobs = new Map<Digest, Uint8Array>();
  readonly manifests = new Map<Digest, { readonly mediaType: string; readonly bytes: Uint8Array }>();
  readonly tagged = new Map<string, Digest>();
  /** Every tag ever written, in order. */
  readonly history: { readonly tag: string; readonly digest: Digest }[] = [];

  constructor(
    readonly repository: Repository,
    private readonly registries: MemoryRegistries,
  ) {}

  async resolve(reference: string): Promise<Descriptor> {
    await this.called('resolve', reference);
    const digest = isDigest(reference) ? reference : this.tagged.get(reference);
    const manifest = digest === undefined ? undefined : this.manifests.get(digest);
    if (digest === undefined || manifest === undefined) throw this.notFound(`manifest ${reference}`);
    return { mediaType: manifest.mediaType, digest, size: manifest.bytes.byteLength };
  }

  async read(reference: string): Promise<Manifest> {
    await this.called('read', reference);
    const digest = isDigest(reference) ? reference : this.tagged.get(reference);
    const manifest = digest === undefined ? undefined : this.manifests.get(digest);
    if (digest === undefined || manifest === undefined) throw this.notFound(`manifest ${reference}`);
    const { mediaType, bytes } = manifest;
    return { descriptor: { mediaType, digest, size: bytes.byteLength }, bytes };
  }

  async exists(content: Descriptor): Promise<boolean> {
    await this.called('exists', content.digest);
    return this.manifests.has(content.digest) || this.blobs.has(content.digest);
  }

  async fetchManifest(content: Descriptor): Promise<Uint8Array> {
    await this.called('fetchManifest', content.digest);
    const manifest = this.manifests.get(content.digest);
    if (manifest === undefined) throw this.notFound(`manifest ${content.digest}`);
    if (content.size > 0 && content.size !== manifest.bytes.byteLength)
      throw new ContentMismatch(content, 'got another length');
    return manifest.bytes;
  }

  async fetchBlob(content: Descriptor): Promise<ByteStream> {
    await this.called('fetchBlob', content.digest);
    const bytes = this.blobs.get(content.digest);
    if (bytes === undefined) throw this.notFound(`blob ${content.digest}`);
    return chunks(bytes);
  }

  async pushBlob(content: Descriptor, stream: ByteStream): Promise<void> {
    await this.called('pushBlob', content.digest);
    const parts: Uint8Array[] = [];
    for await (const chunk of stream) parts.push(chunk);
    const bytes = Buffer.concat(parts);
    if (digestOf(bytes) !== content.digest) throw new ContentMismatch(content, 'got other bytes');
    this.blobs.set(content.digest, bytes);
  }

  async pushManifest(content: Descriptor, bytes: Uint8Array, options: { tag?: string } = {}): Promise<PushedManifest> {
    await this.called('pushManifest', options.tag ?? content.digest);
    if (digestOf(bytes) !== content.digest) throw new ContentMismatch(content, 'got other bytes');
    this.refuseMissing(content, bytes);
    if (options.tag !== undefined) {
      const name = formatRepository(this.repository);
      if (this.tagged.has(options.tag) && this.registries.immutable(name)) {
        throw new TagImmutable(
          `${name}:${options.tag}: the tag is immutable`,
          { status: 400, code: 'TAG_INVALID' },
          'usage',
        );
      }
      this.tagged.set(options.tag, content.digest);
      this.history.push({ tag: options.tag, digest: content.digest });
    }
    this.manifests.set(content.digest, { mediaType: content.mediaType, bytes });
    const { subject } = JSON.parse(Buffer.from(bytes).toString());
    return { listedBySubject: subject === undefined || this.registries.listsReferrers(this.repository.registry) };
  }

  async mount(content: Descriptor, from: Repository): Promise<boolean> {
    await this.called('mount', content.digest);
    const bytes = this.registries.stores(from).blobs.get(content.digest);
    if (bytes === undefined || !this.registries.mounts(this.repository.registry)) return false;
    if (
      this.registries.mountsOnlyNamed(this.repository.registry) &&
      !this.registries.stores(from).names(content.digest)
    )
      return false;
    this.blobs.set(content.digest, bytes);
    return true;
  }

  /** Whether a manifest names the blob. */
  names(blob: Digest): boolean {
    return [...this.manifests.values()].some(({ bytes }) => Buffer.from(bytes).includes(blob));
  }

  async referrers(subject: Digest): Promise<readonly Descriptor[]> {
    await this.called('referrers', subject);
    if (!this.registries.listsReferrers(this.repository.registry)) {
      const index = this.tagged.get(subject.replace(':', '-'));
      const bytes = index === undefined ? undefined : this.manifests.get(index)?.bytes;
      return bytes === undefined ? [] : JSON.parse(Buffer.from(bytes).toString()).manifests;
    }
    return [...this.manifests].flatMap(([digest, { mediaType, bytes }]) => {
      const manifest = JSON.parse(Buffer.from(bytes).toString());
      if (manifest.subject?.digest !== subject) return [];
      const artifactType = manifest.artifactType ?? manifest.config?.mediaType;
      const { annotations } = manifest;
      return [{ mediaType, digest, size: bytes.byteLength, artifactType, ...(annotations && { annotations }) }];
    });
  }

  async addReferrer(subject: Digest, referrer: Descriptor): Promise<void> {
    const tag = subject.replace(':', '-');
    const known = await this.referrers(subject);
    const index = {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [...known, referrer],
    };
    const bytes = Buffer.from(JSON.stringify(index));
    await this.pushManifest({ mediaType: index.mediaType, digest: digestOf(bytes), size: bytes.byteLength }, bytes, {
      tag,
    });
  }

  async *tags(): AsyncGenerator<string> {
    await this.called('tags', '');
    yield* this.tagged.keys();
  }

  /** Nothing that a tag leads to is absent: what every test of interruption asserts. */
  missing(): string[] {
    return [...this.tagged].flatMap(([tag, digest]) => this.below(digest).map((what) => `${tag} lacks ${what}`));
  }

  private below(digest: Digest): string[] {
    const manifest = this.manifests.get(digest);
    if (manifest === undefined) return [digest];
    const { manifests, blobs } = successors({ mediaType: manifest.mediaType, digest, size: 0 }, manifest.bytes);
    return [
      ...blobs
        .filter((blob) => !isForeignLayer(blob.mediaType) && !this.blobs.has(blob.digest))
        .map((blob) => blob.digest),
      ...manifests.flatMap((child) => this.below(child.digest)),
    ];
  }

  private refuseMissing(content: Descriptor, bytes: Uint8Array): void {
    const { manifests, blobs } = successors(content, bytes);
    const lacks = [
      ...manifests.filter((child) => !this.manifests.has(child.digest)),
      ...blobs.filter((blob) => !isForeignLayer(blob.mediaType) && !this.blobs.has(blob.digest)),
    ];
    if (lacks.length === 0) return;
    const names = lacks.map((descriptor) => descriptor.digest).join(', ');
    throw new MissingContent(
      `unknown to the registry: ${names}`,
      { status: 404, code: 'MANIFEST_BLOB_UNKNOWN' },
      'unavailable',
    );
  }

  private async called(operation: Call['operation'], what: string): Promise<void> {
    const call = { repository: formatRepository(this.repository), operation, what };
    this.registries.calls.push(call);
    await this.registries.fault(call);
  }

  private notFound(what: string): NotFound {
    return new NotFound(`${formatRepository(this.repository)}: ${what} is not there`, { status: 404 }, 'usage');
  }
}

export function unavailable(message = 'the registry is unavailable'): RegistryError {
  return new RegistryError('REGISTRY_FAILED', message, { status: 503 }, 'unavailable');
}

export function denied(): RegistryError {
  return new RegistryError('AUTH_DENIED', 'denied', { status: 403, code: 'DENIED' }, 'denied');
}

export function digestOf(bytes: Uint8Array): Digest {
  return parseDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
}

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += 1024) yield bytes.subarray(at, at + 1024);
}

/** Puts images into a memory store, each from few words. */
export class ImageMaker {
  constructor(private readonly store: MemoryStore) {}

  blob(text: string, mediaType = 'application/vnd.oci.image.layer.v1.tar+gzip'): Descriptor {
    const bytes = Buffer.from(text);
    const digest = digestOf(bytes);
    this.store.blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.byteLength };
  }

  image(layers: readonly string[], more: object = {}, tag?: string): Descriptor {
    return this.manifest(
      {
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        config: this.blob(JSON.stringify({ layers }), 'application/vnd.oci.image.config.v1+json'),
        layers: layers.map((layer) => this.blob(layer)),
        ...more,
      },
      tag,
    );
  }

  index(manifests: readonly Descriptor[], tag?: string): Descriptor {
    return this.manifest({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests }, tag);
  }

  manifest(document: { readonly mediaType: string; readonly [field: string]: unknown }, tag?: string): Descriptor {
    const bytes = Buffer.from(JSON.stringify(document));
    const digest = digestOf(bytes);
    this.store.manifests.set(digest, { mediaType: document.mediaType, bytes });
    if (tag !== undefined) this.store.tagged.set(tag, digest);
    return { mediaType: document.mediaType, digest, size: bytes.byteLength };
  }
}
