import { rename, rm, stat } from 'node:fs/promises';
import { layoutDirectory } from '../engine/layout';
import { InvalidValue, show } from '../lib/model/invalid';
import { formatRepository, type Repository } from '../lib/model/reference';
import type { Archives } from './archive';
import { ARCHIVE_SCHEME, isLocal, parseLocation } from './location';
import type { Bookcase } from './shelves';
import { UsageError } from './usage';

/** A layout that a command names, of many images: a folder, or a tar file. */

/** @param what how the user gave it: `--output` @throws UsageError unless it is `oci:DIR` or `oci-archive:FILE` */
export function layoutPlace(what: string, text: string, cwd: string): Repository {
  try {
    const { repository, tag, digest } = parseLocation(text, cwd);
    if (isLocal(repository) && tag === undefined && digest === undefined) return repository;
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
  }
  throw new UsageError(`${what}: got ${show(text)}; oci:DIR or oci-archive:FILE would do`);
}

/** The layout to be read: a tar file is unpacked into a folder of its own, for as long as it is in use. */
export async function openForReading(place: Repository, archives: Archives): Promise<Bookcase> {
  const registry = formatRepository(place);
  if (place.registry !== ARCHIVE_SCHEME) return { registry, directory: layoutDirectory(place) };
  await archives.open(place);
  return { registry, directory: archives.folder(place) };
}

/** A layout that is being written. */
export interface Written {
  readonly bookcase: Bookcase;
  /** What was written is where it is to be. */
  done(): Promise<void>;
}

/**
 * The layout to be added to. A tar file grows in a folder beside it, `FILE.layout`, which stays when the run is stopped, so that
 * the next one goes on with it.
 */
export async function openForWriting(place: Repository, archives: Archives): Promise<Written> {
  const registry = formatRepository(place);
  const path = layoutDirectory(place);
  const nothing = async () => undefined;
  if (place.registry !== ARCHIVE_SCHEME) return { bookcase: { registry, directory: path }, done: nothing };
  const folder = `${path}.layout`;
  if (!(await exists(folder)) && (await exists(path))) {
    const whole = `${folder}.unpacking`;
    await rm(whole, { recursive: true, force: true });
    await archives.unpack(place, whole);
    await rename(whole, folder);
  }
  return {
    bookcase: { registry, directory: folder },
    async done() {
      if (!(await exists(folder))) return;
      await archives.pack(place, folder);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
