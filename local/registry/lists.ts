import { MediaType } from '../../lib/model/descriptor';
import { answerJson, checkDigest, type Exchange, findRepository } from './exchange';
import { Fault } from './fault';
import type { RepositoryState, StoredManifest } from './state';

/** GET of `tags/list` (distribution-spec v1.1, "Listing Tags"). */
export function listTags(exchange: Exchange, name: string): Promise<void> {
  const { core, url } = exchange;
  const { tagPages, kind } = core.personality;
  const repository = findRepository(exchange, name);
  if (kind !== 'ecr' && repository.manifests.size === 0) throw core.personality.nameUnknown(name);
  const n = pageSize(url.searchParams.get('n'), tagPages.most) ?? tagPages.usual;
  const visible = [...repository.tags]
    .filter(([, digest]) => isVisible(exchange, repository, digest))
    .map(([tag]) => tag);
  const tags = tagPages.opaque ? visible : visible.sort();
  const start = firstAfter(tags, url.searchParams.get('last'), tagPages.opaque);
  const page = tags.slice(start, n === undefined ? undefined : start + n);
  const more = page.length > 0 && start + page.length < tags.length;
  const last = tagPages.opaque ? Buffer.from(page.at(-1) ?? '').toString('base64url') : (page.at(-1) ?? '');
  const next = `/v2/${name}/tags/list?last=${encodeURIComponent(last)}&n=${n}`;
  return answerJson(exchange, { name, tags: page }, more ? { link: `<${next}>; rel="next"` } : {});
}

function isVisible({ core }: Exchange, repository: RepositoryState, digest: string): boolean {
  const manifest = repository.manifests.get(digest);
  return manifest !== undefined && core.personality.visible(manifest);
}

function pageSize(n: string | null, most: number | undefined): number | undefined {
  if (n === null) return undefined;
  if (!/^\d{1,9}$/.test(n)) throw new Fault(400, 'UNSUPPORTED', 'invalid number of results requested');
  if (most !== undefined && Number(n) > most) {
    const rule = `Member must have value less than or equal to ${most}`;
    throw new Fault(400, 'UNSUPPORTED', `Invalid parameter at 'maxResults' failed to satisfy constraint: '${rule}'`);
  }
  return Number(n);
}

/** In a sorted list whatever comes after `last`, which may be gone; with opaque pages, what follows that very tag. */
function firstAfter(tags: readonly string[], last: string | null, opaque: boolean): number {
  if (last === null) return 0;
  if (opaque) return tags.indexOf(Buffer.from(last, 'base64url').toString()) + 1;
  const at = tags.findIndex((tag) => tag > last);
  return at < 0 ? tags.length : at;
}

/** GET of `referrers/<digest>` (distribution-spec v1.1, "Listing Referrers"). */
export function listReferrers(exchange: Exchange, name: string, reference: string): Promise<void> {
  const { core, url } = exchange;
  if (core.options.referrers === false) throw new Fault(404, 'UNSUPPORTED', 'page not found');
  const subject = checkDigest(exchange, reference);
  const repository = findRepository(exchange, name);
  const type = url.searchParams.get('artifactType');
  const found = referrersOf(repository, subject)
    .filter((manifest) => core.personality.visible(manifest))
    .map(referrerDescriptor)
    .filter((descriptor) => type === null || descriptor.artifactType === type);
  const size = core.options.referrersPage ?? Math.max(found.length, 1);
  const start = Number(url.searchParams.get('start') ?? 0) || 0;
  const filter = type === null ? '' : `&artifactType=${encodeURIComponent(type)}`;
  const next = `/v2/${name}/referrers/${subject}?start=${start + size}${filter}`;
  const manifests = found.slice(start, start + size);
  return answerJson(
    exchange,
    { schemaVersion: 2, mediaType: MediaType.OCI_INDEX, manifests },
    {
      'content-type': MediaType.OCI_INDEX,
      ...(type === null ? {} : { 'oci-filters-applied': 'artifactType' }),
      ...(start + size < found.length ? { link: `<${next}>; rel="next"` } : {}),
    },
  );
}

export function referrersOf(repository: RepositoryState, subject: string): StoredManifest[] {
  return [...repository.manifests.values()].filter((manifest) => manifest.parsed.subject?.digest === subject);
}

/** With the artifact type and annotations of the manifest, as the listing has them. */
export function referrerDescriptor({ descriptor, parsed }: StoredManifest) {
  const { artifactType, annotations } = parsed;
  return {
    ...descriptor,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}
