import { Range } from 'semver';
import { compileGlob, literalEnd } from './glob';
import { show } from './invalid';
import { compareText, compareVersions, readVersion, suffixOf, type TagVersion } from './version';

/** Which tags of a repository: attribute `Tags` of a row. Applied in the order semver, include, exclude, latest; then `min`. */
export interface TagSelection {
  /** Globs, of which a tag must match one. @default - all tags */
  readonly include?: readonly string[];
  /** Globs, of which a tag must match none. @default - none */
  readonly exclude?: readonly string[];
  /** A semver range; tags that are no version are dropped. @default - no condition */
  readonly semver?: string;
  /** Only the newest so many by version. @default - all */
  readonly latest?: number;
  /** Fewer selected tags than this is an error. @default - no such guard */
  readonly min?: number;
}

/** What each stage kept and dropped, for people who wonder where a tag went. */
export interface SelectionStage {
  readonly name: 'semver' | 'include' | 'exclude' | 'latest';
  /** How many tags were left after it. */
  readonly kept: number;
  readonly dropped: ReadonlyArray<readonly [tag: string, why: string]>;
}

export interface SelectedTags {
  /** Versions first, newest first, then the others by text. */
  readonly selected: readonly string[];
  /** Only the stages that the selection names, in the order in which they ran. */
  readonly stages: readonly SelectionStage[];
  /** One line: `min` was not reached, or the selection itself is wrong; nothing may then be copied by it. */
  readonly problem?: string;
}

/**
 * Applies a selection.
 *
 * What counts as a version, in `semver` and `latest` alike:
 * - `1.27`, `v1.2` and `1.27.0` are versions, the missing numbers being 0; `latest` and `stable` are none.
 * - `1.27-alpine` and `1.27.0-perl` are lines of their own: a range does not take them, unless every glob of `include`
 *   ends in the same suffix (`["*-alpine"]`). Then just the tags of that line are versions, by their numbers.
 * - `2.0.0-rc.1` and alike are pre-releases: taken only by a range that names a pre-release itself (`>=2.0.0-0`).
 */
export function selectTags(tags: Iterable<string>, selection: TagSelection): SelectedTags {
  const all = [...new Set(tags)];
  const range = selection.semver === undefined ? undefined : parseRange(selection.semver);
  if (range === null) return { selected: [], stages: [], problem: rangeProblem(selection.semver) ?? '' };

  const line = lineOf(selection.include);
  const stages: SelectionStage[] = [];
  let left: readonly string[] = all;
  const run = (name: SelectionStage['name'], why: (tag: string) => string | undefined) => {
    const { kept, dropped } = part(left, why);
    left = kept;
    stages.push({ name, kept: kept.length, dropped });
  };

  if (range !== undefined) run('semver', (tag) => outsideRange(tag, line, range));
  if (selection.include !== undefined) run('include', notIncluded(selection.include));
  if (selection.exclude !== undefined) run('exclude', excluded(selection.exclude));
  if (selection.latest !== undefined) run('latest', notNewest(left, selection.latest, line, range));

  const problem = minProblem(left.length, all.length, selection.min);
  return { selected: newestFirst(left, line), stages, ...(problem === undefined ? {} : { problem }) };
}

/** What is wrong with a semver range; undefined when nothing is. */
export function rangeProblem(text: unknown): string | undefined {
  if (typeof text === 'string' && text.trim() !== '' && parseRange(text) !== null) return undefined;
  return `got ${show(text)}; a range such as ">=1.25 <2" or "1.27.x" would do`;
}

/** A range that names a pre-release takes all of them; semver alone takes those of the same three numbers. */
function parseRange(text: string): { readonly range: Range; readonly prereleases: boolean } | null {
  if (text.length > 256) return null;
  try {
    const range = new Range(text);
    const prereleases = range.set.some((all) =>
      all.some((one) => (one.semver.prerelease?.length ?? 0) > 0 && named(text)),
    );
    return { range: new Range(text, { includePrerelease: prereleases }), prereleases };
  } catch {
    return null;
  }
}

/** semver itself writes `<2` as `<2.0.0-0` inside; only what the user wrote counts. */
function named(text: string): boolean {
  return /\d-[0-9A-Za-z]/.test(text);
}

type ParsedRange = Exclude<ReturnType<typeof parseRange>, null>;

/** The suffix in which all globs of `include` end; '' when they share none. */
function lineOf(include: readonly string[] | undefined): string {
  if (include === undefined || include.length === 0) return '';
  const ends = new Set(include.map((glob) => variantOf(glob)));
  const [line = ''] = ends;
  return ends.size === 1 ? line : '';
}

function variantOf(glob: string): string {
  const end = literalEnd(glob);
  const suffix = end === glob ? (suffixOf(glob) ?? '') : end;
  return /^[-_.]?[A-Za-z]/.test(suffix) && !(suffix !== '' && readVersion(`0${suffix}`)) ? suffix : '';
}

function versionOf(tag: string, line: string): TagVersion | undefined {
  return readVersion(tag, line);
}

function outsideRange(tag: string, line: string, wanted: ParsedRange): string | undefined {
  const version = versionOf(tag, line);
  if (version === undefined) return noVersion(tag, line);
  if (wanted.range.test(version.version)) return undefined;
  return version.version.prerelease.length > 0 && !wanted.prereleases ? PRERELEASE_DROPPED : 'outside the range';
}

const PRERELEASE_DROPPED = 'a pre-release; a range that names one (>=1.0.0-0) would take it';

function noVersion(tag: string, line: string): string {
  const suffix = suffixOf(tag);
  if (suffix === undefined) return 'no version';
  if (line !== '') return `no version of the line ${line}`;
  return /^[-_.]/.test(suffix)
    ? `${suffix} is a line of its own; an include of "*${suffix}" alone would take it`
    : 'no version';
}

function notIncluded(globs: readonly string[]): (tag: string) => string | undefined {
  const compiled = globs.map(compileGlob);
  return (tag) => (compiled.some((glob) => glob.matches(tag)) ? undefined : 'matches no glob of include');
}

function excluded(globs: readonly string[]): (tag: string) => string | undefined {
  const compiled = globs.map(compileGlob);
  return (tag) => {
    const glob = compiled.find((one) => one.matches(tag));
    return glob === undefined ? undefined : `matches ${glob.text} of exclude`;
  };
}

function notNewest(
  tags: readonly string[],
  count: number,
  line: string,
  range: ParsedRange | undefined,
): (tag: string) => string | undefined {
  const versions = tags.flatMap((tag) => {
    const version = versionOf(tag, line);
    const counts = version !== undefined && (range !== undefined || version.version.prerelease.length === 0);
    return counts ? [[tag, version] as const] : [];
  });
  const counted = new Set(versions.map(([tag]) => tag));
  const newest = new Set(
    [...versions]
      .sort(compareVersions)
      .slice(0, count)
      .map(([tag]) => tag),
  );
  return (tag) => {
    if (newest.has(tag)) return undefined;
    if (counted.has(tag)) return `not among the newest ${count}`;
    return versionOf(tag, line) === undefined ? noVersion(tag, line) : PRERELEASE_DROPPED;
  };
}

function newestFirst(tags: readonly string[], line: string): readonly string[] {
  const versions: Array<readonly [string, TagVersion]> = [];
  const others: string[] = [];
  for (const tag of tags) {
    const version = versionOf(tag, line);
    if (version === undefined) others.push(tag);
    else versions.push([tag, version]);
  }
  return [...versions.sort(compareVersions).map(([tag]) => tag), ...others.sort(compareText)];
}

function minProblem(selected: number, all: number, min: number | undefined): string | undefined {
  if (min === undefined || selected >= min) return undefined;
  return `got ${selected} of ${all} tags, fewer than the ${min} that min asks for; a wider selection, or a lower min, would do`;
}

function part(tags: readonly string[], why: (tag: string) => string | undefined) {
  const kept: string[] = [];
  const dropped: Array<readonly [string, string]> = [];
  for (const tag of tags) {
    const reason = why(tag);
    if (reason === undefined) kept.push(tag);
    else dropped.push([tag, reason]);
  }
  return { kept, dropped };
}
