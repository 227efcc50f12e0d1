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
  private readonly lists = new Map<string, Promise<TagList | undefined>>();
  private readonly firstBlobs = new Map<string, Promise<boolean>>();

  /** @param thorough whether everything is asked for, however little it costs to send it */
  constructor(
    private readonly options: () => Options,
    private readonly thorough = false,
  ) {}

  /** Some of the repository's tags, or none; undefined when it does not say. Asked for once. Never rejects. */
  async tagsOf(store: Store): Promise<readonly string[] | undefined> {
    return (await this.listOf(store))?.tags;
  }

  /** Whether the tag is certainly not there: the repository has listed all of its tags, without it. Never rejects. */
  async lacksTag(store: Store, tag: string): Promise<boolean> {
    return (await this.allTags(store))?.has(tag) === false;
  }

  /** All of the repository's tags; undefined when it does not say, or when there are more than one question tells. Never rejects. */
  async allTags(store: Store): Promise<ReadonlySet<string> | undefined> {
    return (await this.listOf(store))?.all;
  }

  /** Planning has seen this one. */
  hasTag(store: Store, tag: string): void {
    const key = formatRepository(store.repository);
    if (!this.lists.has(key)) this.lists.set(key, Promise.resolve({ tags: [tag] }));
  }

  /** Planning has listed them all. */
  hasTags(store: Store, tags: readonly string[]): void {
    this.lists.set(formatRepository(store.repository), Promise.resolve({ tags, all: new Set(tags) }));
  }

  private listOf(store: Store): Promise<TagList | undefined> {
    const key = formatRepository(store.repository);
    const known = this.lists.get(key) ?? firstTags(store, this.options());
    this.lists.set(key, known);
    return known;
  }

  /** Whether the store holds the content; false, too, where asking is not worth it. @throws what the store answers */
  async holds(kind: 'blob' | 'manifest', content: Descriptor, store: Store): Promise<boolean> {
    const ask = () => store.exists(content, this.options());
    if (store.near === true || this.thorough) return ask();
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

interface TagList {
  readonly tags: readonly string[];
  /** The same, when there are no others. */
  readonly all?: ReadonlySet<string>;
}

/** The first page, as it were. */
async function firstTags(store: Store, { signal }: Options): Promise<TagList | undefined> {
  // Amazon ECR Public lists tags seldom and slowly.
  if (store.tags === undefined || isEcrPublic(store.repository.registry)) return undefined;
  const patience = AbortSignal.timeout(PATIENCE);
  const tags: string[] = [];
  try {
    const either = signal === undefined ? patience : AbortSignal.any([signal, patience]);
    for await (const tag of store.tags({ signal: either })) {
      tags.push(tag);
      if (tags.length === ENOUGH) return { tags };
    }
    return { tags, all: new Set(tags) };
  } catch (error) {
    if (!(error instanceof NotFound)) return undefined;
    // A registry that lists no tags at all may answer so, too.
    return error.answer.code === 'NAME_UNKNOWN' ? { tags: [], all: new Set() } : { tags: [] };
  }
}
