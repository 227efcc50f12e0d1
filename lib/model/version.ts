import { compare, SemVer } from 'semver';

/** A tag read as a version. */
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

/**
 * Reads a tag as a version: `1.27`, `v1.2.3`, `2.0.0-rc.1`; with a `line` (`-alpine`) the tag must end in it and the
 * rest is read. Undefined for anything else: `latest`, `1.27-alpine` without its line, a commit's digits and letters.
 */
export function readVersion(tag: string, line = ''): TagVersion | undefined {
  if (!tag.endsWith(line)) return undefined;
  const match = NUMBERS.exec(tag.slice(0, tag.length - line.length));
  if (match === null) return undefined;
  const [major = 0, minor = 0, patch = 0, ...more] = (match[1] ?? '').split('.').map(Number);
  const suffix = match[2] ?? '';
  const prerelease = suffix === '' ? '' : prereleaseOf(suffix);
  if (prerelease === undefined) return undefined;
  return {
    version: new SemVer(`${major}.${minor}.${patch}${prerelease}`),
    more,
    spelled: (match[1] ?? '').split('.').length,
  };
}

/** What follows the numbers of a tag, `-alpine` of `1.27-alpine`; undefined when the tag begins with no version. */
export function suffixOf(tag: string): string | undefined {
  return NUMBERS.exec(tag)?.[2];
}

/** Newest first; of equal versions the one that spells more of it, then by text. */
export function compareVersions(a: readonly [string, TagVersion], b: readonly [string, TagVersion]): number {
  return (
    compare(b[1].version, a[1].version) ||
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
