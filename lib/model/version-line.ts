import { edgesOf } from './tag-pattern';
import { readDate, readVersion, suffixOf, type TagVersion } from './version';

/**
 * Tags that are versions of the same thing: those that begin and end alike. `*-alpine` of nginx and `jammy-*` of ubuntu are
 * lines of their own; versions of different lines are not compared.
 */
export interface VersionLine {
  readonly prefix: string;
  readonly suffix: string;
}

/** The line that all patterns of `include` name, as `["*-alpine"]` does; that of plain versions where they name none, or several. */
export function lineOf(include: readonly string[] = []): VersionLine {
  const lines = include.map(lineNamedBy);
  return { prefix: shared(lines.map(({ prefix }) => prefix)), suffix: shared(lines.map(({ suffix }) => suffix)) };
}

/** What a tag is as a version of a line. */
export function versionIn({ prefix, suffix }: VersionLine, tag: string): TagVersion | undefined {
  const inside = within(tag, prefix, suffix);
  return inside === undefined ? undefined : readVersion(inside);
}

/** What a tag is as a date of a line. */
export function dateIn({ prefix, suffix }: VersionLine, tag: string): TagVersion | undefined {
  const inside = within(tag, prefix, suffix);
  return inside === undefined ? undefined : readDate(inside);
}

/** Why a tag is no version of a line, with what would take it. */
export function whyNoVersion(tag: string, { prefix, suffix }: VersionLine): string {
  if (prefix !== '' || suffix !== '') return `no version of the line ${prefix}*${suffix}`;
  const other = otherLine(tag);
  return other === undefined ? 'no version' : `of the line ${other}; an include of "${other}" alone would take it`;
}

function within(tag: string, prefix: string, suffix: string): string | undefined {
  const fits = tag.length >= prefix.length + suffix.length && tag.startsWith(prefix) && tag.endsWith(suffix);
  return fits ? tag.slice(prefix.length, tag.length - suffix.length) : undefined;
}

function shared(texts: readonly string[]): string {
  const [first = '', ...others] = texts;
  return others.every((text) => text === first) ? first : '';
}

function lineNamedBy(pattern: string): VersionLine {
  const { start, end } = edgesOf(pattern);
  const prefix = prefixOf(start);
  const isLiteral = start === pattern;
  const suffix = isLiteral ? (suffixOf(pattern.slice(prefix.length)) ?? '') : end;
  return { prefix, suffix: isVariant(suffix) ? suffix : '' };
}

/** What stands before the numbers; the `v` of a version is part of it, not of the line. */
function prefixOf(start: string): string {
  const letters = /^[^0-9]*/.exec(start)?.[0] ?? '';
  return letters.replace(/(^|[-_.])[vV]$/, '$1');
}

/** `-alpine` is one; `-rc1` is a pre-release, `.0` more of the number. */
function isVariant(suffix: string): boolean {
  return /^[-_.]?[A-Za-z]/.test(suffix) && readVersion(`0${suffix}`) === undefined;
}

/** The line that a tag is of by its looks, as a glob. */
function otherLine(tag: string): string | undefined {
  const suffix = suffixOf(tag);
  if (suffix !== undefined) return /^[-_.][A-Za-z]/.test(suffix) ? `*${suffix}` : undefined;
  const prefix = prefixOf(tag);
  const inside = tag.slice(prefix.length);
  return (readVersion(inside) ?? readDate(inside)) === undefined ? undefined : `${prefix}*`;
}
