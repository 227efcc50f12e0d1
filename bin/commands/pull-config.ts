import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { printable, show } from '../../lib/model/invalid';
import type { ParsedRow } from '../../lib/model/mirror';
import { ExitCode } from '../../lib/model/outcome';
import type { FlagValues } from '../arguments';
import type { FlagName } from '../flags';
import type { Io } from '../io';
import { tellJsonLine } from '../json-line';
import { readMirrors } from '../mirrors';
import { oneOf } from '../one-of';
import type { File, Make, PullConfig, PullOptions } from '../pull-config/kind';
import { KIND_FLAGS, KIND_NAMES, KINDS, NAMES_ONE, TOKEN_ROTATION } from '../pull-config/kinds';
import { parseLabels } from '../pull-config/labels';
import { placesOf } from '../pull-config/place';
import { ROTATION_FLAGS } from '../pull-config/token-rotation/settings';
import { readSettings } from '../settings';
import { UsageError } from '../usage';

/** What may be given to one kind and means nothing to another. */
const FLAGS_OF_KINDS: readonly FlagName[] = ['registry', ...Object.values(KIND_FLAGS).flat(), ...ROTATION_FLAGS];

/** `ecr-mirror pull-config KIND`: what a cluster, a node or a tool needs to pull from the mirrors. But for `--pin`, nothing is asked of registries. */
export async function pullConfig([name = '']: readonly string[], flags: FlagValues, io: Io): Promise<ExitCode> {
  if (!KIND_NAMES.includes(name)) {
    throw new UsageError(`pull-config: got ${show(name)}; ${oneOf(name, KIND_NAMES)}`);
  }
  checkFlags(name, flags);
  const made = name === TOKEN_ROTATION ? await rotation(flags, io) : await settingsOf(name, flags, io);
  await put(made, flags, io);
  if (flags.json !== undefined) {
    for (const message of made.notes) tellJsonLine(io, 'warning', { about: name, message });
  } else if (flags.quiet === undefined) {
    for (const note of made.notes) io.stderr.write(`note  ${printable(note)}\n`);
  }
  return ExitCode.OK;
}

/** A flag that means nothing to a kind was meant for another. */
function checkFlags(name: string, flags: FlagValues): void {
  const own = name === TOKEN_ROTATION ? [...ROTATION_FLAGS, 'labels'] : ['registry', ...(KIND_FLAGS[name] ?? [])];
  const given = FLAGS_OF_KINDS.find((one) => flags[one] !== undefined && !own.includes(one));
  if (given !== undefined) throw new UsageError(`pull-config ${name}: got --${given}; ${name} without it would do`);
}

async function settingsOf(name: string, flags: FlagValues, io: Io): Promise<PullConfig> {
  const rows = await rowsOf(flags, io);
  const options = optionsOf(flags);
  const { places, notes } = placesOf(rows, options.hosts);
  if (places.length === 0)
    throw new UsageError(`pull-config: got no mirror to pull from; ${notes[0] ?? 'a row would do'}`);
  const make = KINDS[name] as Make;
  const made = make(places, options);
  const isCut = NAMES_ONE.includes(name) && places.some(({ further }) => further.length > 0);
  const cut = isCut ? [`${name} names one mirror of each image: the first that it has`] : [];
  return { files: made.files, notes: [...notes, ...cut, ...made.notes] };
}

function optionsOf(flags: FlagValues): PullOptions {
  const hosts = typeof flags.registry === 'string' ? { hosts: flags.registry.split(',').map((one) => one.trim()) } : {};
  return {
    ...hosts,
    fallback: flags['no-fallback'] === undefined,
    digestsOnly: flags['digests-only'] !== undefined,
    labels: typeof flags.labels === 'string' ? parseLabels(flags.labels) : {},
    argoCd: flags['argo-cd'] !== undefined,
  };
}

/** Rows are needed only where hosts are not named. */
async function rotation(flags: FlagValues, io: Io): Promise<PullConfig> {
  const { tokenRotation } = await import('../pull-config/token-rotation');
  const bare = flags.hosts !== undefined && flags.file === undefined && flags.stack === undefined;
  return tokenRotation(bare ? [] : await rowsOf(flags, io), flags, io);
}

async function rowsOf(flags: FlagValues, io: Io): Promise<readonly ParsedRow[]> {
  if (typeof flags.file === 'string') return (await readMirrors(flags.file, io.cwd)).rows;
  const { openStack, readRows } = await import('../stack');
  const stack = await openStack('pull-config', flags, readSettings(flags, io), io);
  try {
    return (await readRows(stack)).map(({ row }) => row);
  } finally {
    stack.close();
  }
}

async function put({ files }: PullConfig, flags: FlagValues, io: Io): Promise<void> {
  if (typeof flags.output === 'string') {
    for (const file of files) {
      await write(resolve(io.cwd, flags.output), file);
      if (flags.json !== undefined) tellJsonLine(io, 'file', { path: join(flags.output, file.path) });
    }
  } else if (flags.json !== undefined) {
    for (const file of files) tellJsonLine(io, 'file', file);
  } else {
    const [only, ...others] = files;
    if (only !== undefined && others.length === 0) io.stdout.write(only.text);
    // Comments in all formats that come in several files; `---` parts documents of YAML.
    else
      for (const { path, text } of files)
        io.stdout.write(`${path.endsWith('.yaml') ? '---\n' : ''}# ${path}\n${text}\n`);
  }
}

/** Never over a file that is there: somebody else's settings may be in it. */
async function write(folder: string, { path, text }: File): Promise<void> {
  const file = join(folder, path);
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const remedy = code === 'EEXIST' ? 'a folder without it would do' : 'a folder that this user may write would do';
    throw new UsageError(`--output: write ${printable(file)}: got ${code}; ${remedy}`, 'FILE_FAILED');
  }
}
