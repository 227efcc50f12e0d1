import { destinationReference, type Mirror } from '../lib/model/mirror';
import { isTag, type Reference } from '../lib/model/reference';
import type { PlanWorld } from './make-plan';
import type { Observed } from './plan';
import type { Look, Resolved, Resolver } from './resolve';
import type { Session } from './session';

/** Says what a destination holds, however often it is asked. */
export interface Destinations {
  look(reference: Reference): Promise<Observed>;
}

/**
 * The images that a mirror asks for, found together with what its destinations hold. Never rejects.
 *
 * Who only plans asks both sides side by side. Who copies looks at the destinations first: what one of them lacks is read at
 * once, in place of a HEAD and a GET later. Where a service can be asked about destinations in batches, that is left to it.
 */
export async function findImages(
  mirror: Mirror,
  resolver: Resolver,
  destinations: Destinations,
  { session, destinationDigests }: Pick<PlanWorld, 'session' | 'destinationDigests'>,
): Promise<readonly Resolved[]> {
  // Of a row that asks for an age it is not known yet which image is copied.
  if (destinationDigests !== undefined || mirror.minAge !== undefined) return resolver.resolve(mirror);
  if (session !== undefined) return resolver.resolve(mirror, readLacking(mirror, destinations, session));
  const looking = mirror.select.kind === 'tags' ? undefined : lookAtAll(mirror, mirror.select, destinations);
  const found = await resolver.resolve(mirror);
  await looking;
  return found;
}

function readLacking(mirror: Mirror, destinations: Destinations, session: Session): Look {
  return async (source, asked, reference) => {
    source.expect?.(1);
    const held = await lookAtAll(mirror, reference, destinations);
    const isLacking = held.some(({ kind }) => kind === 'absent');
    // Where reading is a pull, it is not known yet whether this image gets any.
    return isLacking && source.countsPulls?.() !== true
      ? session.read(source, asked)
      : source.resolve(asked, session.options());
  };
}

function lookAtAll(
  mirror: Mirror,
  source: Pick<Reference, 'tag' | 'digest'>,
  destinations: Destinations,
): Promise<readonly Observed[]> {
  const references = mirror.destinations.map((template) => destinationReference(template, source));
  const valid = references.filter(({ tag }) => tag === undefined || isTag(tag));
  return Promise.all(valid.map((reference) => destinations.look(reference)));
}
