import { type Descriptor, isForeignLayer, isIndex, isManifest, MediaType } from '../../lib/model/descriptor';
import type { Digest } from '../../lib/model/digest';
import { sha256 } from './layout';

/** What a registry holds, found by plain HTTP and nothing of ours that is under test. */

const ACCEPT = [MediaType.OCI_INDEX, MediaType.OCI_MANIFEST, MediaType.DOCKER_LIST, MediaType.DOCKER_MANIFEST].join(
  ', ',
);

/** `http://host:port` and a repository in it. */
export interface Place {
  readonly url: string;
  readonly repository: string;
}

export interface RawManifest {
  readonly bytes: Buffer;
  readonly digest: Digest;
  readonly mediaType: string;
}

export async function rawManifest(place: Place, reference: string): Promise<RawManifest | undefined> {
  const answer = await fetch(`${place.url}/v2/${place.repository}/manifests/${reference}`, {
    headers: { accept: ACCEPT },
  });
  const bytes = Buffer.from(await answer.arrayBuffer());
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw new Error(`${place.repository}@${reference}: status ${answer.status}`);
  return { bytes, digest: sha256(bytes), mediaType: answer.headers.get('content-type') ?? '' };
}

/** All tags, or none when there is no such repository. */
export async function allTags(place: Place): Promise<string[]> {
  const tags: string[] = [];
  for (let next: string | undefined = `/v2/${place.repository}/tags/list?n=500`; next !== undefined; ) {
    const answer: Response = await fetch(new URL(next, place.url));
    const page = (await answer.json()) as { tags?: string[] | null };
    tags.push(...(answer.status === 200 ? (page.tags ?? []) : []));
    next = /<([^>]+)>;\s*rel="?next"?/.exec(answer.headers.get('link') ?? '')?.[1];
  }
  return tags;
}

/** What is missing or wrong beneath a reference: empty when the image is whole. One line for each. */
export async function whatIsMissing(place: Place, reference: string, seen = new Set<string>()): Promise<string[]> {
  if (seen.has(reference)) return [];
  seen.add(reference);
  const manifest = await rawManifest(place, reference);
  if (manifest === undefined) return [`manifest ${reference}`];
  if (reference.startsWith('sha256:') && manifest.digest !== reference) return [`bytes of manifest ${reference}`];
  const problems: string[] = [];
  for (const child of childrenOf(manifest)) {
    const isChildManifest = isIndex(manifest.mediaType) || isManifest(child.mediaType);
    problems.push(
      ...(isChildManifest ? await whatIsMissing(place, child.digest, seen) : await missingBlob(place, child, seen)),
    );
  }
  return problems;
}

/** Digests of everything beneath a reference, itself included. */
export async function graphOf(place: Place, reference: string): Promise<Map<Digest, Descriptor>> {
  const found = new Map<Digest, Descriptor>();
  const root = await rawManifest(place, reference);
  if (root === undefined) throw new Error(`${place.repository} has no ${reference}`);
  found.set(root.digest, { mediaType: root.mediaType, digest: root.digest, size: root.bytes.length });
  for (const child of childrenOf(root)) {
    if (isIndex(root.mediaType)) {
      for (const [digest, descriptor] of await graphOf(place, child.digest)) found.set(digest, descriptor);
    } else {
      found.set(child.digest, child);
    }
  }
  return found;
}

export function childrenOf(manifest: Pick<RawManifest, 'bytes'>): Descriptor[] {
  const parsed = JSON.parse(manifest.bytes.toString()) as {
    manifests?: Descriptor[];
    config?: Descriptor;
    layers?: Descriptor[];
  };
  const config = parsed.config === undefined ? [] : [parsed.config];
  return [...(parsed.manifests ?? []), ...config, ...(parsed.layers ?? [])].filter(
    (child) => !isForeignLayer(child.mediaType),
  );
}

async function missingBlob(place: Place, blob: Descriptor, seen: Set<string>): Promise<string[]> {
  if (seen.has(blob.digest)) return [];
  seen.add(blob.digest);
  const answer = await fetch(`${place.url}/v2/${place.repository}/blobs/${blob.digest}`, { method: 'HEAD' });
  if (answer.status !== 200) return [`blob ${blob.digest}: status ${answer.status}`];
  const size = Number(answer.headers.get('content-length'));
  return size === blob.size ? [] : [`blob ${blob.digest}: ${size} of ${blob.size} bytes`];
}

/** Referrers as the registry lists them: by its API, or by the fallback tag where it has none. */
export async function referrersOf(place: Place, subject: Digest): Promise<{ by: 'api' | 'tag'; digests: Digest[] }> {
  const answer = await fetch(`${place.url}/v2/${place.repository}/referrers/${subject}`);
  if (answer.status === 200) {
    const index = (await answer.json()) as { manifests: Descriptor[] };
    return { by: 'api', digests: index.manifests.map((entry) => entry.digest).sort() };
  }
  await answer.arrayBuffer();
  const fallback = await rawManifest(place, subject.replace(':', '-'));
  const listed = fallback === undefined ? [] : childrenOf(fallback);
  return { by: 'tag', digests: listed.map((entry) => entry.digest).sort() };
}
