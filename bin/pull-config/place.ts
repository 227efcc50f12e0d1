import type { ParsedRow } from '../../lib/model/mirror';
import { formatRepository, type Repository } from '../../lib/model/reference';

/** A source repository, and where its images are found under the tags that they have there. */
export interface Place {
  readonly source: Repository;
  readonly mirror: Repository;
}

/** All repositories of a registry are found below one path: what stands there before the source's own name. */
export interface Prefix {
  /** Of the source: `docker.io`. */
  readonly registry: string;
  /** Of the mirror, `mirror/docker-hub`; empty when names are kept as they are. */
  readonly path: string;
  readonly host: string;
}

export interface Places {
  readonly places: readonly Place[];
  /** Rows that say nothing about where to pull, a line each. */
  readonly notes: readonly string[];
}

/**
 * Where to pull from in place of the sources.
 *
 * @param host the one registry that counts. @default - the first destination of each row
 */
export function placesOf(rows: readonly ParsedRow[], host?: string): Places {
  const places = new Map<string, Place>();
  const notes: string[] = [];
  for (const { key, mirror } of rows) {
    if (mirror === undefined) continue;
    const wanted = mirror.destinations.filter(({ repository }) => host === undefined || repository.registry === host);
    const kept = wanted.find(({ tag }) => tag === undefined || tag === '{tag}' || tag === nameOf(mirror.select));
    if (wanted.length === 0) notes.push(`${key}: has no destination in ${host}`);
    else if (kept === undefined)
      notes.push(`${key}: has other tags at its destination; a mirror is asked for the source’s`);
    else {
      const name = formatRepository(mirror.source);
      const known = places.get(name);
      if (known === undefined) places.set(name, { source: mirror.source, mirror: kept.repository });
      else if (formatRepository(known.mirror) !== formatRepository(kept.repository)) {
        notes.push(`${key}: ${name} is at ${formatRepository(known.mirror)} already; --registry HOST chooses`);
      }
    }
  }
  return { places: [...places.values()].sort(bySource), notes };
}

function nameOf(select: NonNullable<ParsedRow['mirror']>['select']): string | undefined {
  return select.kind === 'tags' ? undefined : select.tag;
}

function bySource(a: Place, b: Place): number {
  return formatRepository(a.source) < formatRepository(b.source) ? -1 : 1;
}

/** Of each source registry, the path that all its places have in common; those of a registry that has none are left over. */
export function prefixesOf(places: readonly Place[]): {
  readonly prefixes: readonly Prefix[];
  readonly others: readonly Place[];
} {
  const prefixes: Prefix[] = [];
  const others: Place[] = [];
  for (const [registry, own] of byRegistry(places)) {
    const found = own.map(prefixOf);
    const [first] = found;
    const alike = first !== undefined && found.every((one) => one?.host === first.host && one.path === first.path);
    if (alike) prefixes.push({ ...first, registry });
    else others.push(...own);
  }
  return { prefixes, others };
}

function byRegistry(places: readonly Place[]): Map<string, Place[]> {
  const found = new Map<string, Place[]>();
  for (const place of places) found.set(place.source.registry, [...(found.get(place.source.registry) ?? []), place]);
  return found;
}

function prefixOf({ source, mirror }: Place): Omit<Prefix, 'registry'> | undefined {
  if (mirror.name === source.name) return { host: mirror.registry, path: '' };
  if (!mirror.name.endsWith(`/${source.name}`)) return undefined;
  return { host: mirror.registry, path: mirror.name.slice(0, -source.name.length - 1) };
}
