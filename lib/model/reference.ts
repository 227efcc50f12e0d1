import { type Digest, isDigest } from './digest';
import { InvalidValue } from './invalid';

/** Where images live: a registry and a name in it. Canonical, so two spellings of one place are equal text. */
export interface Repository {
  /** Host as users write it, with a port where it is not the default; Docker Hub is always `docker.io`. */
  readonly registry: string;
  /** The `<name>` of the distribution specification, `library/nginx`. */
  readonly name: string;
}

/** A repository with a tag, a digest, both or neither. With both, the digest says what to fetch and the tag how it is called. */
export interface Reference {
  readonly repository: Repository;
  readonly tag?: string;
  readonly digest?: Digest;
}

export const DOCKER_HUB = 'docker.io';
export const DEFAULT_TAG = 'latest';

const NAME_COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const DOMAIN_LABEL = '(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9])';
const HOST = new RegExp(`^(?:${DOMAIN_LABEL}(?:\\.${DOMAIN_LABEL})*|\\[[0-9A-Fa-f:.]+\\])(?::([1-9][0-9]{0,4}))?$`);
/** Many clients stop at 255 characters of host and name together (distribution-spec, "Pulling manifests"). */
const LONGEST = 255;

/**
 * Parses what a person writes and normalises it as Docker does (distribution/reference, normalize.go):
 * `nginx` is `docker.io/library/nginx`; the first component is a registry only if it has a dot, a colon, a bracket or an
 * upper-case letter, or is `localhost`. No tag is added: see {@link withDefaultTag}.
 *
 * @throws InvalidValue naming what is wrong.
 */
export function parseReference(text: string): Reference {
  const whole = text.trim();
  const fail = (remedy: string): never => {
    throw new InvalidValue('reference', text, remedy);
  };
  if (whole === '') fail('registry/repository:tag would do');
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(whole)) fail('leave the scheme out: registry/repository:tag would do');
  if (/^[a-f0-9]{64}$/.test(whole))
    fail('64 hexadecimal digits are an image id: registry/repository@sha256:… would do');

  const at = whole.indexOf('@');
  const digest = at < 0 ? undefined : whole.slice(at + 1);
  if (digest !== undefined && !isDigest(digest)) fail('after @ a digest would do, sha256: and 64 hexadecimal digits');
  const named = at < 0 ? whole : whole.slice(0, at);

  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/') && !(named.startsWith('[') && !named.includes('/'));
  const tag = hasTag ? named.slice(colon + 1) : undefined;
  if (tag !== undefined && !isTag(tag)) {
    fail('after : a tag would do, at most 128 letters, digits, dots, dashes and underscores, not starting with . or -');
  }
  const repository = parseRepository(hasTag ? named.slice(0, colon) : named, text);
  return {
    repository,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest: digest as Digest }),
  };
}

/** Parses a repository, without tag or digest; normalised as {@link parseReference} does. */
export function parseRepository(text: string, whole: string = text): Repository {
  const slash = text.indexOf('/');
  const first = slash < 0 ? '' : text.slice(0, slash);
  const named = slash >= 0 && isRegistry(first);
  const registry = named ? checkedRegistry(first, whole) : DOCKER_HUB;
  const path = named ? text.slice(slash + 1) : text;
  const name = registry === DOCKER_HUB && path !== '' && !path.includes('/') ? `library/${path}` : path;

  if (!name.split('/').every((component) => NAME_COMPONENT.test(component))) {
    const remedy = /[A-Z]/.test(name)
      ? 'a repository is in lower case'
      : 'a repository of lower-case letters and digits, parted by . _ __ - or /, would do';
    throw new InvalidValue('repository', whole, remedy);
  }
  if (registry.length + 1 + name.length > LONGEST) {
    throw new InvalidValue('repository', whole, `host and name of at most ${LONGEST} characters together would do`);
  }
  return { registry, name };
}

/** Whether the text before the first slash is a registry rather than part of a Docker Hub name. */
function isRegistry(first: string): boolean {
  return first === 'localhost' || /[.:[\]A-Z]/.test(first);
}

/** Parses a host, with a port if need be, and gives its canonical spelling. @throws InvalidValue */
export function parseRegistry(text: string): string {
  return checkedRegistry(text, text);
}

function checkedRegistry(host: string, whole: string): string {
  const match = HOST.exec(host);
  const registry = match === null || Number(match[1] ?? 0) > 65_535 ? undefined : canonicalRegistry(host);
  if (registry === undefined) {
    throw new InvalidValue('registry', whole, 'a host would do, with a port if need be: registry.example.com:5000');
  }
  return registry;
}

/**
 * As it is connected to (WHATWG URL): in lower case, an address written in its one usual way, and without port 443, which is
 * the default. Undefined for what looks like an address and is none, such as `1.2.3.4.5`.
 */
function canonicalRegistry(host: string): string | undefined {
  if (!URL.canParse(`https://${host}`)) return undefined;
  const registry = new URL(`https://${host}`).host;
  return registry === 'index.docker.io' || registry === 'registry-1.docker.io' ? DOCKER_HUB : registry;
}

export function isTag(text: string): boolean {
  return TAG.test(text);
}

/** With neither tag nor digest, `latest` is meant, as everywhere. */
export function withDefaultTag(reference: Reference): Reference {
  return reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: DEFAULT_TAG } : reference;
}

/** `registry/name`, canonical. */
export function formatRepository(repository: Repository): string {
  return `${repository.registry}/${repository.name}`;
}

/** `registry/name[:tag][@digest]`, canonical: parsing it gives the same value back. */
export function formatReference(reference: Reference): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`;
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`;
  return `${formatRepository(reference.repository)}${tag}${digest}`;
}

export function sameRepository(a: Repository, b: Repository): boolean {
  return a.registry === b.registry && a.name === b.name;
}
