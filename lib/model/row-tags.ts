import { show } from './invalid';
import type { Problem } from './mirror';
import { checkNames, isMap, type RowReader, readCount, readList, readRow, spell } from './row-reader';
import { splitTagPatterns, tagPatternProblems } from './tag-pattern';
import type { TagSelection } from './tag-selection';
import { rangeProblem } from './version-range';

const TAGS = 'Tags';
const NAMES = ['Include', 'Exclude', 'Semver', 'Latest', 'Min'];

/** Attribute `Tags` of a row: a map. Undefined when absent, or when it is no map; what is wrong is told to the reader. */
export function readTags(reader: RowReader, problems: Problem[]): TagSelection | undefined {
  const value = reader.get(TAGS);
  if (value === undefined) return undefined;
  const example = reader.spelling === 'table' ? '{Include: ["1.*"], Latest: 5}' : '{include: ["1.*"], latest: 5}';
  if (!isMap(value)) {
    reader.error(TAGS, `got ${show(value)}; a map such as ${example} would do`);
    return undefined;
  }
  const within = spell(TAGS, reader.spelling);
  const tags = readRow(value, reader.spelling, problems, within);
  checkNames(Object.keys(value), NAMES, reader, problems, within);
  const include = readPatterns(tags, 'Include');
  const exclude = readPatterns(tags, 'Exclude');
  const semver = readRange(tags);
  const latest = readCount(tags, 'Latest', 1);
  const min = readCount(tags, 'Min', 0);
  if (latest !== undefined && min !== undefined && min > latest) {
    tags.error('Min', `got ${min} beside a latest of ${latest}; at most that would do`);
  }
  return {
    ...(include === undefined ? {} : { include }),
    ...(exclude === undefined ? {} : { exclude }),
    ...(semver === undefined ? {} : { semver }),
    ...(latest === undefined ? {} : { latest }),
    ...(min === undefined ? {} : { min }),
  };
}

function readPatterns(tags: RowReader, attribute: string): readonly string[] | undefined {
  const patterns = readList(tags, attribute, 'a list of globs such as ["1.*", "*-alpine"]', splitTagPatterns);
  for (const problem of tagPatternProblems(patterns ?? [])) tags.error(attribute, problem);
  return patterns;
}

function readRange(tags: RowReader): string | undefined {
  const value = tags.get('Semver');
  if (value === undefined) return undefined;
  const problem = rangeProblem(value);
  if (problem === undefined) return String(value).trim();
  tags.error('Semver', problem);
  return undefined;
}
