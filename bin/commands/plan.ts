import { mapWithin } from '../../engine/gate';
import type { Copy } from '../../lib/model/copy';
import { ExitCode } from '../../lib/model/outcome';
import type { FlagValues } from '../arguments';
import { openFile, writeJunit } from '../file-run';
import { measure } from '../image-size';
import type { Io } from '../io';
import { pricePlan, type Sizes } from '../pricing';
import { planRound, type Round, roundExitCode, tellSkipped } from '../round';

/** `ecr-mirror plan -f FILE`: what `sync` would do. */
export async function plan(flags: FlagValues, io: Io): Promise<ExitCode> {
  const run = await openFile('plan', flags, io, { planning: true });
  const { round, report, world } = run;
  try {
    const made = await planRound(round);
    const sizes = flags.sizes === true ? await sizesOf(made.copies, round) : undefined;
    tellSkipped(made, round);
    for (const copy of made.copies) report.plan(copy, sizes?.get(copy));
    report.price(await pricePlan(made.copies, sizes, world, io.signal));
    const exitCode = roundExitCode(report.counts, io.signal);
    report.close();
    await writeJunit(run, io);
    const hasChanges = made.copies.length > 0 && flags['detailed-exitcode'] === true;
    return exitCode === ExitCode.OK && hasChanges ? ExitCode.CHANGES : exitCode;
  } finally {
    await world.close();
  }
}

/** Images read at once. */
const AT_ONCE = 4;

/** A manifest that cannot be read leaves its size unknown: the copy will say why. */
async function sizesOf(copies: readonly Copy[], { world, io }: Round): Promise<Sizes> {
  const sizes = await mapWithin(AT_ONCE, copies, (copy) =>
    measure(world.stores, copy, io.signal).catch(() => undefined),
  );
  return new Map(copies.map((copy, i) => [copy, sizes[i]]));
}
