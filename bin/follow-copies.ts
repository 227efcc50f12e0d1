import { readObserved } from '../aws/observed';
import { systemClock } from '../engine/ports';
import { ExitCode } from '../lib/model/outcome';
import { isOver } from '../lib/model/run-history';
import { count, formatAge } from '../terminal/format';
import { paintFor } from '../terminal/output';
import type { Io } from './io';
import type { Settings } from './settings';
import { asking, readRows, type Stack } from './stack';
import { tellJson, tellTable } from './status-voice';
import { judge, type Statuses } from './statuses';
import { namedBy } from './wanted-sources';

export interface Following {
  /** Rows, by their `Source`. Empty: all. */
  readonly sources: readonly string[];
  readonly run: string;
  /** Milliseconds, at most. */
  readonly wait: number;
  readonly settings: Settings;
}

/** Milliseconds between two looks: the first, and the longest. */
const FIRST_PAUSE = 2_000;
const LONGEST_PAUSE = 15_000;

/** Waits until a run has gone through its rows and their copies have ended, and tells how. */
export async function followCopies(
  stack: Stack,
  { sources, run, wait, settings }: Following,
  io: Io,
): Promise<ExitCode> {
  const clock = io.clock ?? systemClock;
  const end = clock.now() + wait;
  // A table is not read at one moment: what the run wrote last may be read, and what it wrote before not yet. Only a look that
  // began after the run was known to be over has all of it.
  let isKnownOver = false;
  for (let pause = FIRST_PAUSE; ; pause = Math.min(LONGEST_PAUSE, pause * 1.5)) {
    const { statuses, over } = await look(stack, sources, run, clock.now());
    if (over && !isKnownOver) {
      isKnownOver = true;
      continue;
    }
    const going = statuses.copies.filter(
      ({ facts, idle }) => idle === undefined && facts !== undefined && isGoing(facts),
    );
    if (over && going.length === 0) return tellEnd(statuses, settings, io);
    if (io.signal?.aborted === true || clock.now() >= end) {
      const why = io.signal?.aborted === true ? 'told to stop' : `waited for ${formatAge(wait / 1000)}`;
      const line = `${why}: ${count(going.length, 'copy', 'copies')} still under way; the jobs go on`;
      io.stderr.write(`${paintFor(io.stderr, io.env).yellow('stopped')}  ${line}\n`);
      return ExitCode.TRY_AGAIN;
    }
    await clock.sleep(Math.min(pause, Math.max(1, end - clock.now())), io.signal).catch(() => undefined);
  }
}

async function look(stack: Stack, sources: readonly string[], run: string, now: number) {
  const [rows, observed] = await Promise.all([
    readRows(stack),
    asking(`read table ${stack.copies.name}`, () => readObserved(stack.copies)),
  ]);
  const all = judge(
    rows.map(({ row }) => row),
    observed,
    { now },
  );
  const statuses: Statuses = { ...all, copies: all.copies.filter((copy) => namedBy(sources, copy)) };
  return { statuses, over: isOver(observed.runs, run) };
}

/** Waits for a job, is being copied, or failed in a job that is tried again. */
function isGoing({ state, retried }: { readonly state: string; readonly retried?: boolean }): boolean {
  return state === 'Queued' || state === 'Copying' || retried === true;
}

function tellEnd(statuses: Statuses, settings: Settings, io: Io): ExitCode {
  const wrong = statuses.copies.filter(({ verdict }) => verdict === 'failed' || verdict === 'stale');
  if (settings.json) tellJson(statuses.copies, statuses, io);
  else tellTable(wrong, statuses, io, settings.quiet);
  return wrong.length > 0 ? ExitCode.FAILED : ExitCode.OK;
}
