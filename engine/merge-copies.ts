import type { Copy, CopyDestination } from '../lib/model/copy';
import { formatReference } from '../lib/model/reference';

/**
 * Copies of one image, made alike, as one: with each row once and each destination once. What several rows want of one image, or
 * one row at several places, is read once.
 */
export function mergeCopies(copies: readonly Copy[]): readonly Copy[] {
  const merged = new Map<string, { copy: Copy; mirrors: Set<string>; destinations: Map<string, CopyDestination> }>();
  for (const copy of copies) {
    const key = alike(copy);
    const known = merged.get(key) ?? { copy, mirrors: new Set<string>(), destinations: new Map() };
    merged.set(key, known);
    for (const row of copy.mirrors) known.mirrors.add(row);
    for (const destination of copy.destinations) {
      const place = formatReference(destination.reference);
      if (!known.destinations.has(place)) known.destinations.set(place, destination);
    }
  }
  return [...merged.values()].map(({ copy, mirrors, destinations }) => ({
    ...copy,
    mirrors: [...mirrors],
    destinations: [...destinations.values()],
  }));
}

/** What is to be verified is no part of a copy. */
function alike({ source, referrers, artifactTypes, platforms, compare, requireSignature, destinations }: Copy): string {
  const verifies = destinations.some(({ why }) => why === 'verify');
  return JSON.stringify([
    formatReference(source),
    referrers,
    artifactTypes,
    platforms,
    compare,
    requireSignature,
    verifies,
  ]);
}
