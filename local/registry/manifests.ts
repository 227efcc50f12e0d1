import { createHash } from 'node:crypto';
import type { Digest } from '../../lib/model/digest';
import { digestAlgorithm } from '../../lib/model/digest';
import { isTag } from '../../lib/model/reference';
import { answer, checkDigest, type Exchange, findRepository, location, repositoryForPush, wholeBody } from './exchange';
import { Fault } from './fault';
import { neededBlobs, type ParsedManifest, parseManifest } from './manifest';
import { findManifest, type RepositoryState, type StoredManifest, storeManifest } from './state';

/** "Registries SHOULD accept manifests of at least 4 MiB" (distribution-spec v1.1, "Pushing Manifests"); no more here. */
const LARGEST = 4 * 1024 * 1024;

/** GET and HEAD of a manifest. */
export function readManifest(exchange: Exchange, name: string, reference: string): Promise<void> {
  const { core, request, caller } = exchange;
  const { personality } = core;
  const head = request.method === 'HEAD';
  personality.spend('BatchGetImage');
  const repository = findRepository(exchange, name);
  const byTag = !reference.includes(':');
  if (!byTag) checkDigest(exchange, reference);
  const found = findManifest(repository, reference);
  if (found === undefined || !personality.visible(found)) throw personality.manifestUnknown(repository, reference);
  const { mediaType, digest, bytes } = personality.represent(found, byTag, accepted(request.headers.accept));
  const metered = personality.meter(request.method ?? 'GET', caller);
  if (!head) found.pulledAt = core.clock.now();
  const digestHeader: Record<string, string> =
    head || personality.digestOnGet ? { 'docker-content-digest': digest } : {};
  return answer(exchange, 200, { ...metered, ...digestHeader, 'content-type': mediaType }, bytes);
}

/** PUT: stores the exact bytes when all that they name is there. */
export async function putManifest(exchange: Exchange, name: string, reference: string): Promise<void> {
  const { core, request } = exchange;
  const bytes = await wholeBody(exchange, LARGEST);
  core.personality.spend('PutImage');
  const tag = reference.includes(':') ? undefined : reference;
  if (tag !== undefined && !isTag(tag)) throw new Fault(400, 'MANIFEST_INVALID', 'invalid tag');
  const mediaType = (request.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
  const parsed = parseManifest(bytes, mediaType);
  const digest = tag === undefined ? verified(bytes, checkDigest(exchange, reference)) : digestOf(bytes, 'sha256');

  const repository = repositoryForPush(exchange, name);
  checkChildren(exchange, repository, parsed);
  if (tag !== undefined) core.personality.checkTag(repository, tag);
  const stored = storeManifest(repository, { mediaType, digest }, bytes, core.clock.now());
  if (tag !== undefined) repository.tags.set(tag, digest);
  announce(exchange, repository, stored, tag);

  const { options } = core;
  const listed = parsed.subject !== undefined && (options.announceSubject ?? options.referrers !== false);
  return answer(exchange, 201, {
    location: location(exchange, `/v2/${name}/manifests/${digest}`),
    'docker-content-digest': digest,
    ...(listed ? { 'oci-subject': parsed.subject?.digest ?? '' } : {}),
  });
}

/** DELETE: a tag alone, or a manifest with all its tags. */
export function deleteManifest(exchange: Exchange, name: string, reference: string): Promise<void> {
  const { personality } = exchange.core;
  if (!personality.deletes) throw new Fault(405, 'UNSUPPORTED', 'The operation is unsupported.');
  const repository = findRepository(exchange, name);
  const found = findManifest(repository, reference);
  if (found === undefined) throw personality.manifestUnknown(repository, reference);
  if (reference.includes(':')) removeManifest(repository, found.descriptor.digest);
  else repository.tags.delete(reference);
  return answer(exchange, 202);
}

export function removeManifest(repository: RepositoryState, digest: string): void {
  repository.manifests.delete(digest);
  for (const [tag, tagged] of repository.tags) if (tagged === digest) repository.tags.delete(tag);
}

function checkChildren({ core }: Exchange, repository: RepositoryState, parsed: ParsedManifest): void {
  const blobs = neededBlobs(parsed).filter((blob) => !repository.blobs.has(blob.digest));
  if (blobs.length > 0) throw core.personality.missing(repository, 'blobs', digests(blobs));
  const children = parsed.manifests.filter(
    ({ digest }) => !repository.manifests.has(digest) && !repository.blobs.has(digest),
  );
  if (children.length > 0) throw core.personality.missing(repository, 'manifests', digests(children));
}

function digests(missing: readonly { readonly digest: Digest }[]): string[] {
  return [...new Set(missing.map((one) => one.digest))];
}

function announce({ core }: Exchange, repository: RepositoryState, stored: StoredManifest, tag = ''): void {
  const { mediaType, digest } = stored.descriptor;
  const { artifactType } = stored.parsed;
  core.options.onPush?.({
    repository: repository.name,
    digest,
    tag,
    mediaType,
    ...(artifactType === undefined ? {} : { artifactType }),
    time: core.clock.now(),
  });
}

function verified(bytes: Uint8Array, digest: Digest): Digest {
  if (digestOf(bytes, digestAlgorithm(digest)) === digest) return digest;
  throw new Fault(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content');
}

function digestOf(bytes: Uint8Array, algorithm: 'sha256' | 'sha512'): Digest {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` as Digest;
}

/** Media types of an Accept header, in the order given; without quality values. */
function accepted(header: string | undefined): string[] {
  return (header ?? '')
    .split(',')
    .map((part) => (part.split(';')[0] ?? '').trim())
    .filter((part) => part !== '');
}
