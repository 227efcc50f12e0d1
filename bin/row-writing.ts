import { readRow } from '../aws/mirror-table';
import { putRow } from '../aws/row-edits';
import { show } from '../lib/model/invalid';
import type { Mirror, ParsedRow } from '../lib/model/mirror';
import { parseRow, problemLine } from '../lib/model/mirror-row';
import { permits } from '../lib/model/permissions';
import { formatRepository } from '../lib/model/reference';
import { count } from '../terminal/format';
import { rivalsOf } from './rivals';
import { errorsOf } from './row-flags';
import type { RowVoice } from './row-voice';
import { asking, type Stack } from './stack';
import { UsageError } from './usage';

/** A row that the controller will not find invalid. */
export interface GoodRow extends ParsedRow {
  readonly mirror: Mirror;
  /** As the table has it. */
  readonly item: Record<string, unknown>;
}

/** @throws UsageError for a row that is wrong, or that asks for what the construct does not allow. */
export function checkedRow(item: Record<string, unknown>, { settings: { mapping, permissions } }: Stack): GoodRow {
  const parsed = parseRow(item, { mapping });
  const { key, mirror, problems } = parsed;
  const error = errorsOf(parsed);
  if (error !== undefined || mirror === undefined) throw new UsageError(`add: ${show(key)}: ${error}`);
  for (const { repository } of mirror.destinations) {
    const refusal = permits(permissions, mirror.source, repository);
    if (refusal !== undefined) throw new UsageError(`add: ${show(key)}: ${refusal}`);
  }
  return { key, mirror, problems, item };
}

/** Says what is odd about a row, and which of the others may write what it writes. */
export function warnAbout({ key, mirror, problems }: GoodRow, others: readonly ParsedRow[], voice: RowVoice): void {
  for (const problem of problems) voice.warn(key, problemLine(problem));
  for (const rival of rivalsOf(mirror, others)) {
    const what = `${rival.destination} may be written by ${rival.key} too`;
    voice.warn(key, `${what}, and not the same there: neither is mirrored then`);
  }
}

/** @throws UsageError where there is one already, unless it is to be replaced. */
export async function writeRow({ mirrors }: Stack, { key, mirror, item }: GoodRow, force: boolean, voice: RowVoice) {
  if (await asking(`write table ${mirrors.name}`, () => putRow(mirrors, item, force))) {
    voice.done('added', item, `to ${count(mirror.destinations.length, 'destination')}: ${places(mirror)}`);
    return;
  }
  const owner = (await asking(`read table ${mirrors.name}`, () => readRow(mirrors, key)))?.Owner;
  throw isThere(key, owner);
}

export function isThere(key: string, owner: unknown): UsageError {
  const declared = typeof owner === 'string' ? `, which ${show(owner)} declares` : '';
  return new UsageError(`add: there is a row ${show(key)} already${declared}; --force would replace it`);
}

function places({ destinations }: Mirror): string {
  return destinations
    .map(({ repository, tag }) => `${formatRepository(repository)}${tag === undefined ? '' : `:${tag}`}`)
    .join(', ');
}
