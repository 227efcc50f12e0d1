import { resolve } from 'node:path';
import type { FlagValues } from './arguments';
import type { Io } from './io';
import type { Junit } from './junit';
import { type Memory, openMemory } from './memory';
import { type Mirrors, readMirrors } from './mirrors';
import { openReport, type Report } from './report';
import { type Round, tellWarnings } from './round';
import { fileSightings } from './seen-file';
import { readSettings } from './settings';
import { UsageError } from './usage';
import { openWorld, type World } from './world';

/** What `sync` and `plan` need for one pass over a file. */
export interface FileRun {
  readonly mirrors: Mirrors;
  readonly report: Report;
  readonly world: World;
  readonly round: Round;
  /** When it began, in milliseconds since the epoch. */
  readonly at: number;
  /** With `--state`. */
  readonly memory?: Memory;
  /** With `--junit`. */
  readonly junit?: Junit;
}

export function fileFlag(command: string, flags: FlagValues): string {
  if (typeof flags.file === 'string') return flags.file;
  throw new UsageError(`${command}: got no file of mirrors; ecr-mirror ${command} -f FILE would do`);
}

/** What is remembered beside a file of mirrors, where nobody says otherwise, is in a file of that name. */
export function stateFile(flags: FlagValues, file: string, io: Io): string {
  return typeof flags.state === 'string' ? resolve(io.cwd, flags.state) : `${resolve(io.cwd, file)}.state.json`;
}

export async function openFile(
  command: string,
  flags: FlagValues,
  io: Io,
  { planning = false }: { readonly planning?: boolean } = {},
): Promise<FileRun> {
  const settings = readSettings(flags, io);
  const mirrors = await readMirrors(fileFlag(command, flags), io.cwd);
  const now = () => (io.clock ?? Date).now();
  const state = stateFile(flags, mirrors.file, io);
  const memory = typeof flags.state === 'string' ? await openMemory(state) : undefined;
  const at = now();
  const junit = await openJunitFor(command, flags, { cwd: io.cwd, file: mirrors.file, at });
  const told = openReport(io, { json: settings.json, quiet: settings.quiet, planning, now });
  const report = junit?.hear(told) ?? told;
  tellAboutFile(mirrors, report);
  const world = await openWorld(settings, io, { registries: mirrors.registries, byUser: [] }, report.observer);
  const round: Round = {
    rows: mirrors.rows,
    permissions: mirrors.permissions,
    world,
    settings,
    io,
    report,
    sightings: fileSightings(state, planning),
    ...(memory === undefined
      ? {}
      : { isDue: (mirror) => memory.isDue(mirror, at), parts: memory.parts, ledger: memory.copies }),
  };
  const kept = { ...(memory === undefined ? {} : { memory }), ...(junit === undefined ? {} : { junit }) };
  return { mirrors, report, world, round, at, ...kept };
}

async function openJunitFor(
  command: string,
  { junit }: FlagValues,
  { cwd, ...suite }: { readonly cwd: string; readonly file: string; readonly at: number },
): Promise<Junit | undefined> {
  if (typeof junit !== 'string') return undefined;
  return (await import('./junit')).openJunit(junit, cwd, { command, ...suite });
}

/** What it has heard, once all has ended. */
export async function writeJunit({ junit, at }: FileRun, io: Io): Promise<void> {
  await junit?.write(((io.clock ?? Date).now() - at) / 1000);
}

export function tellAboutFile(mirrors: Mirrors, report: Report): void {
  for (const { attribute, message } of mirrors.warnings) {
    report.warn(mirrors.file, attribute === undefined ? message : `${attribute}: ${message}`);
  }
  tellWarnings(mirrors.rows, report);
}
