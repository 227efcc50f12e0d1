import { InvalidValue, show } from './invalid';
import type { DestinationMapping } from './mapping';
import type { Problem } from './mirror';
import { type Permissions, patternProblem } from './permissions';
import { parseRegistry, parseRepository } from './reference';
import { attempt, checkNames, isMap, type RowReader, readFlag, readRow, readText } from './row-reader';

/** What a file of mirrors says beside its mirrors: where images go (`mapping`), and what may be asked for (`allow`). */

export function readMapping(reader: RowReader, problems: Problem[]): DestinationMapping {
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

export function readAllow(reader: RowReader, problems: Problem[]): Permissions | undefined {
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

/** A map; undefined when absent or wrong, after saying so. */
export function readSection(reader: RowReader, attribute: string): Readonly<Record<string, unknown>> | undefined {
  const value = reader.get(attribute);
  if (value === undefined || isMap(value)) return value;
  reader.error(attribute, `got ${show(value)}; a map would do`);
  return undefined;
}
