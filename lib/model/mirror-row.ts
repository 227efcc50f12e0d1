import { parseAge } from './age';
import { parseEvery } from './every';
import { printable, show } from './invalid';
import type { DestinationMapping } from './mapping';
import type { Every, Mirror, ParsedRow, Problem, Selection } from './mirror';
import { DEFAULT_TAG, parseReference, type Reference } from './reference';
import { readCompare } from './row-compare';
import { readDestinations } from './row-destination';
import { readPlatforms } from './row-platforms';
import { readPolicies } from './row-policies';
import {
  attempt,
  checkNames,
  numberOf,
  type RowReader,
  readFlag,
  readList,
  readRow,
  readText,
  type Spelling,
} from './row-reader';
import { replicatedByEcr } from './row-replication';
import { readRequireSignature } from './row-signature';
import { readTags } from './row-tags';

/** Every attribute of a row that means something, as the table spells it. */
export const ROW_ATTRIBUTES: readonly string[] = [
  'Source',
  'From',
  'Destination',
  'Expires',
  'Tags',
  'Platforms',
  'Referrers',
  'ArtifactTypes',
  'Compare',
  'Every',
  'StaleAfter',
  'MinAge',
  'KeepPrevious',
  'RequireSignature',
  'OnConflict',
  'Paused',
  'Note',
  'Owner',
];

export interface RowContext {
  /** For rows without a destination. */
  readonly mapping: DestinationMapping;
  /** From 1: what the row is called when it has no source. */
  readonly position?: number;
  /** How attributes are spelled, in the row and in its problems. @default 'table' */
  readonly spelling?: Spelling;
}

/**
 * Reads a row, with its values as plain ones (S text, N number, SS Set or list, L list, M map, BOOL). Everything wrong
 * with it is told at once, each by its attribute; a row with an error has no mirror.
 */
export function parseRow(attributes: Readonly<Record<string, unknown>>, context: RowContext): ParsedRow {
  const spelling = context.spelling ?? 'table';
  const problems: Problem[] = [];
  const reader = readRow(attributes, spelling, problems);
  checkNames(Object.keys(attributes), ROW_ATTRIBUTES, reader, problems);

  const written = reader.get('Source');
  const key = typeof written === 'string' && written.trim() !== '' ? written : `row ${context.position ?? '?'}`;
  const source = readSource(reader);
  const select = readSelection(reader, source, problems);
  const destinations = readDestinations(reader, context.mapping, source?.repository, select);
  const rest = readRest(reader);

  if (problems.some((problem) => problem.severity === 'error') || source === undefined || select === undefined) {
    return { key, problems };
  }
  const mirror: Mirror = { key, source: source.repository, select, destinations, ...rest };
  const replicated = replicatedByEcr(mirror);
  if (replicated !== undefined) reader.warn('Destination', replicated);
  return { key, mirror, problems };
}

/** One line for a problem: which attribute, what was got, what would do. */
export function problemLine(problem: Problem): string {
  return printable(problem.attribute === undefined ? problem.message : `${problem.attribute}: ${problem.message}`);
}

function readSource(reader: RowReader): Reference | undefined {
  if (!reader.has('Source')) {
    reader.error('Source', 'got nothing; registry/repository:tag would do');
    return undefined;
  }
  const name = readText(reader, 'Source', reader.has('From') ? 'a name for the row' : 'registry/repository:tag');
  const from = readText(reader, 'From', 'registry/repository:tag');
  const [attribute, text] = reader.has('From') ? ['From', from] : ['Source', name];
  return text === undefined ? undefined : attempt(reader, attribute, () => parseReference(text));
}

function readSelection(reader: RowReader, source: Reference | undefined, problems: Problem[]): Selection | undefined {
  const selection = readTags(reader, problems);
  if (source === undefined) return undefined;
  if (reader.has('Tags') && (source.tag !== undefined || source.digest !== undefined)) {
    const named = source.digest === undefined ? `the tag ${source.tag}` : 'a digest';
    reader.error('Tags', `got a selection beside a source with ${named}; a source without it would do`);
    return undefined;
  }
  if (source.digest !== undefined) {
    return { kind: 'digest', digest: source.digest, ...(source.tag === undefined ? {} : { tag: source.tag }) };
  }
  if (reader.has('Tags')) return selection === undefined ? undefined : { kind: 'tags', selection };
  return { kind: 'tag', tag: source.tag ?? DEFAULT_TAG };
}

type Rest = Omit<Mirror, 'key' | 'source' | 'select' | 'destinations'>;

function readRest(reader: RowReader): Rest {
  const expires = readExpires(reader);
  const referrers = readFlag(reader, 'Referrers') ?? true;
  const artifactTypes = readArtifactTypes(reader);
  if (!referrers && artifactTypes !== undefined) {
    reader.warn('ArtifactTypes', 'is of no effect while referrers are not copied');
  }
  const platforms = readPlatforms(reader);
  const compare = readCompare(reader);
  const policies = readPolicies(reader);
  const requireSignature = readRequireSignature(reader);
  const every = readEvery(reader);
  const staleAfter = readStaleAfter(reader);
  const paused = readFlag(reader, 'Paused') ?? false;
  const note = readText(reader, 'Note', 'a text');
  const owner = readText(reader, 'Owner', 'a text');
  return {
    ...(expires === undefined ? {} : { expires }),
    referrers,
    ...(artifactTypes === undefined ? {} : { artifactTypes }),
    ...(platforms === undefined ? {} : { platforms }),
    ...(compare === undefined ? {} : { compare }),
    ...policies,
    ...(requireSignature === undefined ? {} : { requireSignature }),
    ...(every === undefined ? {} : { every }),
    ...(staleAfter === undefined ? {} : { staleAfter }),
    paused,
    ...(note === undefined ? {} : { note }),
    ...(owner === undefined ? {} : { owner }),
  };
}

function readArtifactTypes(reader: RowReader): readonly string[] | undefined {
  const would = 'a list of media types such as application/vnd.dev.cosign.simplesigning.v1+json';
  const types = readList(reader, 'ArtifactTypes', would);
  const wrong = types?.find((type) => !/^[A-Za-z0-9][\w.+!#$&^-]*\/[A-Za-z0-9][\w.+!#$&^-]*$/.test(type));
  if (wrong !== undefined) reader.error('ArtifactTypes', `got ${show(wrong)}; ${would} would do`);
  return types;
}

function readStaleAfter(reader: RowReader): number | undefined {
  const text = readText(reader, 'StaleAfter', 'a time such as 6h or 3d');
  return text === undefined ? undefined : attempt(reader, 'StaleAfter', () => parseAge(text));
}

function readEvery(reader: RowReader): Every | undefined {
  const text = readText(reader, 'Every', 'an interval such as "6h", or five fields of cron,');
  return text === undefined ? undefined : attempt(reader, 'Every', () => parseEvery(text));
}

/** From here on a number of seconds would be in the year 5138 or later: milliseconds were meant. */
const MILLISECONDS_FROM = 100_000_000_000;

function readExpires(reader: RowReader): number | undefined {
  const value = reader.get('Expires');
  if (value === undefined) return undefined;
  const date = reader.spelling === 'file' ? dateOf(value) : undefined;
  const number = date ?? numberOf(value);
  if (number !== undefined && number >= 0 && number < MILLISECONDS_FROM) return Math.floor(number);
  reader.error(
    'Expires',
    `got ${show(value instanceof Date ? String(value) : value)}; ${expiresRemedy(value, number, reader.spelling)}`,
  );
  return undefined;
}

function expiresRemedy(value: unknown, number: number | undefined, spelling: Spelling): string {
  const form = spelling === 'table' ? 'a number (N) of epoch seconds' : 'epoch seconds, or a date such as 2027-01-31';
  if (number !== undefined && Number.isFinite(number) && number >= MILLISECONDS_FROM) {
    return `these look like milliseconds: the seconds ${Math.floor(number / 1000)} would do`;
  }
  const meant =
    typeof value === 'string' ? (/^\d{1,11}$/.test(value.trim()) ? Number(value) : dateOf(value)) : undefined;
  return meant === undefined ? `${form} would do` : `${form} would do: ${meant}`;
}

/** A day, or a time with its zone, in ISO 8601; or a timestamp as a YAML parser gives it. Epoch seconds. */
function dateOf(value: unknown): number | undefined {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : Math.floor(value.getTime() / 1000);
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (!/^\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|z|[+-]\d{2}:?\d{2}))?$/.test(text))
    return undefined;
  const milliseconds = Date.parse(text.replace(' ', 'T'));
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  const real = !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text.slice(0, 10));
  return Number.isNaN(milliseconds) || !real ? undefined : Math.floor(milliseconds / 1000);
}
