import type { Descriptor } from '../lib/model/descriptor';
import type { Digest } from '../lib/model/digest';
import type { Mirror, Selection } from '../lib/model/mirror';
import { formatReference, formatRepository, type Reference, type Repository } from '../lib/model/reference';
import { selectTags, type TagSelection } from '../lib/model/tag-selection';
import type { Store, Stores } from './content';
import { CopyError, reason, Unsupported } from './errors';
import { mapWithin } from './gate';
import { listTags } from './list-tags';

/** An image that a mirror asks for, as it is at the source now. */
export interface SourceImage {
  /** With its digest; with the tag it was found by. */
  readonly reference: Reference & { readonly digest: Digest };
  readonly root: Descriptor;
}

/** What became of one thing that a mirror asks for at the source. */
export type Resolved =
  | { readonly kind: 'image'; readonly image: SourceImage }
  | { readonly kind: 'failed'; readonly reference: Reference; readonly error: CopyError }
  | { readonly kind: 'nothing'; readonly reference: Reference; readonly detail: string };

/** What a mirror that names one image asks of its source: the same text for the same question. */
export function questionOf(repository: Repository, select: Exclude<Selection, { kind: 'tags' }>): string {
  return question(repository, select.kind === 'tag' ? select.tag : select.digest);
}

function question(repository: Repository, asked: string): string {
  return `${formatRepository(repository)} ${asked}`;
}

/** Asks a source for what a tag or digest of it stands for. */
export type Look = (source: Store, asked: string, reference: Reference) => Promise<Descriptor>;

/** Asks sources what they hold, each distinct question once however many mirrors ask it. */
export class Resolver {
  private readonly images = new Map<string, Promise<Descriptor>>();
  private readonly lists = new Map<string, Promise<readonly string[]>>();

  constructor(
    private readonly stores: Stores,
    private readonly signal?: AbortSignal,
  ) {}

  /** Lets go of what nobody will ask for again. Lists of tags go, because they are long. */
  forget(isWanted: (question: string) => boolean): void {
    this.lists.clear();
    for (const asked of this.images.keys()) if (!isWanted(asked)) this.images.delete(asked);
  }

  /** All tags of a repository, where they were listed to select among them. Never rejects. */
  async listed(repository: Repository): Promise<readonly string[] | undefined> {
    return this.lists.get(formatRepository(repository))?.catch(() => undefined);
  }

  /** The tags that a mirror selects; undefined when its source does not say, or they are too many. */
  async tagsOf({
    source,
    select,
    destinations,
  }: Pick<Mirror, 'source' | 'select' | 'destinations'>): Promise<readonly string[] | undefined> {
    if (select.kind !== 'tags') return [];
    try {
      const { selected } = selectTags(await this.tags(source), select.selection);
      return tooManyCopies(selected, destinations) === undefined ? selected : undefined;
    } catch {
      return undefined;
    }
  }

  /** The tags that a mirror selects by a selection with which nothing is wrong, or one line that says why that is not known. */
  async selectionOf(
    { source, destinations }: Pick<Mirror, 'source' | 'destinations'>,
    selection: TagSelection,
  ): Promise<readonly string[] | string> {
    try {
      const { selected, problem } = selectTags(await this.tags(source), selection);
      return problem ?? tooManyCopies(selected, destinations) ?? selected;
    } catch (error) {
      return reason(error);
    }
  }

  /**
   * The images that a mirror asks for. Never rejects: what failed is among the answers, so that the others go on.
   *
   * @param look how to ask for one of them. @default - by what tells without its bytes
   */
  async resolve(mirror: Mirror, look: Look = this.plainLook): Promise<readonly Resolved[]> {
    const { source: repository, select } = mirror;
    if (select.kind === 'tag') return [await this.image({ repository, tag: select.tag }, look)];
    if (select.kind === 'digest') {
      const tag = select.tag === undefined ? {} : { tag: select.tag };
      return [await this.image({ repository, digest: select.digest, ...tag }, look)];
    }
    return this.selected(mirror, select.selection, look);
  }

  private readonly plainLook: Look = (store, asked) =>
    store.resolve(asked, this.signal === undefined ? {} : { signal: this.signal });

  private async selected(
    { source: repository, destinations }: Mirror,
    selection: TagSelection,
    look: Look,
  ): Promise<readonly Resolved[]> {
    let tags: readonly string[];
    try {
      tags = await this.tags(repository);
    } catch (error) {
      if (!(error instanceof CopyError)) throw error;
      return [{ kind: 'failed', reference: { repository }, error }];
    }
    const { selected, problem } = selectTags(tags, selection);
    if (problem !== undefined) return [{ kind: 'nothing', reference: { repository }, detail: problem }];
    const tooMany = tooManyCopies(selected, destinations);
    if (tooMany !== undefined) {
      const error = new CopyError(
        'source',
        'list',
        `tags of ${formatRepository(repository)}`,
        new Unsupported('SELECTION_TOO_LARGE', tooMany),
      );
      return [{ kind: 'failed', reference: { repository }, error }];
    }
    if (selected.length === 0) {
      return [{ kind: 'nothing', reference: { repository }, detail: `none of ${tags.length} tags is selected` }];
    }
    return mapWithin(TAGS_AT_ONCE, selected, (tag) => this.image({ repository, tag }, look));
  }

  private async image(reference: Reference, look: Look): Promise<Resolved> {
    const asked = reference.digest ?? reference.tag ?? '';
    try {
      const root = await once(this.images, question(reference.repository, asked), () =>
        look(this.stores(reference.repository), asked, reference),
      );
      return { kind: 'image', image: { reference: { ...reference, digest: root.digest }, root } };
    } catch (cause) {
      return {
        kind: 'failed',
        reference,
        error: new CopyError('source', 'look up', formatReference(reference), cause),
      };
    }
  }

  private tags(repository: Repository): Promise<readonly string[]> {
    return once(this.lists, formatRepository(repository), async () =>
      listTags(this.stores, repository, this.signal === undefined ? {} : { signal: this.signal }),
    );
  }
}

const TAGS_AT_ONCE = 16;
/** Copies that one row may ask for by selecting tags: whoever lists them decides what others pay for. */
const MOST_COPIES = 10_000;

/** What is wrong with so many tags for so many destinations; undefined when nothing is. */
export function tooManyCopies(selected: readonly string[], destinations: Mirror['destinations']): string | undefined {
  if (selected.length * destinations.length <= MOST_COPIES) return undefined;
  const got = `got ${selected.length} that are selected, for ${destinations.length} of its destinations`;
  return `${got}; at most ${MOST_COPIES} copies would do, by a latest or a narrower include`;
}

function once<T>(memory: Map<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> {
  const known = memory.get(key);
  if (known !== undefined) return known;
  const asked = ask();
  memory.set(key, asked);
  return asked;
}
