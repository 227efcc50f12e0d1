import type { Range } from 'semver';
import { show } from './invalid';
import type { TagVersion } from './version';

/** A semver range over versions of tags. */
export interface VersionRange {
  /** Why a version is outside; undefined when it is not. */
  outside(version: TagVersion): string | undefined;
}

export const PRERELEASE_DROPPED = 'a pre-release; a range that names one (>=1.0.0-0) would take it';

const LONGEST = 256;

/** What is wrong with a semver range; undefined when nothing is. */
export function rangeProblem(text: unknown): string | undefined {
  if (typeof text === 'string' && text.trim() !== '' && parseRange(text) !== undefined) return undefined;
  return `got ${show(text)}; a range such as ">=1.25 <2" or "1.27.x" would do`;
}

/** Undefined for a text that is no range. One that names a pre-release takes all of them; semver alone takes those of the same three numbers. */
export function parseRange(text: string): VersionRange | undefined {
  if (text.length > LONGEST) return undefined;
  try {
    // Loaded where the first range is: a command starts sooner without.
    const semver = require('semver') as typeof import('semver');
    const prereleases = namesPrerelease(text, new semver.Range(text));
    const range = new semver.Range(text, { includePrerelease: prereleases });
    return {
      outside({ version }) {
        if (range.test(version)) return undefined;
        return version.prerelease.length > 0 && !prereleases ? PRERELEASE_DROPPED : 'outside the range';
      },
    };
  } catch {
    return undefined;
  }
}

/** semver itself writes `<2` as `<2.0.0-0` inside; only what the user wrote counts. */
function namesPrerelease(text: string, { set }: Range): boolean {
  const inside = set.some((all) => all.some(({ semver }) => (semver.prerelease?.length ?? 0) > 0));
  return inside && /\d-[0-9A-Za-z]/.test(text);
}
