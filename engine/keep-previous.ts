import type { Descriptor } from '../lib/model/descriptor';
import type { Digest } from '../lib/model/digest';
import { isEcrPublic } from '../lib/model/ecr-host';
import { isPreviousOf, previousTags } from '../lib/model/own-tags';
import type { Store } from './content';
import { Refused, TagImmutable } from './errors';
import { heldBy } from './held-by';
import type { Session } from './session';

/** Tags that are read to find out whether the image is kept already. */
const MOST_TAGS = 20_000;
/** Of those that are names of kept images, the newest: a move that was cut short is the last one. */
const NEWEST = 3;

/**
 * Gives the image that a tag holds a tag of its own, before the tag moves to another: so that whoever runs it by its digest can
 * still pull it. An image is kept once for one move, also when the move is tried again; no tag is written over.
 *
 * @returns the name under which it is kept; undefined when the tag holds nothing, or the next image already
 * @throws what the store answers: the tag must not move then
 */
export async function keepPrevious(
  store: Store,
  tag: string,
  next: Digest,
  session: Session,
): Promise<string | undefined> {
  const held = await heldBy(store, tag, session);
  if (held === undefined || held.digest === next) return undefined;
  const names = previousTags(tag, held.digest, session.clock.now());
  const [first = ''] = names;
  if ((await heldBy(store, first, session))?.digest === held.digest) return first;
  return (await keptAlready(store, tag, held.digest, session)) ?? keep(store, held, names, session);
}

async function keep(store: Store, held: Descriptor, names: readonly string[], session: Session): Promise<string> {
  // The length that a HEAD has told may be wrong (Harbor); what the digest says is not.
  const bytes = await session.manifest(store, { ...held, size: 0 });
  for (const name of names) {
    const there = await heldBy(store, name, session);
    if (there?.digest === held.digest) return name;
    if (there !== undefined) continue;
    try {
      await store.pushManifest({ ...held, size: bytes.byteLength }, bytes, { ...session.options(), tag: name });
      return name;
    } catch (error) {
      // Somebody else has taken the name meanwhile.
      if (!(error instanceof TagImmutable)) throw error;
    }
  }
  throw new Refused('KEPT_TAG_TAKEN', `${names.join(', ')} hold other images; one of these tags that is free would do`);
}

/** A move that was cut short before midnight is the same move after it. */
async function keptAlready(store: Store, tag: string, digest: Digest, session: Session): Promise<string | undefined> {
  const names = (await previousNames(store, tag, session)).sort().reverse().slice(0, NEWEST);
  for (const name of names) if ((await heldBy(store, name, session))?.digest === digest) return name;
  return undefined;
}

/** None where the store does not say: the image may then be kept twice, which does no harm. */
async function previousNames(store: Store, tag: string, session: Session): Promise<string[]> {
  // Amazon ECR Public lists tags seldom and slowly.
  if (store.tags === undefined || isEcrPublic(store.repository.registry)) return [];
  const names: string[] = [];
  let read = 0;
  try {
    for await (const name of store.tags(session.options())) {
      if (isPreviousOf(tag, name)) names.push(name);
      read += 1;
      if (read === MOST_TAGS) break;
    }
  } catch {
    session.signal?.throwIfAborted();
  }
  return names;
}
