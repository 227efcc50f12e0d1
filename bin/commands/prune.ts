import { readMadeCopies } from '../../aws/made-copies';
import { carryOut, type Decision, decidePrune, type PruneWorld } from '../../aws/prune';
import { Resolver } from '../../engine/resolve';
import { readWants } from '../../engine/wants';
import { ExitCode } from '../../lib/model/outcome';
import type { Wants } from '../../lib/model/prune';
import type { FlagValues } from '../arguments';
import { parseCount, parseDuration } from '../duration';
import type { Io } from '../io';
import { pruneVoice } from '../prune-voice';
import { readSettings, type Settings } from '../settings';
import { asking, openStack, readRows, type Stack, type WrittenRow } from '../stack';
import { UsageError } from '../usage';
import { openWorld } from '../world';

const AT_MOST = 100;
const MOST = 100_000;
const DAY = 86_400_000;
const LONGEST_UNUSED = 3650 * DAY;
const UNUSED_FOR = 30 * DAY;

/** `ecr-mirror prune`: deletes what the mirror made and no row wants any more. Without `--yes` it only says what. */
export async function prune(flags: FlagValues, io: Io): Promise<ExitCode> {
  const settings = readSettings(flags, io);
  const limits = readLimits(flags);
  const stack = await openStack('prune', flags, settings, io);
  const voice = pruneVoice(settings, io);
  try {
    const now = () => (io.clock ?? Date).now();
    const [rows, copies] = await Promise.all([
      readRows(stack),
      asking(`read table ${stack.copies.name}`, () => readMadeCopies(stack.copies, now())),
    ]);
    const world: PruneWorld = { ...limits, clients: stack.clients, options: stack.options, copies: stack.copies, now };
    const decision = await decidePrune(copies, await wantsOf(rows, stack, settings, io), world);
    voice.decided(decision, limits);
    return flags.yes === true ? await goAhead(decision, limits.atMost, world) : ExitCode.OK;
  } finally {
    stack.close();
  }

  async function goAhead(decision: Decision, atMost: number, world: PruneWorld): Promise<ExitCode> {
    const going = decision.decided.filter(({ verdict }) => verdict.kind === 'prune').length;
    if (going > atMost) {
      throw new UsageError(`prune: got ${going} images to delete, and deletes none; --at-most ${going} would do`);
    }
    const pruned = await asking(`write table ${stack.copies.name}`, () => carryOut(decision.decided, world));
    voice.pruned(pruned);
    return pruned.some(({ error }) => error !== undefined) ? ExitCode.FAILED : ExitCode.OK;
  }
}

interface Limits extends Pick<PruneWorld, 'regions' | 'unusedFor' | 'unseenOk'> {
  readonly atMost: number;
  readonly yes: boolean;
}

function readLimits(flags: FlagValues): Limits {
  const { regions, yes } = flags;
  const text = (value: string | true | undefined) => (typeof value === 'string' ? value : undefined);
  const [atMost, unusedFor] = [text(flags['at-most']), text(flags['unused-for'])];
  const named = (text(regions) ?? '').split(',').map((region) => region.trim());
  return {
    atMost: atMost === undefined ? AT_MOST : parseCount('--at-most', atMost, 1, MOST),
    unusedFor: unusedFor === undefined ? UNUSED_FOR : parseDuration('--unused-for', unusedFor, LONGEST_UNUSED),
    unseenOk: flags['unseen-ok'] === true,
    regions: named.filter((region) => region !== ''),
    yes: yes === true,
  };
}

/** Sources are asked for their tags with the credentials of whoever prunes: one that does not answer keeps its images. */
async function wantsOf(rows: readonly WrittenRow[], stack: Stack, settings: Settings, io: Io): Promise<Wants> {
  const registries = rows.flatMap(({ row }) => (row.mirror === undefined ? [] : [row.mirror.source.registry]));
  const world = await openWorld(settings, io, { registries: [...new Set(registries)], byUser: [] }, {});
  try {
    return await readWants(
      rows.map(({ item, row }) => ({ row, named: item.From ?? item.Source })),
      {
        resolver: new Resolver(world.stores, io.signal),
        permissions: stack.settings.permissions,
        now: world.clock.now(),
      },
    );
  } finally {
    await world.close();
  }
}
