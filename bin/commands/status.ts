import { readObserved } from '../../aws/observed';
import { ExitCode } from '../../lib/model/outcome';
import { formatAge } from '../../terminal/format';
import { paintFor } from '../../terminal/output';
import type { FlagValues } from '../arguments';
import { readFileCopies } from '../copy-ledger';
import { parseDuration } from '../duration';
import { stateFile } from '../file-run';
import type { Io } from '../io';
import { readMirrors } from '../mirrors';
import { readSettings, type Settings } from '../settings';
import { asking, openStack, readRows } from '../stack';
import { readState } from '../state-file';
import { tellJson, tellTable } from '../status-voice';
import { type CopyStatus, judge, type Observation, type Statuses } from '../statuses';
import { UsageError } from '../usage';
import { namedBy } from '../wanted-sources';

/** `ecr-mirror status [SOURCE…]`: how fresh each copy is. */
export async function status(sources: readonly string[], flags: FlagValues, io: Io): Promise<ExitCode> {
  const settings = readSettings(flags, io);
  const staleAfter = staleFlag(flags);
  const { statuses: all } = await readStatuses('status', flags, settings, io, staleAfter);
  const shown = all.copies.filter((copy) => namedBy(sources, copy) && isAskedFor(copy, flags, staleAfter));
  if (settings.json) tellJson(shown, all, io);
  else tellTable(settings.quiet ? shown.filter(isWrong) : shown, all, io, settings.quiet);
  const silent = all.controller.silentFor;
  if (silent !== undefined && !settings.json) tellSilence(silent, io);
  return shown.some(isWrong) || silent !== undefined ? ExitCode.FAILED : ExitCode.OK;
}

/** What is looked at, and how it is. */
export interface Looked {
  /** What people call it. */
  readonly subject: string;
  readonly statuses: Statuses;
}

/** How the mirror of a stack is, or of a file, as far as its state file tells. */
export async function readStatuses(
  command: string,
  flags: FlagValues,
  settings: Settings,
  io: Io,
  staleAfter?: number,
): Promise<Looked> {
  const options = () => ({ now: (io.clock ?? Date).now(), ...(staleAfter === undefined ? {} : { staleAfter }) });
  if (typeof flags.file === 'string') {
    if (flags.stack !== undefined) throw new UsageError(`${command}: got --file with --stack; one of them would do`);
    const { rows, file } = await readMirrors(flags.file, io.cwd);
    const observed = await observedByFile(stateFile(flags, flags.file, io));
    return { subject: file, statuses: judge(rows, observed, options()) };
  }
  const stack = await openStack(command, flags, settings, io);
  try {
    const [rows, observed] = await Promise.all([
      readRows(stack),
      asking(`read table ${stack.copies.name}`, () => readObserved(stack.copies)),
    ]);
    const parsed = rows.map(({ row }) => row);
    return { subject: stack.name, statuses: judge(parsed, observed, options()) };
  } finally {
    stack.close();
  }
}

/** What `sync --state` and `serve` have written down. */
async function observedByFile(file: string): Promise<Observation> {
  const [looked, { copies, rows }] = await Promise.all([readState(file), readFileCopies(file)]);
  const keys = new Set([...looked.keys(), ...rows.keys()]);
  const facts = [...keys].map((key) => {
    const lastChecked = looked.get(key)?.checked;
    return [key, { ...rows.get(key), ...(lastChecked === undefined ? {} : { lastChecked }) }] as const;
  });
  return { copies, rows: new Map(facts), runs: [] };
}

/** Seconds of `--stale`. @throws UsageError */
export function staleFlag({ stale }: FlagValues): number | undefined {
  return typeof stale === 'string' ? parseDuration('--stale', stale) / 1000 : undefined;
}

function isAskedFor(copy: CopyStatus, { failed }: FlagValues, staleAfter: number | undefined): boolean {
  if (failed === true && copy.verdict !== 'failed') return false;
  if (staleAfter === undefined) return true;
  return copy.verdict === 'stale' || (copy.verdict === 'failed' && (copy.staleFor ?? 0) > staleAfter);
}

function isWrong({ verdict }: CopyStatus): boolean {
  return verdict === 'failed' || verdict === 'stale';
}

function tellSilence(seconds: number, io: Io): void {
  const line = `controller: no run on schedule for ${formatAge(seconds)}; its log and its alarms say why [CONTROLLER_SILENT]`;
  io.stderr.write(`${paintFor(io.stderr, io.env).red('failed')}   ${line}\n`);
}
