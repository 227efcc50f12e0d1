import { runCopies } from '../../engine/run-copies';
import type { Copy } from '../../lib/model/copy';
import { ExitCode, type Outcome } from '../../lib/model/outcome';
import type { FlagValues } from '../arguments';
import { openFile, writeJunit } from '../file-run';
import type { Io } from '../io';
import { copyWorld, planRound, type Round } from '../round';
import { foundByPlan, openVerifyVoice, type VerifyVoice } from '../verify-voice';

/** `ecr-mirror verify -f FILE`: whether what a file names is whole where it is mirrored. */
export async function verify(flags: FlagValues, io: Io): Promise<ExitCode> {
  const run = await openFile('verify', flags, io, { planning: true });
  try {
    const { isDue: _, ...round } = run.round;
    const told = openVerifyVoice(run.report.io, round.settings);
    const voice = run.junit?.hearVerified(told) ?? told;
    await verifyRound({ ...round, verifies: () => true }, flags.repair === true, voice);
    const now = (io.clock ?? Date).now();
    voice.close(run.report.figures, (now - run.at) / 1000);
    await writeJunit(run, io);
    return exitCodeOf(voice, io);
  } finally {
    await run.world.close();
  }
}

async function verifyRound(round: Round, repair: boolean, voice: VerifyVoice): Promise<void> {
  const plan = await planRound(round);
  const mirrors = new Map(round.rows.map(({ key, mirror }) => [key, mirror]));
  for (const skipped of plan.skipped) voice.skipped(skipped, mirrors.get(skipped.mirror));
  const { observer: __, ...world } = copyWorld(round);
  const copies = repair ? plan.copies : plan.copies.filter(isVerified);
  if (!repair) for (const copy of plan.copies.filter((one) => !isVerified(one))) tellFound(copy, voice);
  for await (const { copy, outcome } of runCopies(copies, { ...world, repair })) {
    voice.ended(copy, isVerified(copy) ? outcome : asRepaired(copy, outcome));
  }
}

function isVerified({ destinations }: Copy): boolean {
  return destinations.every(({ why }) => why === 'verify');
}

function tellFound(copy: Copy, voice: VerifyVoice): void {
  for (const destination of copy.destinations) voice.ended(copy, foundByPlan(copy, destination));
}

/** What an ordinary copy mends is what planning found. */
function asRepaired(copy: Copy, outcome: Outcome): Outcome {
  const destination = copy.destinations.find(({ reference }) => reference === outcome.destination);
  return destination === undefined ? outcome : { ...outcome, lacks: foundByPlan(copy, destination).lacks ?? [] };
}

function exitCodeOf({ counts }: VerifyVoice, io: Io): ExitCode {
  if (counts.left > 0 || io.signal?.aborted === true) return ExitCode.TRY_AGAIN;
  return counts.lacking + counts.failed > 0 ? ExitCode.FAILED : ExitCode.OK;
}
