import { parseEcrHost } from './ecr-host';
import { formatRepository, type Reference, type Repository } from './reference';

/** One text for one repository, whichever of Amazon ECR's host names it is written with. */
export function repositoryPlace(repository: Repository): string {
  const host = parseEcrHost(repository.registry);
  return host === undefined ? formatRepository(repository) : `ecr/${host.account}/${host.region}/${repository.name}`;
}

/** The same for a tag, or for a digest where there is none. */
export function tagPlace({ repository, tag, digest }: Reference): string {
  return `${repositoryPlace(repository)}${tag === undefined ? `@${digest ?? ''}` : `:${tag}`}`;
}
