import { parseEcrHost } from './ecr-host';
import type { DestinationTemplate, Mirror } from './mirror';
import { formatRepository } from './reference';

/**
 * A line about the destinations of a row that Amazon ECR's own replication serves as well: the same repository of the same
 * account in another region, with whatever is pushed. Undefined where the row asks for something that replication does not do.
 */
export function replicatedByEcr(mirror: Mirror): string | undefined {
  if (!wantsEverything(mirror)) return undefined;
  const places = mirror.destinations.filter((destination) => isReplica(mirror, destination));
  if (places.length === 0) return undefined;
  const names = places.map(({ repository }) => formatRepository(repository)).join(', ');
  return `got ${names}, the same repository in another region, with all that is in it; a replication rule of Amazon ECR would do`;
}

function wantsEverything(mirror: Mirror): boolean {
  const { select, referrers, artifactTypes, platforms, compare, minAge, keepPrevious, onConflict, expires } = mirror;
  const asked = [artifactTypes, platforms, compare, minAge, keepPrevious, onConflict, expires, mirror.requireSignature];
  if (!referrers || asked.some((one) => one !== undefined) || select.kind !== 'tags') return false;
  const { include, exclude, semver, latest } = select.selection;
  const isAll = include === undefined || include.includes('*');
  return isAll && (exclude ?? []).length === 0 && semver === undefined && latest === undefined;
}

function isReplica({ source }: Mirror, { repository, tag }: DestinationTemplate): boolean {
  const [from, to] = [parseEcrHost(source.registry), parseEcrHost(repository.registry)];
  if (from === undefined || to === undefined || tag !== undefined) return false;
  const isElsewhere = from.region !== to.region && from.partition === to.partition;
  return isElsewhere && from.account === to.account && source.name === repository.name;
}
