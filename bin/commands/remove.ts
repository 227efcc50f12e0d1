import { readRow } from '../../aws/mirror-table';
import { deleteRow } from '../../aws/row-edits';
import { show } from '../../lib/model/invalid';
import { ExitCode } from '../../lib/model/outcome';
import { formatReference, parseReference } from '../../lib/model/reference';
import type { FlagValues } from '../arguments';
import type { Io } from '../io';
import { rowVoice } from '../row-voice';
import { readSettings } from '../settings';
import { asking, openStack, type Stack } from '../stack';
import { UsageError } from '../usage';

/** `ecr-mirror remove SOURCE…`: deletes rows. What they mirrored stays. All of them are there, or none is removed. */
export async function remove(sources: readonly string[], flags: FlagValues, io: Io): Promise<ExitCode> {
  const settings = readSettings(flags, io);
  const stack = await openStack('remove', flags, settings, io);
  const voice = rowVoice(settings, io);
  try {
    const found = await Promise.all(sources.map((source) => findRow(stack, source)));
    for (const { Source, Owner } of found) {
      if (typeof Owner !== 'string' || flags.force === true) continue;
      throw new UsageError(
        `remove: ${show(Source)} is declared by ${show(Owner)}, which writes it again; to remove it there, or --force, would do`,
      );
    }
    for (const item of found) {
      await asking(`write table ${stack.mirrors.name}`, () => deleteRow(stack.mirrors, String(item.Source)));
      voice.done('removed', item, 'what it mirrored stays');
    }
    return ExitCode.OK;
  } finally {
    stack.close();
  }
}

/** By the key as it was written, or as it is canonically. */
async function findRow({ mirrors }: Stack, source: string): Promise<Record<string, unknown>> {
  const read = (key: string) => asking(`read table ${mirrors.name}`, () => readRow(mirrors, key));
  const found = (await read(source)) ?? (await read(canonical(source)));
  if (found !== undefined) return found;
  throw new UsageError(`remove: got ${show(source)}, of which there is no row; ecr-mirror list shows them`);
}

function canonical(source: string): string {
  try {
    return formatReference(parseReference(source));
  } catch {
    return source;
  }
}
