import type { RE2JS } from 're2js';
import { show } from './invalid';

/** Regular expressions over tags, written `/…/` or `/…/i`, in the syntax of RE2, which takes time in proportion to the tag. */

const LONGEST = 256;
/** Instructions: what repetitions of repetitions come to. */
const LARGEST = 500;
const WRITTEN = /^\/(.*)\/([a-z]*)$/s;
const LOOKAROUND = /\(\?(?:<?[=!]|>)/;
const BACKREFERENCE = /\\(?:[1-9]|k[<{])/;

/** Whether a text is meant as a regular expression: no tag and no glob has a slash. */
export function isRegularExpression(text: string): boolean {
  return text.startsWith('/');
}

/** What was found wrong already: rows of a table have the same few expressions, and each row is read at each run. */
const known = new Map<string, string | undefined>();
const MOST_KNOWN = 1000;

/** What is wrong with a regular expression, as one line without its place; undefined when nothing is. */
export function regularExpressionProblem(text: string): string | undefined {
  if (known.has(text)) return known.get(text);
  const problem = findProblem(text);
  if (known.size >= MOST_KNOWN) known.clear();
  if (text.length <= LONGEST) known.set(text, problem);
  return problem;
}

function findProblem(text: string): string | undefined {
  const got = `got ${show(text)}`;
  if (text.length > LONGEST) return `${got}; a regular expression of at most ${LONGEST} characters would do`;
  const [, source, flags] = WRITTEN.exec(text) ?? [];
  if (source === undefined || source === '') return `${got}; a regular expression such as /^1\\.2[5-9]/ would do`;
  if (flags !== '' && flags !== 'i') return `${got}; no flag, or i alone, after the second / would do`;
  try {
    const size = compile(source, flags).programSize();
    return size > LARGEST ? `${got}, which takes ${size} instructions; at most ${LARGEST} would do` : undefined;
  } catch (error) {
    return `${got}; ${remedy(source, error as Error)}`;
  }
}

/**
 * A test of whether something in a tag matches, and what trying it on a tag costs at most, in instructions.
 *
 * The engine's matcher tries, for texts as short as tags, in bounded steps; its `test` makes an automaton on the way, which takes
 * twenty times longer where each tag leads to states that none did before.
 *
 * @throws what the engine throws, for a text with a {@link regularExpressionProblem}
 */
export function compileRegularExpression(text: string) {
  const [, source = '', flags] = WRITTEN.exec(text) ?? [];
  const expression = compile(source, flags);
  return { cost: expression.programSize(), matches: (tag: string): boolean => expression.matcher(tag).find() };
}

/** Literal text that all that matches begins and ends with, as far as the expression spells it out. */
export function literalEdges(text: string): { readonly start: string; readonly end: string } {
  const [, source = '', flags] = WRITTEN.exec(text) ?? [];
  if (flags !== '' || source.includes('(?') || hasAlternatives(source)) return { start: '', end: '' };
  const [, start = '', repeated = ''] = /^\^((?:[A-Za-z0-9_-]|\\[.-])*)([*+?{]?)/.exec(source) ?? [];
  const [, end = ''] = /((?:[-_]|\\[.-])[A-Za-z](?:[A-Za-z0-9_-]|\\[.-])*)\$$/.exec(source) ?? [];
  const sure = repeated === '' ? start : start.replace(/\\?.$/, '');
  return { start: sure.replaceAll('\\', ''), end: end.replaceAll('\\', '') };
}

/** The engine is loaded where the first regular expression is: most people never write one, and a command starts sooner without. */
function compile(source: string, flags: string | undefined): RE2JS {
  const { RE2JS: engine } = require('re2js') as typeof import('re2js');
  return engine.compile(source, flags === 'i' ? engine.CASE_INSENSITIVE : 0);
}

function remedy(source: string, { message }: Error): string {
  if (LOOKAROUND.test(source)) {
    return 'lookahead and lookbehind take time without bound: an include and an exclude instead would do';
  }
  if (BACKREFERENCE.test(source)) return 'a backreference takes time without bound: what it stands for would do';
  const why = message.replace(/^error parsing regexp: /, '');
  return `${show(why).slice(1, -1)}: a regular expression in the syntax of RE2 would do`;
}

/** Whether it has a `|` outside of all parentheses. */
function hasAlternatives(source: string): boolean {
  let rest = source.replace(/\\./gs, '').replace(/\[[^\]]*\]/g, '');
  for (let before = ''; before !== rest; ) {
    before = rest;
    rest = rest.replace(/\([^()]*\)/g, '');
  }
  return rest.includes('|');
}
