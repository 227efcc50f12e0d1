import { InvalidValue, show } from './invalid';
import { type DestinationMapping, mapRepository } from './mapping';
import type { ParsedRow, Problem } from './mirror';
import { parseRow, ROW_ATTRIBUTES } from './mirror-row';
import { type Permissions, patternProblem } from './permissions';
import { parseReference, parseRegistry, parseRepository, type Repository } from './reference';
import { attempt, checkNames, isMap, type RowReader, readFlag, readRow, readText, spell } from './row-reader';

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

function readMapping(reader: RowReader, problems: Problem[]): DestinationMapping {
  const value = readSection(reader, 'mapping');
  if (value === undefined) return {};
  const section = readRow(value, 'file', problems, 'mapping');
  checkNames(Object.keys(value), ['registry', 'prefix', 'aliases', 'dropLibrary'], reader, problems, 'mapping');
  const host = readText(section, 'registry', 'a registry such as registry.example.com:5000');
  const registry = host === undefined ? undefined : attempt(section, 'registry', () => parseRegistry(host));
  const prefix = readPath(section, 'prefix', section.get('prefix'));
  const aliases = readAliases(section);
  const dropLibrary = readFlag(section, 'dropLibrary');
  return {
    ...(registry === undefined ? {} : { registry }),
    ...(prefix === undefined ? {} : { prefix }),
    ...(aliases === undefined ? {} : { aliases }),
    ...(dropLibrary === undefined ? {} : { dropLibrary }),
  };
}

function readAliases(section: RowReader): Readonly<Record<string, string>> | undefined {
  const value = readSection(section, 'aliases');
  if (value === undefined) return undefined;
  const aliases = Object.entries(value).flatMap(([host, path]) => {
    const registry = attempt(section, 'aliases', () => parseRegistry(host));
    const alias = readPath(section, `aliases.${show(host).slice(1, -1)}`, path);
    return registry === undefined || alias === undefined ? [] : [[registry, alias] as const];
  });
  return Object.fromEntries(aliases);
}

/** The first components of a repository's name; '' for none. */
function readPath(section: RowReader, attribute: string, value: unknown): string | undefined {
  if (value === undefined || value === '') return value;
  try {
    if (typeof value !== 'string') throw new InvalidValue('path', value, '');
    return parseRepository(`registry.invalid/${value}`).name;
  } catch {
    section.error(attribute, `got ${show(value)}; path components in lower case such as mirror/hub would do`);
    return undefined;
  }
}

function readAllow(reader: RowReader, problems: Problem[]): Permissions | undefined {
  const value = readSection(reader, 'allow');
  if (value === undefined) return undefined;
  const section = readRow(value, 'file', problems, 'allow');
  checkNames(Object.keys(value), ['sources', 'destinations'], reader, problems, 'allow');
  return {
    sources: readPatterns(section, 'sources'),
    destinations: readPatterns(section, 'destinations'),
    outward: [],
  };
}

/** Absent: everything. Wrong: nothing, and an error. */
function readPatterns(section: RowReader, attribute: string): readonly string[] {
  const value = section.get(attribute);
  if (value === undefined) return ['**'];
  if (!Array.isArray(value)) {
    section.error(attribute, `got ${show(value)}; a list of patterns such as [docker.io/**] would do`);
    return [];
  }
  const problem = value.map(patternProblem).find((one) => one !== undefined);
  if (problem !== undefined) section.error(attribute, problem);
  return problem === undefined ? value : [];
}

function readSection(reader: RowReader, attribute: string): Values | undefined {
  const value = reader.get(attribute);
  if (value === undefined || isMap(value)) return value;
  reader.error(attribute, `got ${show(value)}; a map would do`);
  return undefined;
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
