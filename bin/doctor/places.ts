import { type EcrHost, parseEcrHost } from '../../lib/model/ecr-host';
import { type DestinationTemplate, destinationReference, type Mirror } from '../../lib/model/mirror';
import { formatRepository, type Repository } from '../../lib/model/reference';

/** What rows touch, each once. Rows that are paused ask for nothing now, and for everything when they are not any more. */
export interface Places {
  readonly sources: readonly SourcePlace[];
  readonly destinations: readonly DestinationPlace[];
  /** Of both, in the order of the rows. */
  readonly registries: readonly string[];
}

export interface SourcePlace {
  readonly repository: Repository;
  /** One that a row names: it can be asked for. @default - rows select among tags, or pin digests */
  readonly tag?: string;
}

export interface DestinationPlace {
  readonly repository: Repository;
  /** Present in Amazon ECR. */
  readonly ecr?: EcrHost;
  readonly rows: readonly { readonly mirror: Mirror; readonly template: DestinationTemplate }[];
}

export function placesOf(mirrors: readonly Mirror[]): Places {
  const sources = new Map<string, SourcePlace>();
  const destinations = new Map<
    string,
    { repository: Repository; rows: { mirror: Mirror; template: DestinationTemplate }[] }
  >();
  for (const mirror of mirrors) {
    const { source, select } = mirror;
    const name = formatRepository(source);
    const tag = select.kind === 'tag' ? select.tag : undefined;
    if (sources.get(name)?.tag === undefined)
      sources.set(name, { repository: source, ...(tag === undefined ? {} : { tag }) });
    for (const template of mirror.destinations) {
      const { repository } = template;
      const place = destinations.get(formatRepository(repository)) ?? { repository, rows: [] };
      destinations.set(formatRepository(repository), place);
      place.rows.push({ mirror, template });
    }
  }
  const all = [...sources.values(), ...destinations.values()];
  return {
    sources: [...sources.values()],
    destinations: [...destinations.values()].map((place) => {
      const ecr = parseEcrHost(place.repository.registry);
      return ecr === undefined ? place : { ...place, ecr };
    }),
    registries: [...new Set(all.map(({ repository }) => repository.registry))],
  };
}

/** The tag that a row writes, where it writes one that is known without asking. */
export function tagWritten({ mirror: { select }, template }: DestinationPlace['rows'][number]): string | undefined {
  if (select.kind === 'tags') return template.tag?.includes('{tag}') === false ? template.tag : undefined;
  const { tag, digest } = select.kind === 'tag' ? { tag: select.tag } : select;
  return destinationReference(template, { tag, digest }).tag;
}

/** Destinations in Amazon ECR by `account/region`. */
export function byEcrRegistry(
  destinations: readonly DestinationPlace[],
): ReadonlyMap<
  string,
  { readonly host: EcrHost; readonly registry: string; readonly places: readonly DestinationPlace[] }
> {
  const found = new Map<string, { host: EcrHost; registry: string; places: DestinationPlace[] }>();
  for (const place of destinations) {
    if (place.ecr === undefined) continue;
    const key = `${place.ecr.account}/${place.ecr.region}`;
    const group = found.get(key) ?? { host: place.ecr, registry: place.repository.registry, places: [] };
    found.set(key, group);
    group.places.push(place);
  }
  return found;
}
