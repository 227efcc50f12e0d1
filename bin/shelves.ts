import type { Store, Stores } from '../engine/content';
import { openLayout } from '../engine/layout';
import { byReference } from '../engine/layout-names';
import type { Digest } from '../lib/model/digest';
import { formatRepository, type Repository } from '../lib/model/reference';

/** A layout that holds the images of many repositories, as `export` writes it. */
export interface Bookcase {
  /** What stands for a registry in its repositories: `oci:` or `oci-archive:` and a path. */
  readonly registry: string;
  readonly directory: string;
  /** Blobs of a repository that an earlier export holds. @default - nothing */
  readonly elsewhere?: ReadonlyMap<string, ReadonlySet<Digest>>;
}

/** Where the images of a repository are in it. */
export function shelfOf({ registry }: Bookcase, repository: Repository): Repository {
  return { registry, name: formatRepository(repository) };
}

/** The same stores, and those of a layout beside them. */
export function withShelves(stores: Stores, { registry, directory, elsewhere }: Bookcase): Stores {
  const shelves = new Map<string, Store>();
  return (repository, side) => {
    if (repository.registry !== registry) return stores(repository, side);
    const held = elsewhere?.get(repository.name);
    const naming = byReference(repository.name);
    const shelf =
      shelves.get(repository.name) ??
      openLayout(directory, repository, { naming, ...(held === undefined ? {} : { elsewhere: held }) });
    shelves.set(repository.name, shelf);
    return shelf;
  };
}
