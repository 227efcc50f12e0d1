import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Store } from '../engine/content';
import { EngineError, reason } from '../engine/errors';
import { layoutDirectory, layoutRepository, openLayout } from '../engine/layout';
import type { FailureCause } from '../lib/model/outcome';
import { formatRepository, type Repository } from '../lib/model/reference';
import { ARCHIVE_SCHEME } from './location';

/** Bytes of a file that are read at once; as it is, tar takes 16 MiB. */
const READ_AT_ONCE = 256 * 1024;

/** A tar file that could not be unpacked or written. */
class ArchiveFailed extends EngineError {
  readonly failure: FailureCause = 'usage';
  constructor(message: string) {
    super('STORAGE_FAILED', message);
  }
}

/** Image layouts packed as tar files, each unpacked into a temporary folder for as long as it is in use. */
export interface Archives {
  /** Unpacks the file, if it is there; what is in it stays in it. @throws EngineError */
  open(repository: Repository): Promise<void>;
  /** The layout of an archive that was opened. */
  store(repository: Repository): Store;
  /** The folder that an archive was unpacked into. */
  folder(repository: Repository): string;
  /** Writes an archive back, in one step. */
  save(repository: Repository): Promise<void>;
  /** Unpacks a file into a folder that is made for it. @throws EngineError */
  unpack(repository: Repository, into: string): Promise<void>;
  /** Writes a folder as a tar file, in one step. @throws EngineError */
  pack(repository: Repository, from: string): Promise<void>;
  /** Removes the temporary folders. */
  close(): Promise<void>;
}

export function openArchives(): Archives {
  const folders = new Map<string, string>();
  const folder = ({ name }: Repository) => {
    const known = folders.get(name);
    if (known === undefined) throw new Error(`the archive ${name} was not opened`);
    return known;
  };
  return {
    async open(repository) {
      if (folders.has(repository.name)) return;
      const temporary = await mkdtemp(join(tmpdir(), 'ecr-mirror-'));
      folders.set(repository.name, temporary);
      const file = layoutDirectory(repository);
      if ((await stat(file).catch(() => undefined)) === undefined) return;
      await this.unpack(repository, temporary);
    },
    store: (repository) => openLayout(folder(repository), repository),
    folder,
    async save(repository) {
      await this.pack(repository, folder(repository));
    },
    async unpack(repository, into) {
      await mkdir(into, { recursive: true });
      const unpacking = unpack(layoutDirectory(repository), into);
      await unpacking.catch(failed('unpack', repository, 'a tar file of an OCI image layout would do'));
    },
    async pack(repository, from) {
      const write = pack(from, layoutDirectory(repository));
      await write.catch(failed('write', repository, 'a folder that this user may write to would do'));
    },
    async close() {
      for (const temporary of folders.values()) await rm(temporary, { recursive: true, force: true });
      folders.clear();
    },
  };
}

/** The repository that stands for a tar file. */
export function archiveRepository(file: string): Repository {
  return layoutRepository(file, ARCHIVE_SCHEME);
}

function failed(operation: string, repository: Repository, remedy: string): (cause: unknown) => never {
  return (cause) => {
    throw new ArchiveFailed(`${operation} ${formatRepository(repository)}: got ${reason(cause)}; ${remedy}`);
  };
}

/** Only what a layout consists of leaves the archive: no links, no devices, nothing outside. */
async function unpack(file: string, into: string): Promise<void> {
  const { extract } = await import('tar');
  await extract({
    file,
    cwd: into,
    maxReadSize: READ_AT_ONCE,
    strict: true,
    preservePaths: false,
    noChmod: true,
    filter: (path, entry) =>
      /^(?:\.\/)?(?:oci-layout|index\.json|blobs(?:\/sha(?:256|512)(?:\/[a-f0-9]+)?)?)$/.test(
        path.replace(/\/$/, ''),
      ) &&
      'type' in entry &&
      (entry.type === 'File' || entry.type === 'OldFile' || entry.type === 'Directory'),
  });
}

async function pack(folder: string, file: string): Promise<void> {
  const { create } = await import('tar');
  const partial = join(dirname(file), `.partial-${randomUUID()}`);
  try {
    await create({ file: partial, cwd: folder, portable: true, noMtime: true, maxReadSize: READ_AT_ONCE }, [
      'oci-layout',
      'index.json',
      'blobs',
    ]);
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}
