import { InvalidValue, show } from './invalid';
import type { Problem } from './mirror';
import { nearMiss } from './near-miss';

/** How attributes are spelled: as in the table (`MinAge`) or as in a file (`minAge`). */
export type Spelling = 'table' | 'file';

/** One row while it is being read: its attributes by the names of the table, and what was found wrong with them. */
export interface RowReader {
  readonly spelling: Spelling;
  has(attribute: string): boolean;
  get(attribute: string): unknown;
  error(attribute: string | undefined, message: string): void;
  warn(attribute: string | undefined, message: string): void;
  readonly problems: readonly Problem[];
}

/** @param within what stands before the attribute in problems, such as `Tags` for `Tags.Semver`. */
export function readRow(
  values: Readonly<Record<string, unknown>>,
  spelling: Spelling,
  problems: Problem[] = [],
  within = '',
): RowReader {
  const named = (attribute: string) => `${within === '' ? '' : `${within}.`}${spell(attribute, spelling)}`;
  const add = (severity: Problem['severity'], attribute: string | undefined, message: string) => {
    problems.push({ ...(attribute === undefined ? {} : { attribute: named(attribute) }), message, severity });
  };
  return {
    spelling,
    problems,
    has: (attribute) =>
      Object.hasOwn(values, spell(attribute, spelling)) && values[spell(attribute, spelling)] !== undefined,
    get: (attribute) =>
      Object.hasOwn(values, spell(attribute, spelling)) ? values[spell(attribute, spelling)] : undefined,
    error: (attribute, message) => add('error', attribute, message),
    warn: (attribute, message) => add('warning', attribute, message),
  };
}

/** A name of the table as the user's document spells it. */
export function spell(attribute: string, spelling: Spelling): string {
  return spelling === 'table' ? attribute : `${attribute.charAt(0).toLowerCase()}${attribute.slice(1)}`;
}

/** Unknown names: an error where one was probably meant that is known, else a warning. */
export function checkNames(
  names: readonly string[],
  known: readonly string[],
  reader: Pick<RowReader, 'spelling'>,
  problems: Problem[],
  within = '',
): void {
  const spelled = known.map((one) => spell(one, reader.spelling));
  for (const name of names.filter((one) => !spelled.includes(one))) {
    const meant = nearMiss(name, spelled);
    const attribute = `${within === '' ? '' : `${within}.`}${show(name).slice(1, -1)}`;
    problems.push(
      meant === undefined
        ? { attribute, message: 'is no attribute known here and is ignored', severity: 'warning' }
        : { attribute, message: `got ${show(name)}; ${meant} would do`, severity: 'error' },
    );
  }
}

/** A text, trimmed; undefined (and a problem) when there is none. */
export function readText(reader: RowReader, attribute: string, would: string): string | undefined {
  const value = reader.get(attribute);
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value.trim() !== '') return value.trim();
  reader.error(attribute, `got ${show(value)}; ${would} would do`);
  return undefined;
}

export function readFlag(reader: RowReader, attribute: string): boolean | undefined {
  const value = reader.get(attribute);
  if (value === undefined || typeof value === 'boolean') return value;
  reader.error(attribute, `got ${show(value)}; true or false${reader.spelling === 'table' ? ' (BOOL)' : ''} would do`);
  return undefined;
}

/**
 * A list of texts: SS, L, or S parted by commas. Undefined when absent or wrong, after saying so.
 *
 * @param split how a text is parted. @default - at each comma
 */
export function readList(
  reader: RowReader,
  attribute: string,
  would: string,
  split: (text: string) => readonly string[] = (text) => text.split(','),
): readonly string[] | undefined {
  const value = reader.get(attribute);
  if (value === undefined) return undefined;
  const items = typeof value === 'string' ? split(value) : listOf(value);
  if (items === undefined) {
    reader.error(attribute, `got ${show(value)}; ${would} would do`);
    return undefined;
  }
  if (items.length === 0) {
    reader.error(attribute, `got an empty list; ${would} would do`);
    return undefined;
  }
  const wrong = items.findIndex((item) => typeof item !== 'string' || item.trim() === '');
  if (wrong >= 0) {
    reader.error(attribute, `got ${show(items[wrong])}${items.length > 1 ? ' in a list' : ''}; ${would} would do`);
    return undefined;
  }
  return items.map((item) => String(item).trim());
}

/** A whole number of at least `least`. */
export function readCount(reader: RowReader, attribute: string, least: number): number | undefined {
  const value = reader.get(attribute);
  if (value === undefined) return undefined;
  const number = numberOf(value);
  if (number !== undefined && Number.isSafeInteger(number) && number >= least) return number;
  reader.error(attribute, `got ${show(value)}; a whole number of at least ${least} would do`);
  return undefined;
}

/** Runs a parser of one attribute; what it throws as InvalidValue becomes a problem. */
export function attempt<T>(reader: RowReader, attribute: string, parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    reader.error(attribute, error.message);
    return undefined;
  }
}

/** A number however DynamoDB's document client gives it: as such, as a bigint, or wrapped to keep its digits. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (isMap(value) && typeof value.value === 'string' && /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(value.value)) {
    return Number(value.value);
  }
  return undefined;
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Set) &&
    !(value instanceof Date)
  );
}

function listOf(value: unknown): readonly unknown[] | undefined {
  if (value instanceof Set) return [...value];
  return Array.isArray(value) ? value : undefined;
}
