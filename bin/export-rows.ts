import { show } from '../lib/model/invalid';
import { destinationReference, type Mirror, type ParsedRow } from '../lib/model/mirror';
import { formatReference, isTag, parseReference, parseRepository, type Reference } from '../lib/model/reference';
import type { Bookcase } from './shelves';
import { shelfOf } from './shelves';
import { UsageError } from './usage';

/** Rows of a file turned towards a layout, or away from it. What rows ask for stays as it is but where said. */

/** Each image below the name of its source. Rows that ask for the same are one. */
export function rowsInto(bookcase: Bookcase, rows: readonly ParsedRow[]): readonly ParsedRow[] {
  const alike = new Set<string>();
  return rows.flatMap((row): readonly ParsedRow[] => {
    if (row.mirror === undefined) return [row];
    const { key, compare: _, keepPrevious: _kept, onConflict: _conflict, every: _every, ...rest } = row.mirror;
    const mirror = { ...rest, destinations: [{ repository: shelfOf(bookcase, rest.source) }] };
    const wanted = JSON.stringify(mirror);
    if (alike.has(wanted)) return [];
    alike.add(wanted);
    return [{ ...row, mirror: { ...mirror, key } }];
  });
}

/** Each row with the layout for its source. Its images were old enough when they were exported. */
export function rowsFrom(bookcase: Bookcase, rows: readonly ParsedRow[]): readonly ParsedRow[] {
  return rows.map((row) => {
    if (row.mirror === undefined) return row;
    const { minAge: _, every: _every, ...mirror } = row.mirror;
    return { ...row, mirror: { ...mirror, source: shelfOf(bookcase, mirror.source) } };
  });
}

/** Cosign's tags, and the fallback tags of referrers: they go with what they are about. */
const OF_A_DIGEST = /^sha256-[0-9a-f]{64}/;

/** Names of a layout that are full references with a tag; the others are of layouts that somebody else wrote. */
export function namedImages(names: readonly string[]): {
  readonly images: readonly (Reference & { readonly tag: string })[];
  readonly others: readonly string[];
} {
  const read = names.map((name) => [name, referenceIn(name)] as const);
  const images = read.flatMap(([, image]) => image ?? []);
  return {
    images: images.filter(({ tag }) => !OF_A_DIGEST.test(tag)),
    others: read.flatMap(([name, image]) => (image === undefined ? [name] : [])),
  };
}

function referenceIn(name: string): (Reference & { readonly tag: string }) | undefined {
  try {
    const { repository, tag } = parseReference(name);
    return tag === undefined || formatReference({ repository, tag }) !== name ? undefined : { repository, tag };
  } catch {
    return undefined;
  }
}

/** A row for each image, below a place. @throws UsageError unless that is a registry, with or without a prefix */
export function rowsBelow(
  bookcase: Bookcase,
  images: readonly (Reference & { readonly tag: string })[],
  place: string,
): readonly ParsedRow[] {
  const prefix = place.replace(/\/+$/, '');
  return images.map((image) => {
    const key = formatReference(image);
    const mirror: Mirror = {
      key,
      source: shelfOf(bookcase, image.repository),
      select: { kind: 'tag', tag: image.tag },
      destinations: [{ repository: below(prefix, image.repository.name, place) }],
      referrers: true,
      paused: false,
    };
    return { key, mirror, problems: [] };
  });
}

function below(prefix: string, name: string, place: string) {
  try {
    return parseRepository(`${prefix}/${name}`);
  } catch {
    throw new UsageError(`--destination: got ${show(place)}; registry/prefix would do`);
  }
}

/** Where each image of these rows is to go, by its name in the layout; of rows that select tags, by their repositories. */
export function destinationsOf(rows: readonly ParsedRow[]): (name: string) => readonly string[] {
  const places = new Map<string, Mirror[]>();
  for (const { mirror } of rows) {
    if (mirror === undefined) continue;
    const repository = `${mirror.source.registry}/${mirror.source.name}`;
    places.set(repository, [...(places.get(repository) ?? []), mirror]);
  }
  return (name) => {
    const colon = name.lastIndexOf(':');
    const [repository, tag] = [name.slice(0, colon), name.slice(colon + 1)];
    const wanted = (places.get(repository) ?? []).filter(
      ({ select }) => select.kind === 'tags' || destinationReference({ repository: NOWHERE }, select).tag === tag,
    );
    const written = wanted.flatMap(({ destinations }) =>
      destinations.map((template) => destinationReference(template, { tag })),
    );
    return [...new Set(written.filter((one) => one.tag !== undefined && isTag(one.tag)).map(formatReference))];
  };
}

const NOWHERE = { registry: 'registry.invalid', name: 'any' };
