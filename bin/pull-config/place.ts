import type { DestinationTemplate, Mirror, ParsedRow } from '../../lib/model/mirror';
import { formatRepository, type Repository } from '../../lib/model/reference';

/** A source repository, and where its images are found under the tags that they have there. */
export interface Place {
  readonly source: Repository;
  readonly mirror: Repository;
  /** Who is asked where the mirror does not answer, in this order. */
  readonly further: readonly Repository[];
}

export interface Places {
  readonly places: readonly Place[];
  /** Rows that say nothing about where to pull, a line each. */
  readonly notes: readonly string[];
}

/**
 * Where to pull from in place of the sources.
 *
 * @param hosts the registries that count, in the order in which they are asked. @default - the first destination of each row
 */
export function placesOf(rows: readonly ParsedRow[], hosts?: readonly string[]): Places {
  const places = new Map<string, Place>();
  const notes: string[] = [];
  for (const { key, mirror } of rows) {
    if (mirror === undefined) continue;
    const wanted = wantedOf(mirror, hosts);
    const [first, ...further] = onePerHost(wanted.filter((one) => keepsTags(one, mirror)));
    if (wanted.length === 0) notes.push(`${key}: has no destination in ${(hosts ?? []).join(', ')}`);
    else if (first === undefined)
      notes.push(`${key}: has other tags at its destination; a mirror is asked for the source’s`);
    else {
      const name = formatRepository(mirror.source);
      const known = places.get(name);
      const place = { source: mirror.source, mirror: first, further: hosts === undefined ? [] : further };
      if (known === undefined) places.set(name, place);
      else if (!isSame(known, place)) {
        notes.push(`${key}: ${name} is at ${formatRepository(known.mirror)} already; --registry HOST chooses`);
      }
    }
  }
  return { places: [...places.values()].sort(bySource), notes };
}

function wantedOf({ destinations }: Mirror, hosts: readonly string[] | undefined): readonly DestinationTemplate[] {
  if (hosts === undefined) return destinations;
  return hosts.flatMap((host) => destinations.filter(({ repository }) => repository.registry === host));
}

function keepsTags({ tag }: DestinationTemplate, { select }: Mirror): boolean {
  return tag === undefined || tag === '{tag}' || tag === nameOf(select);
}

/** A registry is asked once: at the first of its repositories. */
function onePerHost(destinations: readonly DestinationTemplate[]): readonly Repository[] {
  const hosts = new Map<string, Repository>();
  for (const { repository } of destinations) {
    if (!hosts.has(repository.registry)) hosts.set(repository.registry, repository);
  }
  return [...hosts.values()];
}

function isSame(a: Place, b: Place): boolean {
  const written = ({ mirror, further }: Place) => [mirror, ...further].map(formatRepository).join();
  return written(a) === written(b);
}

function nameOf(select: NonNullable<ParsedRow['mirror']>['select']): string | undefined {
  return select.kind === 'tags' ? undefined : select.tag;
}

function bySource(a: Place, b: Place): number {
  return formatRepository(a.source) < formatRepository(b.source) ? -1 : 1;
}
