import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Descriptor, MediaType, type Platform } from '../../lib/model/descriptor';
import { type Digest, digestEncoded, parseDigest } from '../../lib/model/digest';

/** An OCI image layout on disk (image-spec v1.1, image-layout.md): what umoci makes and skopeo pushes. Written by hand here, so that nothing under test made the input. */
export interface Layout {
  readonly folder: string;
}

export interface Json {
  readonly [name: string]: unknown;
}

export function newLayout(folder: string): Layout {
  mkdirSync(join(folder, 'blobs', 'sha256'), { recursive: true });
  writeFileSync(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(folder, 'index.json'), '{"schemaVersion":2,"manifests":[]}');
  return { folder };
}

export function sha256(bytes: Uint8Array): Digest {
  return parseDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
}

export function addBlob(layout: Layout, mediaType: string, content: Uint8Array | string): Descriptor {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const digest = sha256(bytes);
  writeFileSync(blobFile(layout, digest), bytes);
  return { mediaType, digest, size: bytes.length };
}

export function addManifest(layout: Layout, mediaType: string, manifest: Json, tag?: string): Descriptor {
  const descriptor = addBlob(layout, mediaType, JSON.stringify(manifest));
  if (tag !== undefined) tagManifest(layout, descriptor, tag);
  return descriptor;
}

export function tagManifest(layout: Layout, descriptor: Descriptor, tag: string): void {
  const file = join(layout.folder, 'index.json');
  const index = JSON.parse(readFileSync(file, 'utf8')) as { manifests: Descriptor[] };
  const others = index.manifests.filter((entry) => entry.annotations?.[REF_NAME] !== tag);
  const { mediaType, digest, size } = descriptor;
  const manifests = [...others, { mediaType, digest, size, annotations: { [REF_NAME]: tag } }];
  writeFileSync(file, JSON.stringify({ ...index, manifests }));
}

const REF_NAME = 'org.opencontainers.image.ref.name';

/** The descriptor of a tag, without the layout's own annotations. */
export function tagged(layout: Layout, tag: string): Descriptor {
  const index = JSON.parse(readFileSync(join(layout.folder, 'index.json'), 'utf8')) as { manifests: Descriptor[] };
  const found = index.manifests.find((entry) => entry.annotations?.[REF_NAME] === tag);
  if (found === undefined) throw new Error(`${layout.folder} has no ${tag}`);
  return { mediaType: found.mediaType, digest: found.digest, size: found.size };
}

export function readBlob(layout: Layout, digest: Digest): Buffer {
  return readFileSync(blobFile(layout, digest));
}

function blobFile(layout: Layout, digest: Digest): string {
  return join(layout.folder, 'blobs', 'sha256', digestEncoded(digest));
}

/** An index over manifests of the layout. */
export function addIndex(layout: Layout, children: readonly Descriptor[], tag: string, more: Json = {}): Descriptor {
  const index = { schemaVersion: 2, mediaType: MediaType.OCI_INDEX, manifests: children, ...more };
  return addManifest(layout, MediaType.OCI_INDEX, index, tag);
}

export function forPlatform(child: Descriptor, platform: Platform): Descriptor {
  return { ...child, platform };
}

/** An artifact (image-spec v1.1, manifest.md "Guidelines for Artifact Usage"): empty config, one layer, and what it is about. */
export function addArtifact(
  layout: Layout,
  artifact: { readonly type: string; readonly content: string; readonly subject: Descriptor },
  tag: string,
): Descriptor {
  const { mediaType, digest, size } = artifact.subject;
  const manifest = {
    schemaVersion: 2,
    mediaType: MediaType.OCI_MANIFEST,
    artifactType: artifact.type,
    config: addBlob(layout, MediaType.OCI_EMPTY, '{}'),
    layers: [addBlob(layout, artifact.type, artifact.content)],
    subject: { mediaType, digest, size },
  };
  return { ...addManifest(layout, MediaType.OCI_MANIFEST, manifest, tag), artifactType: artifact.type };
}

/** The tag under which referrers are listed where there is no API for it (distribution-spec v1.1, "Referrers Tag Schema"). */
export function referrersTag(subject: Digest): string {
  return subject.replace(':', '-');
}
