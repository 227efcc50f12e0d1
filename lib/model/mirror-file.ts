import { show } from './invalid';
import { type DestinationMapping, mapRepository } from './mapping';
import type { ParsedRow, Problem } from './mirror';
import { readAllow, readMapping, readSection } from './mirror-file-sections';
import { parseRow, ROW_ATTRIBUTES } from './mirror-row';
import type { Permissions } from './permissions';
import { parseReference, type Repository } from './reference';
import { checkNames, isMap, type RowReader, readRow, spell } from './row-reader';

/** A file of mirrors, read. Rows with an error have no mirror; `problems` are those of the file as a whole. */
export interface MirrorFile {
  readonly rows: readonly ParsedRow[];
  readonly mapping: DestinationMapping;
  /** What rows may ask for. @default - the file does not say */
  readonly permissions?: Permissions;
  /** With an error among them, `rows` must not be acted on: what they mean may depend on what could not be read. */
  readonly problems: readonly Problem[];
}

/** What a file says of each of its mirrors, before anything is made of it. */
export interface FileEntries {
  readonly entries: readonly FileEntry[];
  readonly problems: readonly Problem[];
}

export interface FileEntry {
  /** Its own attributes and the defaults, in the file's spelling. */
  readonly values: Values;
  /** Where the file's mapping puts it. @default - it says so itself, or the file has no mapping */
  readonly mapped?: Repository;
}

const SECTIONS = ['mirrors', 'defaults', 'mapping', 'allow'];
const NOT_DEFAULTS = ['Source', 'From'];
/** More is a mistake, or an attack by way of YAML aliases. */
const MOST_MIRRORS = 100_000;

/**
 * Reads a document that YAML or JSON has already parsed: `mirrors` (a list), and optionally `defaults`, `mapping` and
 * `allow`. Attributes are those of the table in lower camel case, and `destinations` is another word for `destination`.
 */
export function parseMirrorFile(document: unknown): MirrorFile {
  const problems: Problem[] = [];
  if (!isMap(document)) {
    const message = `got ${show(document)}; a map with a list of mirrors would do: mirrors: [{source: …}]`;
    return { rows: [], mapping: {}, problems: [{ message, severity: 'error' }] };
  }
  const reader = readRow(document, 'file', problems);
  const names = Object.keys(document).filter((name) => !name.startsWith('x-'));
  checkNames(names, SECTIONS, reader, problems);
  const mapping = readMapping(reader, problems);
  const permissions = readAllow(reader, problems);
  const defaults = readDefaults(reader, problems);
  const rows = readMirrors(reader).map((entry, index) => readEntry(entry, index + 1, defaults, mapping));
  return { rows: withoutRepeatedKeys(rows), mapping, ...(permissions === undefined ? {} : { permissions }), problems };
}

type Values = Readonly<Record<string, unknown>>;

/** The same document for who reads its rows otherwise, such as with the mapping of a deployed construct. */
export function fileEntries(document: unknown): FileEntries {
  const { problems, mapping } = parseMirrorFile(document);
  const values = isMap(document) ? document : {};
  const reader = readRow(values, 'file');
  const defaults = readDefaults(reader, []);
  const entries = readMirrors(reader).map((entry): FileEntry => {
    const merged = isMap(entry) ? withDefaults(entry, defaults) : {};
    if (merged === undefined) return { values: isMap(entry) ? entry : {} };
    const mapped = merged.destination === undefined ? mappedOf(merged, mapping) : undefined;
    return { values: merged, ...(mapped === undefined ? {} : { mapped }) };
  });
  return { entries, problems };
}

function mappedOf(entry: Values, mapping: DestinationMapping): Repository | undefined {
  const text = entry.from ?? entry.source;
  try {
    return typeof text === 'string' ? mapRepository(mapping, parseReference(text).repository) : undefined;
  } catch {
    return undefined;
  }
}

function readMirrors(reader: RowReader): readonly unknown[] {
  const value = reader.get('mirrors');
  const wrong = (got: string) => {
    reader.error('mirrors', `got ${got}; a list such as [{source: registry/repository:tag}] would do`);
    return [];
  };
  if (!Array.isArray(value)) return wrong(show(value));
  if (value.length === 0) return wrong('an empty list');
  return value.length <= MOST_MIRRORS ? value : wrong(`a list of ${value.length}, more than ${MOST_MIRRORS},`);
}

function readEntry(entry: unknown, position: number, defaults: Values, mapping: DestinationMapping): ParsedRow {
  const key = `mirror ${position}`;
  if (!isMap(entry)) {
    return refused(key, `got ${show(entry)}; a map such as {source: registry/repository:tag} would do`);
  }
  const merged = withDefaults(entry, defaults);
  if (merged === undefined) {
    return refused(key, 'got destination and destinations; one of the two would do', 'destinations');
  }
  const row = parseRow(merged, { mapping, position, spelling: 'file' });
  return row.key === `row ${position}` ? { ...row, key } : row;
}

/** Undefined when it says its destination in two ways. */
function withDefaults(entry: Values, defaults: Values): Values | undefined {
  const own = withDestination(entry);
  if (own === undefined) return undefined;
  const inherited = Object.entries(defaults).filter(([name]) => name !== 'tags' || selectsTags(own));
  return { ...Object.fromEntries(inherited), ...own };
}

/** `destinations` becomes `destination`; undefined when there are both. */
function withDestination(entry: Values): Values | undefined {
  if (!Object.hasOwn(entry, 'destinations')) return entry;
  if (Object.hasOwn(entry, 'destination')) return undefined;
  const { destinations, ...others } = entry;
  return { ...others, destination: destinations };
}

/** Default tags are for entries that name a repository; one that names a tag or a digest has chosen already. */
function selectsTags(entry: Values): boolean {
  const text = entry.from ?? entry.source;
  if (typeof text !== 'string') return false;
  try {
    const { tag, digest } = parseReference(text);
    return tag === undefined && digest === undefined;
  } catch {
    return false;
  }
}

function readDefaults(reader: RowReader, problems: Problem[]): Values {
  const value = readSection(reader, 'defaults');
  if (value === undefined) return {};
  const known = ROW_ATTRIBUTES.filter((name) => !NOT_DEFAULTS.includes(name));
  const names = Object.keys(value);
  for (const name of names.filter((one) => NOT_DEFAULTS.some((other) => spell(other, 'file') === one))) {
    problems.push({
      attribute: `defaults.${name}`,
      message: 'is for a mirror alone; move it there',
      severity: 'error',
    });
  }
  checkNames(
    names.filter((name) => !NOT_DEFAULTS.some((other) => spell(other, 'file') === name)),
    [...known, 'destinations'],
    reader,
    problems,
    'defaults',
  );
  const merged = withDestination(value);
  if (merged === undefined) {
    reader.error('defaults.destinations', 'got destination and destinations; one of the two would do');
    return {};
  }
  return Object.fromEntries(
    Object.entries(merged).filter(([name]) => known.some((one) => spell(one, 'file') === name)),
  );
}

function refused(key: string, message: string, attribute?: string): ParsedRow {
  return { key, problems: [{ ...(attribute === undefined ? {} : { attribute }), message, severity: 'error' }] };
}

/** The key is what identifies a row, in reports and in what is remembered about it: only the first may have it. */
function withoutRepeatedKeys(rows: readonly ParsedRow[]): readonly ParsedRow[] {
  const seen = new Map<string, number>();
  return rows.map((row, index) => {
    const first = seen.get(row.key);
    seen.set(row.key, first ?? index);
    if (first === undefined) return row;
    const message = `got ${show(row.key)}, as mirror ${first + 1} has; a name of its own (source: NAME, from: the image) would do`;
    return {
      key: `mirror ${index + 1}`,
      problems: [...row.problems, { attribute: 'source', message, severity: 'error' }],
    };
  });
}
