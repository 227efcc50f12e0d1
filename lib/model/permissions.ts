import { InvalidValue, show } from './invalid';
import { formatRepository, type Repository } from './reference';

/**
 * What rows may ask for. Patterns are globs over canonical `registry/name`: `*` within a path component, `**` across;
 * `docker.io/library/*`, `123456789012.dkr.ecr.eu-west-1.amazonaws.com/mirror/**`. A pattern is anchored at both ends,
 * and its host is compared with the host alone: within a host `*` stays inside one label (`*.example.com`); a host that
 * is just `*` or `**` is any host. `**` by itself is everything. `a/**` is all that is below `a`, not `a` itself.
 */
export interface Permissions {
  /** @default ['**'] */
  readonly sources: readonly string[];
  /** Where anything that `sources` allows may go. */
  readonly destinations: readonly string[];
  /** Declared pairs for pushing outward: only what matches `from` may go to what matches `to`. */
  readonly outward: readonly OutwardPair[];
}

export interface OutwardPair {
  readonly from: string;
  readonly to: string;
}

const EVERYTHING = '**';

/** Undefined when it is allowed; else one line that says which side is not, what is, and what would do. */
export function permits(permissions: Permissions, source: Repository, destination: Repository): string | undefined {
  if (permissions.outward.some((pair) => matchesPattern(pair.from, source) && matchesPattern(pair.to, destination))) {
    return undefined;
  }
  const { sources, destinations } = permissions;
  if (!sources.some((pattern) => matchesPattern(pattern, source))) {
    return refusal('source', source, sources);
  }
  if (!destinations.some((pattern) => matchesPattern(pattern, destination))) {
    return refusal('destination', destination, destinations);
  }
  return undefined;
}

/** Whether a pattern covers a repository. A pattern that is none covers nothing. */
export function matchesPattern(pattern: string, repository: Repository): boolean {
  if (pattern === EVERYTHING) return true;
  if (patternProblem(pattern) !== undefined) return false;
  const { host, path } = compiled(pattern);
  return host.test(repository.registry) && path.test(repository.name);
}

/** What is wrong with a pattern; undefined when nothing is. */
export function patternProblem(pattern: unknown): string | undefined {
  const would = 'registry/name with * or ** would do, such as docker.io/library/* or docker.io/**';
  if (pattern === EVERYTHING) return undefined;
  if (typeof pattern !== 'string') return `got ${show(pattern)}; ${would}`;
  const slash = pattern.indexOf('/');
  const [host, path] = [pattern.slice(0, slash), pattern.slice(slash + 1)];
  const bounded = pattern.length <= 512 && (pattern.match(/\*+/g) ?? []).length <= 8;
  const sound =
    slash > 0 && HOST_PATTERN.test(host) && path.split('/').every((component) => COMPONENT_PATTERN.test(component));
  if (!sound) return `got ${show(pattern)}; ${would}`;
  return bounded ? undefined : `got ${show(pattern)}; at most 512 characters and 8 wildcards would do`;
}

/** @throws InvalidValue naming the list and the pattern at fault. */
export function validatePermissions(permissions: Permissions): void {
  const check = (what: string, pattern: unknown) => {
    if (patternProblem(pattern) !== undefined) {
      throw new InvalidValue(
        what,
        pattern,
        'registry/name with * or ** would do, such as docker.io/library/* or docker.io/**',
      );
    }
  };
  permissions.sources.forEach((pattern, index) => {
    check(`sources[${index}]`, pattern);
  });
  permissions.destinations.forEach((pattern, index) => {
    check(`destinations[${index}]`, pattern);
  });
  permissions.outward.forEach((pair, index) => {
    check(`outward[${index}].from`, pair.from);
    check(`outward[${index}].to`, pair.to);
  });
}

const HOST_PATTERN = /^(?:\*\*|(?:[a-z0-9.-]|\*(?!\*))+(?::(?:\d{1,5}|\*))?|\[[0-9a-f:.]+\](?::\d{1,5})?)$/;
/** At most three stars, because each more multiplies the ways to place them. */
const COMPONENT_PATTERN = /^(?:\*\*|(?!(?:[^*]*\*){4})(?:[a-z0-9._-]|\*(?!\*))+)$/;

const cache = new Map<string, { readonly host: RegExp; readonly path: RegExp }>();

function compiled(pattern: string): { readonly host: RegExp; readonly path: RegExp } {
  const known = cache.get(pattern);
  if (known !== undefined) return known;
  const slash = pattern.indexOf('/');
  const made = { host: hostExpression(pattern.slice(0, slash)), path: pathExpression(pattern.slice(slash + 1)) };
  if (cache.size < 1000) cache.set(pattern, made);
  return made;
}

function hostExpression(host: string): RegExp {
  return host === '*' || host === '**' ? /^[^/]+$/ : new RegExp(`^${escapeAround(host, '[^.:/]+')}$`);
}

/** `**` as a component stands for any number of components; as the last, for at least one. */
function pathExpression(path: string): RegExp {
  const components = path.split('/').filter((component, index, all) => component !== '**' || all[index - 1] !== '**');
  const last = components.length - 1;
  const parts = components.map((component, index) => {
    if (component === '**') return index === last ? '.+' : '(?:[^/]+/)*';
    const expression = component === '*' ? '[^/]+' : escapeAround(component, '[^/]*');
    return index === last ? expression : `${expression}/`;
  });
  return new RegExp(`^${parts.join('')}$`);
}

/** Escapes everything but the stars, which become the expression. */
function escapeAround(text: string, star: string): string {
  return text
    .split('*')
    .map((literal) => literal.replace(/[.[\]\\^$+?(){}|-]/g, '\\$&'))
    .join(star);
}

function refusal(side: string, repository: Repository, allowed: readonly string[]): string {
  const shown = allowed.length > 3 ? `${allowed.slice(0, 3).join(', ')}, …` : allowed.join(', ') || 'nothing';
  return `${side} ${formatRepository(repository)} is not allowed; allowed: ${shown}; a ${side} among these would do, or a wider list in the construct or file`;
}
