import { validRange } from 'semver';
import { globProblem } from './model/glob';
import { show } from './model/invalid';
import type { TagSelection as Selection } from './model/tag-selection';

/**
 * Which tags of a repository are mirrored. Applied in the order semver, include, exclude, latest; then `min` is checked.
 *
 * Values are never changed: each method returns a new selection.
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
    if (validRange(range) === null)
      throw new Error(`TagSelection: got ${show(range)}; a semver range would do: >=1.25 <2`);
    return new TagSelection({ semver: range });
  }

  /** Tags that match one of the globs. */
  public static matching(...globs: string[]): TagSelection {
    return TagSelection.all().include(...globs);
  }

  private constructor(private readonly selection: Selection) {}

  /** Of these, the tags that match one of the globs. */
  public include(...globs: string[]): TagSelection {
    return this.with({ include: [...(this.selection.include ?? []), ...checkGlobs(globs)] });
  }

  /** Of these, the tags that match none of the globs. */
  public exclude(...globs: string[]): TagSelection {
    return this.with({ exclude: [...(this.selection.exclude ?? []), ...checkGlobs(globs)] });
  }

  /** Of these, the newest so many by version. */
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

function checkGlobs(globs: readonly string[]): readonly string[] {
  if (globs.length === 0) throw new Error('TagSelection: got no globs; at least one would do: 1.27*');
  const problem = globs.map(globProblem).find((found) => found !== undefined);
  if (problem !== undefined) throw new Error(`TagSelection: ${problem}`);
  return globs;
}

function checkCount(what: string, count: number): number {
  if (Number.isSafeInteger(count) && count >= 1) return count;
  throw new Error(`TagSelection.${what}: got ${show(count)}; a whole number of at least 1 would do`);
}
