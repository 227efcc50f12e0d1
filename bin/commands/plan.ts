import { mapWithin } from '../../engine/gate';
import type { Copy, Plan } from '../../lib/model/copy';
import { printable } from '../../lib/model/invalid';
import { ExitCode } from '../../lib/model/outcome';
import { formatReference } from '../../lib/model/reference';
import { count, formatBytes } from '../../terminal/format';
import { paintFor } from '../../terminal/output';
import type { FlagValues } from '../arguments';
import { openFile } from '../file-run';
import { type ImageSize, measure } from '../image-size';
import type { Io } from '../io';
import { planRound, roundExitCode, tellSkipped } from '../round';
import { copyText } from '../voices';

/** `ecr-mirror plan -f FILE`: what `sync` would do. */
export async function plan(flags: FlagValues, io: Io): Promise<ExitCode> {
  const run = await openFile('plan', flags, io);
  try {
    const made = await planRound(run.round);
    tellSkipped(made, run.round);
    const sizes = flags.sizes === true ? await sizesOf(made, run.round.world.stores, io.signal) : undefined;
    const { json, quiet } = run.round.settings;
    if (json) tellMachines(made, sizes, io);
    else if (!quiet) tellPeople(made, sizes, io);
    const exitCode = roundExitCode(run.report.counts, io.signal);
    run.report.close();
    const hasChanges = made.copies.length > 0 && flags['detailed-exitcode'] === true;
    return exitCode === ExitCode.OK && hasChanges ? ExitCode.CHANGES : exitCode;
  } finally {
    await run.world.close();
  }
}

type Sizes = ReadonlyMap<Copy, ImageSize | undefined>;

/** Images read at once. */
const AT_ONCE = 4;

/** A manifest that cannot be read leaves its size unknown: the copy will say why. */
async function sizesOf(made: Plan, stores: Parameters<typeof measure>[0], signal?: AbortSignal): Promise<Sizes> {
  const sizes = await mapWithin(AT_ONCE, made.copies, (copy) => measure(stores, copy, signal).catch(() => undefined));
  return new Map(made.copies.map((copy, i) => [copy, sizes[i]]));
}

function tellMachines({ copies }: Plan, sizes: Sizes | undefined, io: Io): void {
  for (const copy of copies) {
    const size = sizes?.get(copy);
    for (const { reference, why } of copy.destinations) {
      const source = formatReference(copy.source);
      const fields = {
        source,
        digest: copy.source.digest,
        destination: formatReference(reference),
        why,
        mirrors: copy.mirrors,
        ...size,
      };
      io.stdout.write(`${JSON.stringify({ event: 'copy', ...fields })}\n`);
    }
  }
}

function tellPeople({ copies }: Plan, sizes: Sizes | undefined, io: Io): void {
  const paint = paintFor(io.stdout, io.env);
  for (const copy of copies) {
    const size = sizes?.get(copy);
    const shown = size === undefined ? '' : `, ${formatBytes(size.bytes)}, ${count(size.pulls, 'pull')}`;
    for (const { reference, why } of copy.destinations) {
      const line = `${copyText(copy.source, reference)} (${why}${shown})`;
      io.stdout.write(`${paint.green('copy')}     ${printable(line)}\n`);
    }
  }
  const destinations = copies.reduce((sum, copy) => sum + copy.destinations.length, 0);
  io.stdout.write(`${destinations} to copy${total(sizes)}\n`);
}

/** At most so many: content that images share, or that a destination has, moves once or not at all. */
function total(sizes: Sizes | undefined): string {
  if (sizes === undefined) return '';
  const known = [...sizes.values()].flatMap((size) => size ?? []);
  const bytes = known.reduce((sum, size) => sum + size.bytes, 0);
  const pulls = known.reduce((sum, size) => sum + size.pulls, 0);
  return `, at most ${formatBytes(bytes)} and ${count(pulls, 'pull')} from sources`;
}
