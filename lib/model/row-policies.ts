import { parseAge } from './age';
import { show } from './invalid';
import type { Mirror, OnConflict } from './mirror';
import { attempt, type RowReader, readFlag, readText } from './row-reader';

const MIN_AGE = 'MinAge';
const ON_CONFLICT = 'OnConflict';
const POLICIES: readonly OnConflict[] = ['report', 'suffix'];

/** Attributes about tags that move: when, what becomes of what they held, and what if they may not. */
export function readPolicies(reader: RowReader): Pick<Mirror, 'minAge' | 'keepPrevious' | 'onConflict'> {
  const minAge = readMinAge(reader);
  const keepPrevious = readFlag(reader, 'KeepPrevious');
  const onConflict = readOnConflict(reader);
  return {
    ...(minAge === undefined ? {} : { minAge }),
    ...(keepPrevious === true ? { keepPrevious } : {}),
    ...(onConflict === undefined ? {} : { onConflict }),
  };
}

function readMinAge(reader: RowReader): number | undefined {
  const text = readText(reader, MIN_AGE, 'an age such as 3d or 12h');
  return text === undefined ? undefined : attempt(reader, MIN_AGE, () => parseAge(text));
}

function readOnConflict(reader: RowReader): OnConflict | undefined {
  const value = reader.get(ON_CONFLICT);
  if (value === undefined) return undefined;
  const policy = POLICIES.find((one) => one === value);
  if (policy === undefined) reader.error(ON_CONFLICT, `got ${show(value)}; ${POLICIES.join(' or ')} would do`);
  return policy;
}
