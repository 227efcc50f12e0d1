import { readObserved } from '../../aws/observed';
import { ExitCode } from '../../lib/model/outcome';
import { formatAge } from '../../terminal/format';
import { paintFor } from '../../terminal/output';
import type { FlagValues } from '../arguments';
import { parseDuration } from '../duration';
import type { Io } from '../io';
import { readSettings, type Settings } from '../settings';
import { asking, openStack, readRows } from '../stack';
import { tellJson, tellTable } from '../status-voice';
import { type CopyStatus, judge, type Statuses } from '../statuses';
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

/** How the mirror of a stack is. */
export async function readStatuses(
  command: string,
  flags: FlagValues,
  settings: Settings,
  io: Io,
  staleAfter?: number,
): Promise<Looked> {
  const stack = await openStack(command, flags, settings, io);
  try {
    const [rows, observed] = await Promise.all([
      readRows(stack),
      asking(`read table ${stack.copies.name}`, () => readObserved(stack.copies)),
    ]);
    const now = (io.clock ?? Date).now();
    const parsed = rows.map(({ row }) => row);
    return {
      subject: stack.name,
      statuses: judge(parsed, observed, { now, ...(staleAfter === undefined ? {} : { staleAfter }) }),
    };
  } finally {
    stack.close();
  }
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
  const line = `controller: no run on schedule for ${formatAge(seconds)}; its log and its alarms say why`;
  io.stderr.write(`${paintFor(io.stderr, io.env).red('failed')}   ${line}\n`);
}
