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
  const alias =
    own(mapping.aliases, source.registry) ??
    own(REGISTRY_ALIASES, source.registry) ??
    source.registry.replace(/[^a-z0-9.]+/g, '-').replace(/^-+|-+$/g, '');
  const library = 'library/';
  const name =
    mapping.dropLibrary === true && source.registry === DOCKER_HUB && source.name.startsWith(library)
      ? source.name.slice(library.length)
      : source.name;
  const path = [mapping.prefix ?? DEFAULT_PREFIX, alias, name].filter((part) => part !== '');
  return { registry: mapping.registry, name: path.join('/') };
}

/** A host may be called `constructor`. */
function own(aliases: Readonly<Record<string, string>> | undefined, registry: string): string | undefined {
  return aliases !== undefined && Object.hasOwn(aliases, registry) ? aliases[registry] : undefined;
}
