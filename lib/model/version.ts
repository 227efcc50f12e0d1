import type { SemVer } from 'semver';

/** A tag read as a version, or as a date. */
export interface TagVersion {
  /** Full: what the tag leaves out counts as 0. */
  readonly version: SemVer;
  /** Numbers after the third, for tags like `10.0.20348.2113`. */
  readonly more: readonly number[];
  /** How many numbers the tag spells out. */
  readonly spelled: number;
}

/** Fifteen digits are exact in a number; longer ones are no version. */
const NUMBERS = /^[vV]?(\d{1,15}(?:\.\d{1,15}){0,7})(.*)$/;
const PRERELEASE =
  /^[-_.]?(alpha|beta|rc|pre|preview|dev|snapshot|nightly|canary|milestone|ea|a|b|m)[-_.]?(\d{1,15})?$/i;
/** ISO 8601, with what tags have in place of its colons. */
const DATE =
  /^((?:19|20)\d\d)-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?:[T_-]([01]\d|2[0-3])[-_.]?([0-5]\d)(?:[-_.]?([0-5]\d))?Z?)?$/;

/**
 * Reads a text as a version: `1.27`, `v1.2.3`, `2.0.0-rc.1`. Undefined for anything else: `latest`, `1.27-alpine`, a
 * commit's digits and letters.
 */
export function readVersion(text: string): TagVersion | undefined {
  const match = NUMBERS.exec(text);
  if (match === null) return undefined;
  const suffix = match[2] ?? '';
  const prerelease = suffix === '' ? '' : prereleaseOf(suffix);
  if (prerelease === undefined) return undefined;
  return ofNumbers((match[1] ?? '').split('.').map(Number), prerelease);
}

/** Reads a text as a date, with or without a time: `2026-01-31`, `2026-01-31T16-07-38Z`. */
export function readDate(text: string): TagVersion | undefined {
  const match = DATE.exec(text);
  if (match === null) return undefined;
  return ofNumbers(match.slice(1).filter(Boolean).map(Number), '');
}

/** What follows the numbers of a text, `-alpine` of `1.27-alpine`; undefined when it begins with no version. */
export function suffixOf(text: string): string | undefined {
  return NUMBERS.exec(text)?.[2];
}

/** Newest first; of equal versions the one that spells more of it, then by text. */
export function compareVersions(a: readonly [string, TagVersion], b: readonly [string, TagVersion]): number {
  return (
    b[1].version.compare(a[1].version) ||
    compareNumbers(b[1].more, a[1].more) ||
    b[1].spelled - a[1].spelled ||
    compareText(a[0], b[0])
  );
}

/** By code units, so that the order is the same everywhere. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function prereleaseOf(suffix: string): string | undefined {
  const match = PRERELEASE.exec(suffix);
  if (match === null) return undefined;
  const word = (match[1] ?? '').toLowerCase();
  return match[2] === undefined ? `-${word}` : `-${word}.${Number(match[2])}`;
}

function ofNumbers(numbers: readonly number[], prerelease: string): TagVersion {
  const [major = 0, minor = 0, patch = 0, ...more] = numbers;
  // Loaded where the first version is: a command starts sooner without.
  const semver = require('semver') as typeof import('semver');
  return { version: new semver.SemVer(`${major}.${minor}.${patch}${prerelease}`), more, spelled: numbers.length };
}
