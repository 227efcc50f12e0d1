import type { ExitCode } from '../../lib/model/outcome';
import type { FlagValues } from '../arguments';
import { openFile, writeJunit } from '../file-run';
import type { Io } from '../io';
import { mirrorRound, roundExitCode } from '../round';

/** `ecr-mirror sync -f FILE` */
export async function sync(flags: FlagValues, io: Io): Promise<ExitCode> {
  const run = await openFile('sync', flags, io);
  try {
    const unfinished = await mirrorRound({ ...run.round, waitingSince: (row) => run.memory?.waitingSince(row) });
    const exitCode = roundExitCode(run.report.counts, io.signal);
    // A round that was cut short is done again as a whole.
    if (io.signal?.aborted !== true) await run.memory?.remember(run.round.rows, unfinished, run.at);
    run.report.close();
    await writeJunit(run, io);
    return exitCode;
  } finally {
    await run.world.close();
  }
}
