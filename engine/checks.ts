import type { Descriptor } from '../lib/model/descriptor';
import { formatRepository } from '../lib/model/reference';
import type { Options, Store } from './content';

/** Blobs that verification has asked repositories for: images share them, and each is asked for once a run. */
export class Checks {
  private readonly asked = new Map<string, Promise<boolean>>();

  constructor(private readonly options: () => Options) {}

  /** Whether the repository says that it holds the blob. @throws what it answers */
  holds(store: Store, blob: Descriptor): Promise<boolean> {
    const key = keyOf(store, blob);
    const known = this.asked.get(key) ?? store.exists(blob, this.options());
    this.asked.set(key, known);
    return known;
  }

  /** It was sent again: the next question is asked anew. */
  forget(store: Store, blob: Pick<Descriptor, 'digest'>): void {
    this.asked.delete(keyOf(store, blob));
  }
}

function keyOf({ repository }: Store, { digest }: Pick<Descriptor, 'digest'>): string {
  return `${formatRepository(repository)} ${digest}`;
}
