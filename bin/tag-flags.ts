import type { Problem } from '../lib/model/mirror';
import { readRow } from '../lib/model/row-reader';
import { readTags } from '../lib/model/row-tags';
import { splitTagPatterns } from '../lib/model/tag-pattern';
import type { TagSelection } from '../lib/model/tag-selection';
import type { FlagValues } from './arguments';
import { parseCount } from './duration';
import type { FlagName } from './flags';
import { UsageError } from './usage';

/** Flags that select tags. */
export const TAG_FLAGS = ['include', 'exclude', 'semver', 'latest', 'min'] as const satisfies readonly FlagName[];

/** More tags than a repository has. */
const MOST = 1_000_000;

/** Attribute `Tags` as the flags say it; undefined when none of them is there. @throws UsageError naming the flag */
export function tagsOf({ include, exclude, semver, latest, min }: FlagValues): Record<string, unknown> | undefined {
  const tags = {
    Include: typeof include === 'string' ? splitTagPatterns(include) : undefined,
    Exclude: typeof exclude === 'string' ? splitTagPatterns(exclude) : undefined,
    Semver: typeof semver === 'string' ? semver : undefined,
    Latest: typeof latest === 'string' ? parseCount('--latest', latest, 1, MOST) : undefined,
    Min: typeof min === 'string' ? parseCount('--min', min, 0, MOST) : undefined,
  };
  const given = Object.entries(tags).filter(([, value]) => value !== undefined);
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

/** The selection that the flags say: every tag without any. @throws UsageError naming the flag */
export function selectionOf(flags: FlagValues): TagSelection {
  const problems: Problem[] = [];
  const selection = readTags(readRow({ Tags: tagsOf(flags) ?? {} }, 'table', problems), problems) ?? {};
  const lines = problems.map(({ attribute, message }) => `${flagOf(attribute)}: ${message}`);
  if (lines.length > 0) throw new UsageError(lines.join(' · '));
  return selection;
}

/** `--include` for `Tags.Include`. */
function flagOf(attribute = ''): string {
  return `--${attribute.slice(attribute.indexOf('.') + 1).toLowerCase()}`;
}
