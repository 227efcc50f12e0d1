import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { printable, show } from '../lib/model/invalid';
import type { ParsedRow, Problem } from '../lib/model/mirror';
import { parseMirrorFile } from '../lib/model/mirror-file';
import { problemLine } from '../lib/model/mirror-row';
import type { Permissions } from '../lib/model/permissions';
import { readTextFile, unreadable } from './text-file';
import { UsageError } from './usage';

/** What a file of mirrors asks for. */
export interface Mirrors {
  /** As it was named, for messages. */
  readonly file: string;
  readonly rows: readonly ParsedRow[];
  readonly permissions: Permissions;
  /** Every registry that a row names, on either side. */
  readonly registries: readonly string[];
  /** About the file as a whole, and not in the way of using it. */
  readonly warnings: readonly Problem[];
  /** Differs when the file was written again. */
  readonly version: string;
}

const WHAT = 'a file of mirrors';
/** Uses of anchors: what a person writes, and far from what exhausts memory. */
const MOST_ALIASES = 1000;
/** A file is its user's own: without `allow` it may ask for all that it names. */
const EVERYTHING: Permissions = { sources: ['**'], destinations: ['**'], outward: [] };

/** Reads a file of mirrors in YAML 1.2 or JSON. @throws UsageError of one line, with the line's number where there is one */
export async function readMirrors(file: string, cwd: string): Promise<Mirrors> {
  const path = resolve(cwd, file);
  const version = await mirrorsVersion(path).catch(unreadable(file, WHAT));
  const text = await readTextFile(path, file, WHAT);
  const { rows, permissions, problems } = parseMirrorFile(parseYaml(text, file));
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0)
    throw new UsageError(`${printable(file)}: ${errors.map(problemLine).join(' · ')}`, 'FILE_FAILED');
  return {
    file,
    rows,
    permissions: permissions ?? EVERYTHING,
    registries: registriesOf(rows),
    warnings: problems,
    version,
  };
}

/** What tells one writing of a file from the next. */
export async function mirrorsVersion(path: string): Promise<string> {
  const { mtimeMs, size, ino } = await stat(path);
  return `${mtimeMs} ${size} ${ino}`;
}

/** @throws UsageError of one line, with the line's number where there is one */
export function parseYaml(text: string, file: string): unknown {
  const lines = new LineCounter();
  const refuse = (line: number | undefined, got: string): never => {
    const place = line === undefined ? printable(file) : `${printable(file)}:${line}`;
    throw new UsageError(`${place}: got ${printable(got)}; YAML 1.2 or JSON would do`, 'FILE_FAILED');
  };
  let document: ReturnType<typeof parseDocument>;
  try {
    document = parseDocument(text, {
      version: '1.2',
      schema: 'core',
      uniqueKeys: true,
      prettyErrors: false,
      lineCounter: lines,
      // A silent parser would take the first of several documents for all of them.
      logLevel: 'error',
    });
  } catch (error) {
    return refuse(undefined, (error as Error).message);
  }
  const problem = document.errors[0];
  if (problem !== undefined) return refuse(lines.linePos(problem.pos[0]).line, firstLine(problem.message));
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (error) {
    return refuse(undefined, firstLine((error as Error).message));
  }
}

function firstLine(text: string): string {
  return show(text.split('\n')[0] ?? '').slice(1, -1);
}

function registriesOf(rows: readonly ParsedRow[]): readonly string[] {
  const mirrors = rows.flatMap(({ mirror }) => mirror ?? []);
  return [
    ...new Set(
      mirrors.flatMap(({ source, destinations }) => [
        source.registry,
        ...destinations.map(({ repository }) => repository.registry),
      ]),
    ),
  ];
}
