import type { Copy, CopyDestination } from '../lib/model/copy';
import { CopyAttribute } from '../lib/model/names';
import { formatReference, type Reference } from '../lib/model/reference';
import type { Item } from './items';

/** What the table of copies is asked about: one image and one place it goes to. */
export interface CopyPair {
  readonly source: Copy['source'];
  readonly destination: Reference;
}

/** A pair that was leased: whoever writes about it shows the fence. */
export interface Fenced extends CopyPair {
  readonly fence: number;
}

/** The key of a copy. The source is named by its tag, so that a tag that moves keeps its item; a pin by its digest. */
export function copyKey({ source, destination }: { source: Reference; destination: Reference }): Item {
  const named = source.tag === undefined ? source : { repository: source.repository, tag: source.tag };
  return {
    [CopyAttribute.SOURCE]: formatReference(named),
    [CopyAttribute.DESTINATION]: formatReference(destination),
  };
}

/** The leased pairs of copies: those whose destinations carry a fence. */
export function fencedPairs(copies: readonly Copy[]): Fenced[] {
  return copies.flatMap((copy) => copy.destinations.flatMap((destination) => fenced(copy, destination) ?? []));
}

export function fenced(copy: Copy, { reference, fence }: CopyDestination): Fenced | undefined {
  return fence === undefined ? undefined : { source: copy.source, destination: reference, fence };
}
