import { readRow } from '../../aws/mirror-table';
import { putRow } from '../../aws/row-edits';
import { show } from '../../lib/model/invalid';
import type { Mirror } from '../../lib/model/mirror';
import { parseRow, problemLine } from '../../lib/model/mirror-row';
import { ExitCode } from '../../lib/model/outcome';
import { permits } from '../../lib/model/permissions';
import { formatRepository } from '../../lib/model/reference';
import { count } from '../../terminal/format';
import type { FlagValues } from '../arguments';
import type { Io } from '../io';
import { rivalsOf } from '../rivals';
import { errorsOf, rowOf } from '../row-flags';
import { rowVoice } from '../row-voice';
import { readSettings } from '../settings';
import { asking, openStack, readRows, type Stack } from '../stack';
import { UsageError } from '../usage';

/** `ecr-mirror add SOURCE [DESTINATION…]`: writes a row that the controller will not find invalid. */
export async function add(given: readonly string[], flags: FlagValues, io: Io): Promise<ExitCode> {
  const settings = readSettings(flags, io);
  const item = rowOf(given, flags);
  const stack = await openStack('add', flags, settings, io);
  const voice = rowVoice(settings, io);
  try {
    const parsed = parseRow(item, { mapping: stack.settings.mapping });
    const error = errorsOf(parsed);
    if (error !== undefined || parsed.mirror === undefined) throw new UsageError(`add: ${show(parsed.key)}: ${error}`);
    checkPermitted(parsed.mirror, stack);
    for (const problem of parsed.problems) voice.warn(parsed.key, problemLine(problem));
    const others = (await readRows(stack)).map(({ row }) => row);
    for (const { key, destination } of rivalsOf(parsed.mirror, others)) {
      voice.warn(
        parsed.key,
        `${destination} may be written by ${key} too; of two rows that write one tag neither is mirrored`,
      );
    }
    await write(stack, parsed.key, item, flags.force === true);
    voice.done(
      'added',
      item,
      `to ${count(parsed.mirror.destinations.length, 'destination')}: ${places(parsed.mirror)}`,
    );
    return ExitCode.OK;
  } finally {
    stack.close();
  }
}

function checkPermitted(mirror: Mirror, { settings: { permissions } }: Stack): void {
  for (const { repository } of mirror.destinations) {
    const refusal = permits(permissions, mirror.source, repository);
    if (refusal !== undefined) throw new UsageError(`add: ${show(mirror.key)}: ${refusal}`);
  }
}

async function write({ mirrors }: Stack, key: string, item: Record<string, unknown>, force: boolean): Promise<void> {
  if (await asking(`write table ${mirrors.name}`, () => putRow(mirrors, item, force))) return;
  const owner = (await asking(`read table ${mirrors.name}`, () => readRow(mirrors, key)))?.Owner;
  const declared = typeof owner === 'string' ? `, which ${show(owner)} declares` : '';
  throw new UsageError(`add: there is a row ${show(key)} already${declared}; --force would replace it`);
}

function places({ destinations }: Mirror): string {
  return destinations
    .map(({ repository, tag }) => `${formatRepository(repository)}${tag === undefined ? '' : `:${tag}`}`)
    .join(', ');
}
