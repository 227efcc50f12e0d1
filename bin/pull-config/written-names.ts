import { formatRepository, type Repository } from '../../lib/model/reference';

/** How people write a repository's name: in full, and at Docker Hub in short. The longest first. */
export function writtenNames(repository: Repository): readonly string[] {
  const { registry, name } = repository;
  const full = formatRepository(repository);
  if (registry !== 'docker.io') return [full];
  const official = name.startsWith('library/')
    ? [`docker.io/${name.slice('library/'.length)}`, name.slice('library/'.length)]
    : [];
  return [full, name, ...official].sort((a, b) => b.length - a.length);
}
