import { standing } from '../engine/plan';
import { tooManyCopies } from '../engine/resolve';
import type { Skipped } from '../lib/model/copy';
import { show } from '../lib/model/invalid';
import type { ParsedRow } from '../lib/model/mirror';
import { nearMiss } from '../lib/model/near-miss';
import { type Permissions, permits } from '../lib/model/permissions';
import { formatRepository } from '../lib/model/reference';
import type { Asked } from './selection-voice';
import { UsageError } from './usage';

/** A row that selects tags, and what else may be wrong with those that it selects. */
export interface AskedRow {
  readonly asked: Asked;
  readonly tooMany: (selected: readonly string[]) => string | undefined;
}

/** The rows of a file that select tags, or cannot be read; or the one that is named, by its `source` or its repository. @throws UsageError */
export function rowsToExplain(rows: readonly ParsedRow[], name: string | undefined): readonly ParsedRow[] {
  if (name === undefined) return rows.filter(({ mirror }) => mirror === undefined || mirror.select.kind === 'tags');
  const named = rows.filter(({ key, mirror }) => key === name || (mirror && formatRepository(mirror.source) === name));
  const [row] = named;
  if (row === undefined) throw unknownRow(name, rows);
  const selecting = named.filter(({ mirror }) => mirror === undefined || mirror.select.kind === 'tags');
  if (selecting.length > 0) return selecting;
  throw new UsageError(`tags: got the row ${show(name)}, which names one image; a row with tags would do`);
}

/** Before anything is asked for: a row that cannot be read, or may not read its source, is refused here as everywhere. */
export function standingOf(row: ParsedRow, permissions: Permissions): AskedRow | Skipped {
  const { mirror } = row;
  if (mirror === undefined || mirror.select.kind !== 'tags') return standing(row, 0) as Skipped;
  const { key, source, destinations, select } = mirror;
  const refusals = destinations.map(({ repository }) => permits(permissions, source, repository));
  const allowed = destinations.filter((_, at) => refusals[at] === undefined);
  if (allowed.length === 0) {
    const detail = refusals.find((refusal) => refusal !== undefined) ?? '';
    return { mirror: key, source: { repository: source }, reason: 'not-allowed', detail };
  }
  return {
    asked: { mirror: key, source, selection: select.selection },
    tooMany: (selected) => tooManyCopies(selected, allowed),
  };
}

function unknownRow(name: string, rows: readonly ParsedRow[]): UsageError {
  const keys = rows.map(({ key }) => key);
  const meant = nearMiss(name, keys) ?? keys.slice(0, 3).join(', ');
  return new UsageError(
    `tags: got the row ${show(name)}, which the file does not have; ${show(meant).slice(1, -1)} would do`,
  );
}
