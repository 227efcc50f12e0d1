import { newestFirst, notNewest } from './newest-tags';
import { isPreviousTag, PREVIOUS_PREFIX } from './own-tags';
import { compileTagPattern, edgesOf, effortProblem, type TagPattern } from './tag-pattern';
import { dateIn, lineOf, type VersionLine, versionIn, whyNoVersion } from './version-line';
import { parseRange, rangeProblem, type VersionRange } from './version-range';

/** Which tags of a repository: attribute `Tags` of a row. Applied in the order semver, include, exclude, latest; then `min`. */
export interface TagSelection {
  /** Globs and regular expressions (`/…/`), of which a tag must match one. @default - all tags */
  readonly include?: readonly string[];
  /** Globs and regular expressions, of which a tag must match none. @default - none */
  readonly exclude?: readonly string[];
  /** A semver range; tags that are no version are dropped. @default - no condition */
  readonly semver?: string;
  /** Only the newest so many by version, or by date. @default - all */
  readonly latest?: number;
  /** Fewer selected tags than this is an error. @default - no such guard */
  readonly min?: number;
}

/** What a stage kept and dropped, for people who wonder where a tag went. */
export interface SelectionStage {
  /** `previous`: tags under which images are kept that other tags held. There only when it drops any. */
  readonly name: 'previous' | 'semver' | 'include' | 'exclude' | 'latest';
  /** How many tags were left after it. */
  readonly kept: number;
  readonly dropped: ReadonlyArray<readonly [tag: string, why: string]>;
}

export interface SelectedTags {
  /** Versions first, newest first, then dates, then the others by text. */
  readonly selected: readonly string[];
  /** One line: `min` was not reached, or the selection itself is wrong; nothing may then be copied by it. */
  readonly problem?: string;
}

export interface SelectionExplained extends SelectedTags {
  /** How many distinct tags there were. */
  readonly all: number;
  /** Only the stages that the selection names, in the order in which they ran. */
  readonly stages: readonly SelectionStage[];
}

/** Applies a selection: {@link explainSelection} without the reasons. */
export function selectTags(tags: Iterable<string>, selection: TagSelection): SelectedTags {
  const { selected, problem } = explainSelection(tags, selection);
  return { selected, ...(problem === undefined ? {} : { problem }) };
}

/** Of some tags those that a selection takes if it may: how many there must be, and which are newest, only all tags tell. */
export function eligibleTags(tags: Iterable<string>, selection: TagSelection): readonly string[] {
  const { latest: _, min: __, ...rest } = selection;
  return selectTags(tags, rest).selected;
}

/**
 * Applies a selection, and says of every tag that is not selected which stage dropped it, and why.
 *
 * What counts as a version, in `semver` and `latest` alike:
 * - `1.27`, `v1.2` and `1.27.0` are versions, the missing numbers being 0; `latest` and `stable` are none.
 * - `1.27-alpine` and `jammy-20260101` are of lines of their own: a range does not take them, unless every pattern of
 *   `include` ends, or begins, in the same text (`["*-alpine"]`). Then just the tags of that line are versions.
 * - `2.0.0-rc.1` and alike are pre-releases: taken only by a range that names a pre-release itself (`>=2.0.0-0`).
 * - `2026-01-31` is a date: `latest` takes the newest where it has dates and no versions to choose from.
 */
export function explainSelection(tags: Iterable<string>, selection: TagSelection): SelectionExplained {
  const all = [...new Set(tags)];
  const range = selection.semver === undefined ? undefined : parseRange(selection.semver);
  if (selection.semver !== undefined && range === undefined) {
    return { all: all.length, selected: [], stages: [], problem: rangeProblem(selection.semver) ?? '' };
  }
  const include = selection.include?.map(compileTagPattern);
  const exclude = selection.exclude?.map(compileTagPattern);
  const effort = effortProblem(all.length, [...(include ?? []), ...(exclude ?? [])]);
  if (effort !== undefined) return { all: all.length, selected: [], stages: [], problem: effort };

  const line = lineOf(selection.include);
  const stages: SelectionStage[] = [];
  let left: readonly string[] = all;
  const run = (name: SelectionStage['name'], why: (tag: string) => string | undefined) => {
    const { kept, dropped } = part(left, why);
    left = kept;
    stages.push({ name, kept: kept.length, dropped });
  };

  if (!asksForPrevious(selection) && all.some(isPreviousTag)) run('previous', isPrevious);
  if (range !== undefined) run('semver', outsideRange(range, line));
  if (include !== undefined) run('include', notIncluded(include));
  if (exclude !== undefined) run('exclude', excluded(exclude));
  if (selection.latest !== undefined) run('latest', notNewest(left, selection.latest, line, range));

  const problem = minProblem(left.length, all.length, selection.min);
  const selected = newestFirst(left, line);
  return { all: all.length, selected, stages, ...(problem === undefined ? {} : { problem }) };
}

/** A mirror of a mirror: what is kept there for whoever runs it is nothing to mirror on, unless it is asked for. */
function asksForPrevious({ include = [] }: TagSelection): boolean {
  return include.some((pattern) => edgesOf(pattern).start.startsWith(PREVIOUS_PREFIX));
}

function isPrevious(tag: string): string | undefined {
  return isPreviousTag(tag)
    ? `kept from before a tag moved; a pattern that begins with ${PREVIOUS_PREFIX} takes it`
    : undefined;
}

function outsideRange(range: VersionRange, line: VersionLine): (tag: string) => string | undefined {
  return (tag) => {
    const version = versionIn(line, tag);
    if (version !== undefined) return range.outside(version);
    return dateIn(line, tag) === undefined ? whyNoVersion(tag, line) : 'a date; latest orders dates, a range does not';
  };
}

function notIncluded(patterns: readonly TagPattern[]): (tag: string) => string | undefined {
  return (tag) => (patterns.some((pattern) => pattern.matches(tag)) ? undefined : 'matches nothing of include');
}

function excluded(patterns: readonly TagPattern[]): (tag: string) => string | undefined {
  return (tag) => {
    const pattern = patterns.find((one) => one.matches(tag));
    return pattern === undefined ? undefined : `matches ${pattern.text} of exclude`;
  };
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
