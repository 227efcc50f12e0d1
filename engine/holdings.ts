import type { Descriptor } from '../lib/model/descriptor';
import { isEcrPublic } from '../lib/model/ecr-host';
import { formatRepository } from '../lib/model/reference';
import type { Options, Store } from './content';
import { NotFound } from './errors';

/** To ask for something so small costs about as much as to send it. */
const SMALL = 16 * 1024;
/** Milliseconds; a repository that has not listed a tag by then is asked for everything instead. */
const PATIENCE = 3_000;
/** As many as registries list at once. */
const ENOUGH = 1_000;

/**
 * Finds out what destination repositories hold with few questions. One without tags holds nothing, unless an earlier run was
 * stopped there: then it holds the blob that is asked for first, and is asked for the others, too.
 */
export class Holdings {
  private readonly tags = new Map<string, Promise<readonly string[] | undefined>>();
  private readonly firstBlobs = new Map<string, Promise<boolean>>();

  constructor(private readonly options: () => Options) {}

  /** Some of the repository's tags, or none; undefined when it does not say. Asked for once. Never rejects. */
  tagsOf(store: Store): Promise<readonly string[] | undefined> {
    const key = formatRepository(store.repository);
    const known = this.tags.get(key) ?? firstTags(store, this.options());
    this.tags.set(key, known);
    return known;
  }

  /** Whether the tag is certainly not there: the repository has listed all of its tags, without it. Never rejects. */
  async lacksTag(store: Store, tag: string): Promise<boolean> {
    const tags = await this.tagsOf(store);
    return tags !== undefined && tags.length < ENOUGH && !tags.includes(tag);
  }

  /** Planning has seen this one. */
  hasTag(store: Store, tag: string): void {
    const key = formatRepository(store.repository);
    if (!this.tags.has(key)) this.tags.set(key, Promise.resolve([tag]));
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

  private async hasNoTags(store: Store): Promise<boolean> {
    return (await this.tagsOf(store))?.length === 0;
  }
}

/** The first page, as it were. */
async function firstTags(store: Store, { signal }: Options): Promise<readonly string[] | undefined> {
  // Amazon ECR Public lists tags seldom and slowly.
  if (store.tags === undefined || isEcrPublic(store.repository.registry)) return undefined;
  const patience = AbortSignal.timeout(PATIENCE);
  const tags: string[] = [];
  try {
    const either = signal === undefined ? patience : AbortSignal.any([signal, patience]);
    for await (const tag of store.tags({ signal: either })) {
      tags.push(tag);
      if (tags.length === ENOUGH) break;
    }
    return tags;
  } catch (error) {
    return error instanceof NotFound ? [] : undefined;
  }
}
