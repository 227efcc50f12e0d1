import { type Descriptor, isIndex, isManifest, isSchema1 } from '../lib/model/descriptor';
import { isDigest } from '../lib/model/digest';
import { show } from '../lib/model/invalid';
import { Unsupported } from './errors';

/** What a manifest names: everything that must be at the destination before it. */
export interface Successors {
  /** Children of an index, in its order, each digest once. */
  readonly manifests: readonly Descriptor[];
  /** Config and layers, in order, each digest once. */
  readonly blobs: readonly Descriptor[];
}

/** Far above what registries hold; a manifest has at most 4 MiB anyway. */
const MOST_CHILDREN = 20_000;

/**
 * The children of a manifest. Decided by what the document holds rather than by its media type, because unknown types must be
 * copied too (image-spec v1.1, manifest.md "mediaType"). A `subject` is no child: a registry takes a manifest without it.
 *
 * @throws Unsupported for schema 1, and for bytes that are no manifest.
 */
export function successors(descriptor: Descriptor, bytes: Uint8Array): Successors {
  refuseSchema1(descriptor);
  const manifest = parseManifest(descriptor, bytes);
  if (manifest.schemaVersion === 1) refuseSchema1({ ...descriptor, mediaType: 'schema 1' }, true);
  refuseOtherKind(descriptor, manifest);
  const children = descriptors(descriptor, manifest, 'manifests');
  return {
    manifests: unique(children.filter((child) => isManifest(child.mediaType) || mayBeManifest(child))),
    blobs: unique([
      ...(manifest.config === undefined ? [] : [readDescriptor(descriptor, 'config', manifest.config)]),
      ...descriptors(descriptor, manifest, 'layers'),
      ...descriptors(descriptor, manifest, 'blobs'),
      ...children.filter((child) => !isManifest(child.mediaType) && !mayBeManifest(child)),
    ]),
  };
}

/** The blobs that a manifest names; none of one that makes no sense, which whoever copies it says. */
export function namedBlobs(manifest: Descriptor, bytes: Uint8Array): readonly Descriptor[] {
  try {
    return successors(manifest, bytes).blobs;
  } catch {
    return [];
  }
}

/** What a manifest says of itself as a referrer: its subject, and the descriptor that an index of referrers has for it. */
export interface ReferrerView {
  readonly subject: Descriptor;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The subject of a manifest and what an index of referrers says about it (distribution-spec v1.1, "Pushing Manifests with Subject"). */
export function referrerView(descriptor: Descriptor, bytes: Uint8Array): ReferrerView | undefined {
  const manifest = parseManifest(descriptor, bytes);
  if (manifest.subject === undefined || manifest.subject === null) return undefined;
  const config = manifest.config as { mediaType?: unknown } | undefined;
  const artifactType = text(manifest.artifactType) ?? text(config?.mediaType);
  const annotations = textsIn(manifest.annotations);
  return {
    subject: readDescriptor(descriptor, 'subject', manifest.subject),
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

export interface Manifest {
  readonly schemaVersion?: unknown;
  readonly mediaType?: unknown;
  readonly config?: unknown;
  readonly subject?: unknown;
  readonly artifactType?: unknown;
  readonly annotations?: unknown;
  readonly [list: string]: unknown;
}

function refuseSchema1(descriptor: Descriptor, certain = isSchema1(descriptor.mediaType)): void {
  if (!certain) return;
  throw new Unsupported(
    'MANIFEST_UNSUPPORTED',
    `${descriptor.digest}: got a Docker image manifest version 2, schema 1, which Docker has withdrawn; ` +
      'an image pushed again by a current client would do',
  );
}

/** A registry may say something else of a tag than its manifest says of itself; no destination would take that. */
function refuseOtherKind({ digest, mediaType }: Descriptor, { mediaType: own }: Manifest): void {
  if (typeof own !== 'string' || !isManifest(mediaType) || !isManifest(own) || isIndex(mediaType) === isIndex(own))
    return;
  const kind = (type: string) => (isIndex(type) ? 'an index' : 'an image');
  throw new Unsupported(
    'MANIFEST_UNSUPPORTED',
    `${digest}: got ${kind(own)}; ${kind(mediaType)}, as was announced, would do`,
  );
}

/** @throws Unsupported for bytes that are no manifest. */
export function parseManifest(descriptor: Descriptor, bytes: Uint8Array): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new Unsupported(
      'MANIFEST_UNSUPPORTED',
      `${descriptor.digest}: got a manifest that is not JSON; an OCI or Docker manifest would do`,
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Unsupported(
      'MANIFEST_UNSUPPORTED',
      `${descriptor.digest}: got ${show(value)} for a manifest; a JSON object would do`,
    );
  }
  return value as Manifest;
}

function descriptors(of: Descriptor, manifest: Manifest, field: 'manifests' | 'layers' | 'blobs'): Descriptor[] {
  const list = manifest[field];
  // An index without children is legal, and so is `null` where Go writes an empty list.
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) throw malformed(of, field, list);
  if (list.length > MOST_CHILDREN) {
    throw new Unsupported('TOO_LARGE', `${of.digest}: got ${list.length} ${field}; at most ${MOST_CHILDREN} would do`);
  }
  return list.map((item, position) => readDescriptor(of, `${field}[${position}]`, item));
}

function readDescriptor(of: Descriptor, field: string, value: unknown): Descriptor {
  const candidate = value as Partial<Descriptor> | null;
  if (typeof candidate !== 'object' || candidate === null || !isDigest(candidate.digest)) {
    throw malformed(of, `${field}.digest`, candidate?.digest ?? value);
  }
  if (typeof candidate.mediaType !== 'string') throw malformed(of, `${field}.mediaType`, candidate.mediaType);
  if (!Number.isSafeInteger(candidate.size) || (candidate.size as number) < 0) {
    throw malformed(of, `${field}.size`, candidate.size);
  }
  // No more of it than is used: thousands of them may be held at once, and what else they hold has no bound.
  const { mediaType, digest, size } = candidate as Descriptor;
  return { mediaType, digest, size };
}

function malformed(of: Descriptor, field: string, got: unknown): Unsupported {
  return new Unsupported(
    'MANIFEST_UNSUPPORTED',
    `${of.digest}: manifest field ${field}: got ${show(got)}; a descriptor as in the image specification would do`,
  );
}

/** An index may list types that we do not know. They are manifests unless they are known to be something else. */
function mayBeManifest(child: Descriptor): boolean {
  return isIndex(child.mediaType) || /manifest|index/i.test(child.mediaType);
}

function unique(list: readonly Descriptor[]): Descriptor[] {
  return [...new Map(list.map((descriptor) => [descriptor.digest, descriptor])).values()];
}

/** Annotations map text to text (image-spec v1.1, annotations.md); what else is among them no registry would take in an index. */
function textsIn(value: unknown): Readonly<Record<string, string>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.fromEntries(Object.entries(value).filter(([, one]) => typeof one === 'string'));
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
