import { Token } from 'aws-cdk-lib';
import { show } from './model/invalid';
import { patternProblem } from './model/permissions';

const VALUE = /[$#]\{Token\[[^\]]*\]\}/g;

/** @throws Error naming the prop, what was got and what would do. Values known at deployment only pass. */
export function checkPatterns(prop: string, patterns: readonly string[]): readonly string[] {
  if (Token.isUnresolved(patterns)) return patterns;
  patterns.forEach((pattern, index) => {
    checkPattern(`${prop}[${index}]`, pattern);
  });
  return patterns;
}

/** @throws Error naming the place, what was got and what would do. */
export function checkPattern(place: string, pattern: string): string {
  const known = pattern.replace(VALUE, '0');
  const problem = patternProblem(known);
  if (problem !== undefined) throw new Error(`${place}: ${problem}`);
  const { registry } = splitPattern(known);
  if (/[.:*]/.test(registry) || registry === 'localhost' || known !== pattern) return pattern;
  throw new Error(`${place}: got ${show(pattern)}; it begins with no registry, docker.io/${pattern} would do`);
}

/** The registry and the name of a pattern; either may hold values known at deployment only. */
export function splitPattern(pattern: string): { readonly registry: string; readonly name: string } {
  const slash = pattern.indexOf('/');
  if (slash < 0) return { registry: pattern, name: '**' };
  return { registry: pattern.slice(0, slash), name: pattern.slice(slash + 1) };
}
