import { ExitCode } from '../../lib/model/outcome';
import type { FlagValues } from '../arguments';
import { fileItems } from '../file-items';
import type { Io } from '../io';
import { rowOf } from '../row-flags';
import { rowVoice } from '../row-voice';
import { checkedRow, isThere, warnAbout, writeRow } from '../row-writing';
import { readSettings } from '../settings';
import { openStack, readRows } from '../stack';

/** `ecr-mirror add SOURCE [DESTINATION…]`, `ecr-mirror add -f FILE`: writes rows that the controller will not find invalid. */
export async function add(given: readonly string[], flags: FlagValues, io: Io): Promise<ExitCode> {
  const settings = readSettings(flags, io);
  const items = typeof flags.file === 'string' ? await fileItems(flags.file, given, flags, io) : [rowOf(given, flags)];
  const stack = await openStack('add', flags, settings, io);
  const voice = rowVoice(settings, io);
  const force = flags.force === true;
  try {
    // All or none: each is looked at before the first is written.
    const rows = items.map((item) => checkedRow(item, stack));
    const there = await readRows(stack);
    const taken = new Map(there.map(({ item, row }) => [row.key, item]));
    for (const { key } of rows) if (!force && taken.has(key)) throw isThere(key, taken.get(key)?.Owner);
    const others = [...there.map(({ row }) => row).filter(({ key }) => !rows.some((one) => one.key === key)), ...rows];
    for (const row of rows) warnAbout(row, others, voice);
    for (const row of rows) await writeRow(stack, row, force, voice);
    return ExitCode.OK;
  } finally {
    stack.close();
  }
}
