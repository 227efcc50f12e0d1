import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { printable, show } from '../../lib/model/invalid';
import { parseMirrorFile } from '../../lib/model/mirror-file';
import { problemLine } from '../../lib/model/mirror-row';
import { ExitCode } from '../../lib/model/outcome';
import { parseRepository } from '../../lib/model/reference';
import type { FlagValues } from '../arguments';
import { FORMAT_NAMES, formatOf, type Input } from '../import/formats';
import { Harvest, type Target } from '../import/harvest';
import { mirrorDocument, mirrorsOf } from '../import/mirror-document';
import type { Io } from '../io';
import { tellJsonLine } from '../json-line';
import { oneOf } from '../one-of';
import { readTextFile } from '../text-file';
import { UsageError } from '../usage';

const WHAT = 'a file of another program';
/** Uses of anchors: what a person writes, and far from what exhausts memory. */
const MOST_ALIASES = 1000;
/** `helm template` of a large chart is a few hundred. */
const MOST_DOCUMENTS = 10_000;

/** `ecr-mirror import FILE`: the file of another program as a file of mirrors. Nothing is asked of any registry. */
export async function importFile([file = '']: readonly string[], flags: FlagValues, io: Io): Promise<ExitCode> {
  const text = await readTextFile(resolve(io.cwd, file), file, WHAT);
  const harvest = new Harvest();
  read({ text, documents: documentsOf(text) }, file, flags, harvest);
  const mirrors = mirrorsOf(harvest.entries);
  if (mirrors.length === 0)
    throw new UsageError(`${printable(file)}: got no image in it; ${harvest.notes[0] ?? 'one would do'}`);
  const invalid = problemsOf(mirrors);
  await put(mirrorDocument(mirrors, harvest.notes), flags, io);
  if (flags.json !== undefined) {
    for (const message of harvest.notes) tellJsonLine(io, 'warning', { about: file, message });
    for (const { mirror, error } of invalid) tellJsonLine(io, 'failed', { mirror, reason: 'invalid', error });
  } else {
    if (flags.quiet === undefined) for (const note of harvest.notes) io.stderr.write(`not carried  ${note}\n`);
    for (const { mirror, error } of invalid) io.stderr.write(`invalid  ${printable(mirror)}: ${error}\n`);
  }
  return invalid.length === 0 ? ExitCode.OK : ExitCode.FAILED;
}

function read(input: Input, file: string, flags: FlagValues, harvest: Harvest): void {
  const name = typeof flags.format === 'string' ? flags.format : undefined;
  const format = formatOf(input, name);
  if (format === undefined) {
    const got = name === undefined ? `${printable(file)}: got no format that is known` : `--format: got ${show(name)}`;
    throw new UsageError(`${got}; ${oneOf(name ?? '', FORMAT_NAMES)}`);
  }
  format.read(input, targetOf(flags), harvest);
}

/** @throws UsageError unless it is a registry, with or without the beginning of a repository's name */
function targetOf({ destination }: FlagValues): Target {
  if (typeof destination !== 'string') return {};
  try {
    parseRepository(`${destination.replace(/\/+$/, '')}/any`);
  } catch {
    throw new UsageError(`--destination: got ${show(destination)}; registry/prefix would do`);
  }
  return { destination };
}

/** Every YAML or JSON document in it; none when it is neither, as a list of images is. */
function documentsOf(text: string): readonly unknown[] {
  const documents = parseAllDocuments(text, { version: '1.2', merge: true, uniqueKeys: true, logLevel: 'error' });
  const list = Array.isArray(documents) ? documents : [];
  if (list.length > MOST_DOCUMENTS)
    throw new UsageError(`got ${list.length} documents; at most ${MOST_DOCUMENTS} would do`);
  if (list.some(({ errors }) => errors.length > 0)) return [];
  try {
    return list.map((document) => document.toJS({ maxAliasCount: MOST_ALIASES })).filter((one) => one !== null);
  } catch {
    throw new UsageError(`got more than ${MOST_ALIASES} aliases; fewer would do`);
  }
}

/** What is wrong with entries: they are written all the same, for their author to mend. */
function problemsOf(mirrors: readonly object[]): readonly { readonly mirror: string; readonly error: string }[] {
  // A registry in the place of the one that the file's mapping may name.
  const { rows } = parseMirrorFile({ mirrors, mapping: { registry: 'registry.invalid' } });
  return rows.flatMap(({ key, problems }) =>
    problems
      .filter(({ severity }) => severity === 'error')
      .map((problem) => ({ mirror: key, error: printable(problemLine(problem)) })),
  );
}

async function put(document: string, { output, json }: FlagValues, io: Io): Promise<void> {
  if (typeof output !== 'string') {
    if (json === undefined) io.stdout.write(document);
    else tellJsonLine(io, 'file', { path: 'mirrors.yaml', text: document });
    return;
  }
  try {
    await writeFile(resolve(io.cwd, output), document, { flag: 'wx' });
    if (json !== undefined) tellJsonLine(io, 'file', { path: output });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const remedy = code === 'EEXIST' ? 'a name that is free would do' : 'a file that this user may write would do';
    throw new UsageError(`--output: write ${printable(output)}: got ${code}; ${remedy}`, 'FILE_FAILED');
  }
}
