import { formatRepository, type Repository } from '../lib/model/reference';
import type { Options, Stores } from './content';
import { CopyError } from './errors';

/** All tags of a source's repository. @throws CopyError, of the source */
export async function listTags(stores: Stores, repository: Repository, options?: Options): Promise<readonly string[]> {
  const tags: string[] = [];
  try {
    for await (const tag of stores(repository).tags?.(options) ?? []) tags.push(tag);
  } catch (cause) {
    throw new CopyError('source', 'list', `tags of ${formatRepository(repository)}`, cause);
  }
  return tags;
}
