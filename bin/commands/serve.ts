import { resolve } from 'node:path';
import { reason } from '../../engine/errors';
import { standing } from '../../engine/plan';
import { systemClock } from '../../engine/ports';
import type { SkipReason } from '../../lib/model/copy';
import { parseEvery } from '../../lib/model/every';
import type { ParsedRow } from '../../lib/model/mirror';
import { ExitCode } from '../../lib/model/outcome';
import type { FlagValues } from '../arguments';
import { codeOfError } from '../exit';
import { fileFlag, stateFile, tellAboutFile } from '../file-run';
import type { Io } from '../io';
import { type Memory, openMemory } from '../memory';
import { type Mirrors, mirrorsVersion, readMirrors } from '../mirrors';
import { openReport, type Report } from '../report';
import { mirrorRound } from '../round';
import { readSettings, type Settings } from '../settings';
import { openWorld, type World } from '../world';

const DEFAULT_EVERY = '1h';
/** Milliseconds between two looks at the file and at what is due, at most. */
const TICK = 15_000;
/** Not worth a line each round. */
const SILENT: readonly SkipReason[] = ['not-due', 'up-to-date', 'paused', 'expired'];

/** `ecr-mirror serve -f FILE`: rounds until it is told to stop. What one round meets never ends the next. */
export async function serve(flags: FlagValues, io: Io): Promise<ExitCode> {
  const settings = readSettings(flags, io);
  const file = fileFlag('serve', flags);
  const every = parseEvery(typeof flags.every === 'string' ? flags.every : DEFAULT_EVERY);
  const path = resolve(io.cwd, file);
  const state = stateFile(flags, file, io);
  const memory = await openMemory(state, every);
  const clock = io.clock ?? systemClock;
  const report = openReport(io, { json: settings.json, quiet: settings.quiet, silent: SILENT, now: () => clock.now() });

  // The first reading decides whether there is anything to serve; later ones may fail and pass.
  let service = await openService(await readMirrors(file, io.cwd), settings, io, report);
  try {
    while (io.signal?.aborted !== true) {
      service = await renewed(service, { file, path, settings, io, report });
      if (await runRound(service, memory, settings, io, report)) return ExitCode.TRY_AGAIN;
      const wait = Math.min(TICK, Math.max(0, memory.nextDue(service.rows) - clock.now()));
      await clock.sleep(Math.max(wait, 1000), io.signal).catch(() => undefined);
    }
    return ExitCode.OK;
  } finally {
    await service.world.close();
  }
}

/** A file as it was last readable, and what its rows reach. */
interface Service {
  readonly mirrors: Mirrors;
  /** Those that can be acted on; the others are told about once, when the file is read. */
  readonly rows: readonly ParsedRow[];
  readonly world: World;
  /** The version of a file that could not be read, so that it is told about once. */
  readonly unreadable?: string;
}

interface Surroundings {
  readonly file: string;
  readonly path: string;
  readonly settings: Settings;
  readonly io: Io;
  readonly report: Report;
}

async function openService(mirrors: Mirrors, settings: Settings, io: Io, report: Report): Promise<Service> {
  tellAboutFile(mirrors, report);
  for (const row of mirrors.rows.filter(({ mirror }) => mirror === undefined)) {
    const refused = standing(row, 0);
    if ('reason' in refused) report.skip(refused);
  }
  const named = { registries: mirrors.registries, byUser: [] };
  const rows = mirrors.rows.filter(({ mirror }) => mirror !== undefined);
  return { mirrors, rows, world: await openWorld(settings, io, named, report.observer) };
}

/** The service of a file that was written again; the same one while the file is as it was, or cannot be read. */
async function renewed(service: Service, { file, path, settings, io, report }: Surroundings): Promise<Service> {
  const version = await mirrorsVersion(path).catch(() => 'missing');
  if (version === service.mirrors.version || version === service.unreadable) return service;
  try {
    const fresh = await openService(await readMirrors(file, io.cwd), settings, io, report);
    await service.world.close();
    return fresh;
  } catch (error) {
    report.trouble(`${reason(error)}; going on with the file as it was`, codeOfError(error));
    return { ...service, unreadable: version };
  }
}

/** Mirrors what is due. True when it was told to stop before the end of it. */
async function runRound(
  { mirrors: { permissions }, rows, world }: Service,
  memory: Memory,
  settings: Settings,
  io: Io,
  report: Report,
): Promise<boolean> {
  const at = world.clock.now();
  const isDue = (mirror: Parameters<Memory['isDue']>[0]) => memory.isDue(mirror, at);
  if (!rows.some(({ mirror }) => mirror !== undefined && !mirror.paused && isDue(mirror))) return false;
  try {
    const { waitingSince } = memory;
    const unfinished = await mirrorRound({
      rows,
      permissions,
      world,
      settings,
      io,
      report,
      isDue,
      waitingSince,
      parts: memory.parts,
      ledger: memory.copies,
      sightings: memory.sightings,
    });
    if (io.signal?.aborted !== true) await memory.remember(rows, unfinished, at);
  } catch (error) {
    report.trouble(reason(error), codeOfError(error));
  }
  const interrupted = io.signal?.aborted === true && report.counts.left > 0;
  report.close();
  return interrupted;
}
