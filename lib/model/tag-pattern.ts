import { compileGlob, globProblem, literalEnd, literalStart } from './glob';
import {
  compileRegularExpression,
  isRegularExpression,
  literalEdges,
  regularExpressionProblem,
} from './regular-expression';

/** One of `include` or `exclude`: a glob over the whole tag, or a regular expression `/…/`, which may match anywhere in it. */
export interface TagPattern {
  /** As it was written. */
  readonly text: string;
  matches(tag: string): boolean;
  /** Instructions of a regular expression. @default - a glob, which costs next to nothing */
  readonly cost?: number;
}

/** Each is tried on each tag. */
const MOST = 100;

/** What is wrong with a pattern, as one line without its place; undefined when nothing is. */
export function tagPatternProblem(text: unknown): string | undefined {
  return typeof text === 'string' && isRegularExpression(text) ? regularExpressionProblem(text) : globProblem(text);
}

/** What is wrong with each pattern of a list, and with the list. */
export function tagPatternProblems(patterns: readonly unknown[]): readonly string[] {
  if (patterns.length > MOST) return [`got ${patterns.length} patterns; at most ${MOST} would do`];
  return patterns.flatMap((pattern) => tagPatternProblem(pattern) ?? []);
}

/** A pattern made ready. One with a {@link tagPatternProblem} matches nothing. */
export function compileTagPattern(text: string): TagPattern {
  if (!isRegularExpression(text)) return compileGlob(text);
  if (regularExpressionProblem(text) !== undefined) return { text, matches: () => false };
  return { text, ...compileRegularExpression(text) };
}

/** What trying all tags may cost: half a minute at the very worst, in which whoever selects does nothing else. */
const MOST_EFFORT = 20_000_000;

/** Why patterns are not tried on so many tags; undefined when they are. */
export function effortProblem(tags: number, patterns: readonly TagPattern[]): string | undefined {
  const instructions = patterns.reduce((sum, { cost = 0 }) => sum + cost, 0);
  if (tags * instructions <= MOST_EFFORT) return undefined;
  const most = Math.floor(MOST_EFFORT / tags);
  return `got ${tags} tags to try with regular expressions of ${instructions} instructions; ${most} at most, or globs, would do`;
}

/** Literal text that every tag which matches begins and ends with, as far as the pattern spells it out. */
export function edgesOf(pattern: string): { readonly start: string; readonly end: string } {
  if (isRegularExpression(pattern)) return literalEdges(pattern);
  return { start: literalStart(pattern), end: literalEnd(pattern) };
}

/** A glob that matches at least what the pattern does. */
export function globAround(pattern: string): string {
  return isRegularExpression(pattern) ? `${edgesOf(pattern).start}*` : pattern;
}

/** The patterns of a text, which commas part; those within `/…/`, as in `/^\\d{1,3}$/`, part nothing. */
export function splitTagPatterns(text: string): readonly string[] {
  const patterns: string[][] = [];
  let isOpen = false;
  for (const part of text.split(',')) {
    const rest: string = !isOpen && isRegularExpression(part.trimStart()) ? part.trimStart().slice(1) : part;
    const isInside: boolean = isOpen || rest !== part;
    if (isOpen) patterns.at(-1)?.push(part);
    else patterns.push([part]);
    isOpen = isInside && !/\/[a-z]*\s*$/.test(rest);
  }
  return patterns.map((parts) => parts.join(',').trim());
}
