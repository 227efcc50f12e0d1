import type { Descriptor } from '../lib/model/descriptor';
import { isEcrPublic } from '../lib/model/ecr-host';
import { formatRepository } from '../lib/model/reference';
import type { Options, Store } from './content';
import { NotFound } from './errors';

/** To ask for something so small costs about as much as to send it. */
const SMALL = 16 * 1024;
/** Milliseconds; a repository that has not listed a tag by then is asked for everything instead. */
const PATIENCE = 3_000;

/**
 * Finds out what destination repositories hold with few questions. One without tags holds nothing, unless an earlier run was
 * stopped there: then it holds the blob that is asked for first, and is asked for the others, too.
 */
export class Holdings {
  private readonly tagless = new Map<string, Promise<boolean>>();
  private readonly firstBlobs = new Map<string, Promise<boolean>>();

  constructor(private readonly options: () => Options) {}

  /** Asks for the tags of a repository that is about to be copied to. */
  prepare(store: Store): void {
    void this.hasNoTags(store);
  }

  /** Planning has seen a tag. */
  hasTags(store: Store): void {
    this.tagless.set(formatRepository(store.repository), Promise.resolve(false));
  }

  /** Whether the store holds the content; false, too, where asking is not worth it. @throws what the store answers */
  async holds(kind: 'blob' | 'manifest', content: Descriptor, store: Store): Promise<boolean> {
    const ask = () => store.exists(content, this.options());
    if (kind === 'manifest') return (await this.hasNoTags(store)) ? false : ask();
    const key = formatRepository(store.repository);
    const first = this.firstBlobs.get(key);
    if (first === undefined) {
      const answer = ask();
      this.firstBlobs.set(key, answer);
      return answer;
    }
    if (content.size <= SMALL) return false;
    const begun = !(await this.hasNoTags(store)) || (await first.catch(() => true));
    return begun ? ask() : false;
  }

  private hasNoTags(store: Store): Promise<boolean> {
    const key = formatRepository(store.repository);
    const known = this.tagless.get(key) ?? listsNoTags(store, this.options());
    this.tagless.set(key, known);
    return known;
  }
}

/** A repository that does not say counts as one with tags. Never rejects. */
async function listsNoTags(store: Store, { signal }: Options): Promise<boolean> {
  // Amazon ECR Public lists tags seldom and slowly.
  if (store.tags === undefined || isEcrPublic(store.repository.registry)) return false;
  const patience = AbortSignal.timeout(PATIENCE);
  try {
    const either = signal === undefined ? patience : AbortSignal.any([signal, patience]);
    for await (const _ of store.tags({ signal: either, page: 1 })) return false;
    return true;
  } catch (error) {
    return error instanceof NotFound;
  }
}
