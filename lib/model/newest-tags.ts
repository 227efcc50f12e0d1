import { compareText, compareVersions, type TagVersion } from './version';
import { dateIn, type VersionLine, versionIn, whyNoVersion } from './version-line';
import { PRERELEASE_DROPPED, type VersionRange } from './version-range';

/** Why a tag is not among the newest so many of these; of pre-releases those count that a range has let through. */
export function notNewest(
  tags: readonly string[],
  count: number,
  line: VersionLine,
  range: VersionRange | undefined,
): (tag: string) => string | undefined {
  const { versions, dates } = sorted(tags, line);
  const counted = versions.filter(([, { version }]) => range !== undefined || version.prerelease.length === 0);
  const ordered = (counted.length > 0 ? counted : dates).map(([tag]) => tag);
  const place = new Map(ordered.map((tag, index) => [tag, index]));
  return (tag) => {
    const index = place.get(tag);
    if (index !== undefined) return index < count ? undefined : `not among the newest ${count}`;
    if (versionIn(line, tag) !== undefined) return PRERELEASE_DROPPED;
    return dateIn(line, tag) === undefined ? whyNoVersion(tag, line) : 'a date beside versions, which are not compared';
  };
}

/** Versions newest first, then dates, then the others by text. */
export function newestFirst(tags: readonly string[], line: VersionLine): readonly string[] {
  const { versions, dates, others } = sorted(tags, line);
  return [...[...versions, ...dates].map(([tag]) => tag), ...others];
}

type Dated = readonly [tag: string, version: TagVersion];

/** Versions and dates newest first, the others by text. */
function sorted(tags: readonly string[], line: VersionLine) {
  const versions: Dated[] = [];
  const dates: Dated[] = [];
  const others: string[] = [];
  for (const tag of tags) {
    const version = versionIn(line, tag);
    const date = version === undefined ? dateIn(line, tag) : undefined;
    if (version !== undefined) versions.push([tag, version]);
    else if (date !== undefined) dates.push([tag, date]);
    else others.push(tag);
  }
  return {
    versions: versions.sort(compareVersions),
    dates: dates.sort(compareVersions),
    others: others.sort(compareText),
  };
}
