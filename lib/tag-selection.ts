import { show } from './model/invalid';
import { tagPatternProblems } from './model/tag-pattern';
import type { TagSelection as Selection } from './model/tag-selection';
import { rangeProblem } from './model/version-range';
import { PropsInvalid } from './props-invalid';

/**
 * Which tags of a repository are mirrored. Applied in the order semver, include, exclude, latest; then `min` is checked.
 *
 * Values are never changed: each method returns a new selection.
 *
 * A pattern is a glob over the whole tag (`1.*`, `*-alpine`), or a regular expression between slashes, in the syntax of RE2,
 * that matches anywhere in the tag unless it says `^` or `$`: `/^1\.2[5-9]/`, and with `i` after it in upper and lower case.
 *
 * @example
 *
 * TagSelection.semver('>=1.25 <2').exclude('*-perl').latest(5);
 */
export class TagSelection {
  /** Every tag. */
  public static all(): TagSelection {
    return new TagSelection({});
  }

  /** Tags that are versions within a semver range, such as `>=1.25 <2`. */
  public static semver(range: string): TagSelection {
    const problem = rangeProblem(range);
    if (problem !== undefined) throw new PropsInvalid(`TagSelection.semver: ${problem}`);
    return new TagSelection({ semver: range });
  }

  /** Tags that match one of the patterns. */
  public static matching(...patterns: string[]): TagSelection {
    return TagSelection.all().include(...patterns);
  }

  private constructor(private readonly selection: Selection) {}

  /** Of these, the tags that match one of the patterns. */
  public include(...patterns: string[]): TagSelection {
    return this.with({ include: checkPatterns(this.selection.include, patterns) });
  }

  /** Of these, the tags that match none of the patterns. */
  public exclude(...patterns: string[]): TagSelection {
    return this.with({ exclude: checkPatterns(this.selection.exclude, patterns) });
  }

  /** Of these, the newest so many by version; where no tag is a version, by date. */
  public latest(count: number): TagSelection {
    return this.with({ latest: checkCount('latest', count) });
  }

  /** With fewer tags than this the mirror fails: a guard against a filter that suddenly selects nothing. */
  public min(count: number): TagSelection {
    return this.with({ min: checkCount('min', count) });
  }

  /**
   * As the runtime knows it.
   *
   * @internal
   */
  public _selection(): Selection {
    return this.selection;
  }

  private with(more: Selection): TagSelection {
    return new TagSelection({ ...this.selection, ...more });
  }
}

function checkPatterns(before: readonly string[] = [], more: readonly string[]): readonly string[] {
  if (more.length === 0) throw new PropsInvalid('TagSelection: got no patterns; at least one would do: 1.27*');
  const patterns = [...before, ...more];
  const [problem] = tagPatternProblems(patterns);
  if (problem !== undefined) throw new PropsInvalid(`TagSelection: ${problem}`);
  return patterns;
}

function checkCount(what: string, count: number): number {
  if (Number.isSafeInteger(count) && count >= 1) return count;
  throw new PropsInvalid(`TagSelection.${what}: got ${show(count)}; a whole number of at least 1 would do`);
}
