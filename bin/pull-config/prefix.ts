import type { Repository } from '../../lib/model/reference';
import type { Place } from './place';

/** Where all repositories of a registry are found: below one path, which stands before the source's own name. */
export interface Endpoint {
  readonly host: string;
  /** `mirror/docker-hub`; empty when names are kept as they are. */
  readonly path: string;
}

export interface Prefix {
  /** Of the source: `docker.io`. */
  readonly registry: string;
  /** At least one, in the order in which they are asked. */
  readonly endpoints: readonly Endpoint[];
}

/**
 * Of each source registry and each registry that mirrors it, the path that all its places have in common; places of those that
 * have none are left over.
 *
 * @param hosts in the order in which they are asked. @default - as the places have them
 */
export function prefixesOf(
  places: readonly Place[],
  hosts: readonly string[] = [],
): { readonly prefixes: readonly Prefix[]; readonly others: readonly Place[] } {
  const prefixes: Prefix[] = [];
  const others: Place[] = [];
  for (const [registry, own] of groups(places, ({ source }) => source.registry)) {
    const endpoints: Endpoint[] = [];
    for (const same of mirroredBy(own, hosts)) {
      const common = commonOf(same);
      if (common === undefined) others.push(...same);
      else endpoints.push(common);
    }
    if (endpoints.length > 0) prefixes.push({ registry, endpoints });
  }
  return { prefixes, others };
}

/** A place for each of its mirrors, together with those of the same registry. */
function mirroredBy(places: readonly Place[], hosts: readonly string[]): readonly (readonly Place[])[] {
  const single = places.flatMap(({ source, mirror, further }) =>
    [mirror, ...further].map((one): Place => ({ source, mirror: one, further: [] })),
  );
  const found = groups(single, ({ mirror }) => mirror.registry);
  return [...new Set([...hosts, ...found.keys()])].flatMap((host) => {
    const same = found.get(host);
    return same === undefined ? [] : [same];
  });
}

function commonOf(places: readonly Place[]): Endpoint | undefined {
  const found = places.map(({ source, mirror }) => endpointOf(source, mirror));
  const [first] = found;
  return found.every((one) => one?.path === first?.path) ? first : undefined;
}

function endpointOf(source: Repository, mirror: Repository): Endpoint | undefined {
  if (mirror.name === source.name) return { host: mirror.registry, path: '' };
  if (!mirror.name.endsWith(`/${source.name}`)) return undefined;
  return { host: mirror.registry, path: mirror.name.slice(0, -source.name.length - 1) };
}

function groups<T>(values: readonly T[], key: (value: T) => string): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const value of values) found.set(key(value), [...(found.get(key(value)) ?? []), value]);
  return found;
}
