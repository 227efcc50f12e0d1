import type { Repository } from '../lib/model/reference';
import type { Options, Store, Stores } from './content';
import { NotFound } from './errors';
import type { Clock } from './ports';

/** Makes the repositories that a registry lacks. */
export interface RepositoryMaker {
  /** Whether a repository is this one's to make. */
  makes(repository: Repository): boolean;
  /** Asked before anything is written into one that it makes: completes what was begun and not ended. @throws EngineError */
  complete(repository: Repository, signal?: AbortSignal): Promise<void>;
  /** The registry does not know it: makes it. Asked many times, it does so once. @throws EngineError */
  make(repository: Repository, signal?: AbortSignal): Promise<void>;
}

/** A registry may take a moment to know a repository that was just made: tries, and the first wait in milliseconds. */
const TRIES = 6;
const FIRST_WAIT = 250;

/**
 * Stores whose writes make a repository that the registry says it does not know, and are then done again. What the registry
 * knows costs no request more.
 */
export function creatingStores(stores: Stores, maker: RepositoryMaker, clock: Clock): Stores {
  const made = new Map<Store, Store>();
  return (repository, side) => {
    const store = stores(repository, side);
    if (side !== 'destination' || !maker.makes(repository)) return store;
    const known = made.get(store);
    if (known !== undefined) return known;
    const creating = creatingStore(store, maker, clock);
    made.set(store, creating);
    return creating;
  };
}

function creatingStore(store: Store, maker: RepositoryMaker, clock: Clock): Store {
  const { repository } = store;
  async function written<T>(write: () => Promise<T>, { signal }: Options = {}): Promise<T> {
    await maker.complete(repository, signal);
    for (let attempt = 1; ; attempt++) {
      try {
        return await write();
      } catch (error) {
        if (!isUnknownRepository(error) || attempt === TRIES) throw error;
        if (attempt > 1) await clock.sleep(FIRST_WAIT * 2 ** (attempt - 2), signal);
        else await maker.make(repository, signal);
      }
    }
  }
  return {
    ...store,
    // The request that finds the repository missing is sent before the stream is read.
    pushBlob: (content, bytes, options) => written(() => store.pushBlob(content, bytes, options), options),
    pushManifest: (content, bytes, options) => written(() => store.pushManifest(content, bytes, options), options),
  };
}

/** Distribution-spec v1.1, "Error Codes", code-7. */
function isUnknownRepository(error: unknown): boolean {
  return error instanceof NotFound && error.answer.code === 'NAME_UNKNOWN';
}
