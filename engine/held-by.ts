import type { Descriptor } from '../lib/model/descriptor';
import type { Store } from './content';
import { NotFound } from './errors';
import type { Session } from './session';

/** What a tag of a store holds now; undefined when it is not there. @throws what the store answers otherwise */
export async function heldBy(store: Store, tag: string, session: Session): Promise<Descriptor | undefined> {
  try {
    return await store.resolve(tag, session.options());
  } catch (error) {
    if (error instanceof NotFound) return undefined;
    throw error;
  }
}
