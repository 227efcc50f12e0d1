import type { AwsClients } from '../aws/clients';
import { awsFailure } from '../aws/errors';
import { reason } from '../engine/errors';
import { mapWithin } from '../engine/gate';
import type { Copy } from '../lib/model/copy';
import { isManifest } from '../lib/model/descriptor';
import type { Digest } from '../lib/model/digest';
import { type EcrHost, parseEcrHost } from '../lib/model/ecr-host';
import { nearQuota, type Price, type QuotaPrice } from '../lib/model/price';
import { formatRepository, type Repository } from '../lib/model/reference';
import { expectedPulls } from '../lib/model/spread';
import type { Measured } from './image-size';

const AT_ONCE = 4;
/** Repositories whose images are counted; of more than these nothing is said. */
const MOST_COUNTED = 200;

export type EcrPrice = Pick<Price, 'create' | 'quotas' | 'unknown'>;

/** Copies that go to one repository of Amazon ECR. */
interface Place {
  readonly repository: Repository;
  readonly host: EcrHost;
  readonly copies: Copy[];
}

/** Repositories that are not there, and quotas that come near: asked of Amazon ECR's API, for the repositories concerned alone. */
export async function priceEcr(
  copies: readonly Copy[],
  sizes: ReadonlyMap<Copy, Measured | undefined>,
  open: () => Promise<AwsClients>,
): Promise<EcrPrice> {
  const create: string[] = [];
  const quotas: QuotaPrice[] = [];
  const unknown: string[] = [];
  let counted = 0;
  for (const [registry, places] of placesOf(copies)) {
    try {
      const found = await priceRegistry(registry, places, sizes, await open(), MOST_COUNTED - counted);
      counted += found.counted;
      create.push(...found.create);
      quotas.push(...found.quotas);
    } catch (cause) {
      unknown.push(`${registry}: repositories and quotas: ${reason(awsFailure('Amazon ECR', cause))}`);
    }
  }
  return { create, quotas, unknown };
}

function placesOf(copies: readonly Copy[]): ReadonlyMap<string, readonly Place[]> {
  const registries = new Map<string, Map<string, Place>>();
  for (const copy of copies) {
    for (const { reference } of copy.destinations) {
      const { repository } = reference;
      const host = parseEcrHost(repository.registry);
      if (host === undefined) continue;
      const places = registries.get(repository.registry) ?? new Map<string, Place>();
      registries.set(repository.registry, places);
      const place = places.get(repository.name) ?? { repository, host, copies: [] };
      places.set(repository.name, place);
      if (!place.copies.includes(copy)) place.copies.push(copy);
    }
  }
  return new Map([...registries].map(([registry, places]) => [registry, [...places.values()]]));
}

async function priceRegistry(
  registry: string,
  places: readonly Place[],
  sizes: ReadonlyMap<Copy, Measured | undefined>,
  clients: AwsClients,
  mostCounted: number,
) {
  const { listRepositories } = await import('../aws/ecr-inventory');
  const [{ host } = { host: undefined }] = places;
  if (host === undefined) return { create: [], quotas: [], counted: 0 };
  const there = await listRepositories(clients.ecr(host.region), host.account);
  const missing = places.filter(({ repository }) => !there.has(repository.name));
  const others = places.filter(({ repository }) => there.has(repository.name)).slice(0, Math.max(0, mostCounted));
  const near = await mapWithin(AT_ONCE, others, (place) => priceRepository(place, sizes, clients));
  const repositories = nearQuota({ quota: 'repositories', of: registry, used: there.size, adding: missing.length });
  return {
    create: missing.map(({ repository }) => formatRepository(repository)),
    quotas: [...repositories, ...near.flat()],
    counted: others.length,
  };
}

async function priceRepository(
  { repository, host, copies }: Place,
  sizes: ReadonlyMap<Copy, Measured | undefined>,
  clients: AwsClients,
): Promise<readonly QuotaPrice[]> {
  const { countTags } = await import('../aws/ecr-inventory');
  const place = { registryId: host.account, repositoryName: repository.name };
  const tags = await countTags(clients.ecr(host.region), place);
  const of = formatRepository(repository);
  const images = { quota: 'images', of, used: tags.size, adding: newImages(copies, sizes, tags) } as const;
  return [...nearQuota(images), ...copies.flatMap((copy) => nearTags(copy, repository, tags))];
}

/** Manifests that are not there: an image, or an index with its children, each counts as one. */
function newImages(
  copies: readonly Copy[],
  sizes: ReadonlyMap<Copy, Measured | undefined>,
  there: ReadonlyMap<Digest, number>,
): number {
  const found = new Set<Digest>();
  let guessed = 0;
  for (const copy of copies) {
    const contents = sizes.get(copy)?.contents;
    for (const { digest, mediaType } of contents?.values() ?? []) {
      if (isManifest(mediaType) && !there.has(digest)) found.add(digest);
    }
    if (contents === undefined && !there.has(copy.root.digest)) guessed += expectedPulls(copy);
  }
  return found.size + guessed;
}

function nearTags(copy: Copy, repository: Repository, there: ReadonlyMap<Digest, number>): readonly QuotaPrice[] {
  const { digest } = copy.root;
  const adding = copy.destinations.filter(
    ({ reference }) =>
      reference.tag !== undefined && formatRepository(reference.repository) === formatRepository(repository),
  ).length;
  const of = `${formatRepository(repository)}@${digest}`;
  return nearQuota({ quota: 'tags', of, used: there.get(digest) ?? 0, adding });
}
