import { show } from './invalid';

/**
 * Globs over tags: `*` stands for any text, `?` for one character, `[abc]`, `[a-z]` and `[!abc]` for one of, or not of,
 * some; the whole tag must match, upper and lower case differ. No braces, no `(…|…)`: a list of globs says the same.
 */
export interface Glob {
  readonly text: string;
  matches(tag: string): boolean;
}

const LONGEST = 128;
const CHARACTER_CLASS = /\[[!^]?[A-Za-z0-9_.-]+\]/g;
const GLOB = /^(?:[A-Za-z0-9_.*?-]|\[[!^]?[A-Za-z0-9_.-]+\])+$/;
const OPTIONS = { dot: true, nobrace: true, noextglob: true, noglobstar: true, nonegate: true, windows: false };

/** What is wrong with a glob, as one line without the glob's place; undefined when nothing is. */
export function globProblem(text: unknown): string | undefined {
  const would = 'a glob such as 1.* or *-alpine would do';
  if (typeof text !== 'string' || text === '') return `got ${show(text)}; ${would}`;
  if (text.length > LONGEST) return `got ${show(text)}; a glob of at most ${LONGEST} characters would do`;
  if (/[{}()|,]/.test(text)) return `got ${show(text)}; several globs in the list would do instead`;
  if (!GLOB.test(text)) return `got ${show(text)}; ${would}: letters, digits, . _ - with * ? and [a-z]`;
  return segments(text).some((segment) => segment.pattern === undefined)
    ? `got ${show(text)}; a range between brackets that goes upwards would do`
    : undefined;
}

/**
 * A glob made ready. The text between stars is picomatch's to match; the stars are placed here, each as far left as
 * it goes, because a regular expression with several stars tries every way to place them: minutes for one bad tag.
 *
 * @throws nothing for a text without a {@link globProblem}; a glob with one matches nothing.
 */
export function compileGlob(text: string): Glob {
  if (globProblem(text) !== undefined) return { text, matches: () => false };
  const parts = segments(text);
  return { text, matches: (tag) => matchSegments(parts, tag) };
}

/** The literal start of a glob, before its first wildcard. */
export function literalStart(glob: string): string {
  return glob.replace(/[*?[].*$/s, '');
}

/** The literal end of a glob, after its last wildcard. */
export function literalEnd(glob: string): string {
  return glob.slice(Math.max(glob.lastIndexOf('*'), glob.lastIndexOf('?'), glob.lastIndexOf(']')) + 1);
}

/** A stretch without stars: it matches texts of exactly this length. */
interface Segment {
  readonly length: number;
  /** Undefined when it is empty of meaning, such as `[z-a]`. */
  readonly pattern: RegExp | undefined;
}

function segments(text: string): readonly Segment[] {
  return text.replaceAll('[!', '[^').split('*').map(segment);
}

function segment(text: string): Segment {
  const length = text.replace(CHARACTER_CLASS, '?').length;
  if (length === 0) return { length, pattern: /^$/ };
  // Loaded where the first glob is: a command starts sooner without.
  const { makeRe } = require('picomatch') as typeof import('picomatch');
  const pattern = makeRe(text, OPTIONS);
  return { length, pattern: pattern.source === '$^' ? undefined : pattern };
}

function matchSegments(parts: readonly Segment[], tag: string): boolean {
  const [first, ...rest] = parts;
  const last = rest.pop();
  if (first === undefined) return false;
  if (last === undefined) return tag.length === first.length && fits(first, tag, 0);
  let at = first.length;
  const end = tag.length - last.length;
  if (at > end || !fits(first, tag, 0) || !fits(last, tag, end)) return false;
  for (const middle of rest) {
    while (at + middle.length <= end && !fits(middle, tag, at)) at += 1;
    if (at + middle.length > end) return false;
    at += middle.length;
  }
  return true;
}

function fits(part: Segment, tag: string, at: number): boolean {
  return part.length === 0 || part.pattern?.test(tag.slice(at, at + part.length)) === true;
}
