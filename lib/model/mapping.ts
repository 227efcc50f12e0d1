import { DOCKER_HUB, type Repository } from './reference';

/** Where an image goes when its row does not say: `<registry>/<prefix>/<alias of the source registry>/<name>`. */
export interface DestinationMapping {
  /** @default - none: a row without a destination is then invalid */
  readonly registry?: string;
  /** @default 'mirror' */
  readonly prefix?: string;
  /** Source registry to path component. @default - see {@link REGISTRY_ALIASES}; other registries by their host, with `:` as `-` */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Whether Docker Hub's `library/` is left out. @default false, because nodes that pull through a mirror ask for the whole path */
  readonly dropLibrary?: boolean;
  /** What is otherwise for single source registries. @default - nothing */
  readonly registries?: Readonly<Record<string, RegistryPlace>>;
}

/** Where the images of one source registry go. What is absent is as for all others. */
export interface RegistryPlace {
  readonly prefix?: string;
  /** Instead of the alias; empty leaves it out. */
  readonly alias?: string;
  /** First components of names that are left out: `library`. */
  readonly drop?: string;
}

export const DEFAULT_PREFIX = 'mirror';

export const REGISTRY_ALIASES: Readonly<Record<string, string>> = {
  [DOCKER_HUB]: 'docker-hub',
  'ghcr.io': 'ghcr',
  'quay.io': 'quay',
  'registry.k8s.io': 'k8s',
  'public.ecr.aws': 'ecr-public',
};

/** The destination of a source repository, or undefined when the mapping has no registry. */
export function mapRepository(mapping: DestinationMapping, source: Repository): Repository | undefined {
  if (mapping.registry === undefined) return undefined;
  const place = own(mapping.registries, source.registry) ?? {};
  const alias =
    place.alias ??
    own(mapping.aliases, source.registry) ??
    own(REGISTRY_ALIASES, source.registry) ??
    source.registry.replace(/[^a-z0-9.]+/g, '-').replace(/^-+|-+$/g, '');
  const dropped = place.drop ?? (mapping.dropLibrary === true && source.registry === DOCKER_HUB ? 'library' : '');
  const name =
    dropped !== '' && source.name.startsWith(`${dropped}/`) ? source.name.slice(dropped.length + 1) : source.name;
  const path = [place.prefix ?? mapping.prefix ?? DEFAULT_PREFIX, alias, name].filter((part) => part !== '');
  return { registry: mapping.registry, name: path.join('/') };
}

/** Every prefix under which the mapping puts images. */
export function prefixesOf({ prefix, registries }: DestinationMapping): readonly string[] {
  const own = Object.values(registries ?? {}).flatMap((place) => place.prefix ?? []);
  return [...new Set([prefix ?? DEFAULT_PREFIX, ...own])];
}

/** A host may be called `constructor`. */
function own<T>(places: Readonly<Record<string, T>> | undefined, registry: string): T | undefined {
  return places !== undefined && Object.hasOwn(places, registry) ? places[registry] : undefined;
}
