import { Token } from 'aws-cdk-lib';
import { show } from './model/invalid';
import { type Permissions, patternProblem, permits } from './model/permissions';
import { parseReference } from './model/reference';
import { parseDestination } from './model/row-destination';
import { PropsInvalid } from './props-invalid';

const VALUE = /[$#]\{Token\[[^\]]*\]\}/g;
const STAND_IN = 'x';

/** @throws Error naming the prop, what was got and what would do. Values known at deployment only pass. */
export function checkPatterns(prop: string, patterns: readonly string[]): readonly string[] {
  if (Token.isUnresolved(patterns)) return patterns;
  patterns.forEach((pattern, index) => {
    checkPattern(`${prop}[${index}]`, pattern);
  });
  return patterns;
}

/** Text with a stand-in for each value that is known at deployment only: the same for all, as a part of a host or a name. */
export function withStandIns(text: string): string {
  return text.replace(VALUE, STAND_IN);
}

/** @throws Error naming the place, what was got and what would do. */
export function checkPattern(place: string, pattern: string): string {
  const known = withStandIns(pattern);
  // The whole of it: nothing can be known.
  if (known === STAND_IN && Token.isUnresolved(pattern)) return pattern;
  const problem = patternProblem(known);
  if (problem !== undefined) throw new PropsInvalid(`${place}: ${problem}`);
  const { registry } = splitPattern(known);
  if (/[.:*]/.test(registry) || registry === 'localhost' || known !== pattern) return pattern;
  throw new PropsInvalid(`${place}: got ${show(pattern)}; it begins with no registry, docker.io/${pattern} would do`);
}

/** The registry and the name of a pattern; either may hold values known at deployment only. */
export function splitPattern(pattern: string): { readonly registry: string; readonly name: string } {
  const slash = pattern.indexOf('/');
  if (slash < 0) return { registry: pattern, name: '**' };
  return { registry: pattern.slice(0, slash), name: pattern.slice(slash + 1) };
}

/**
 * @throws Error when it can be known that a mirror asks for more than it may. Values known at deployment only pass.
 */
export function checkAllowed(
  mirror: { readonly source: string; readonly destinations: readonly string[] },
  permissions: Permissions,
): void {
  const { sources, destinations, outward } = permissions;
  const said = [mirror.source, ...mirror.destinations, ...outward.flatMap(({ from, to }) => [from, to])];
  if ([sources, destinations, ...sources, ...destinations, ...said].some((one) => Token.isUnresolved(one))) return;
  const source = parseReference(mirror.source).repository;
  for (const destination of mirror.destinations) {
    const refusal = permits(permissions, source, parseDestination(destination).repository);
    if (refusal !== undefined) throw new PropsInvalid(`addMirror: ${refusal}`);
  }
}
