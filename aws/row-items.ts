import type { ErrorCode } from '../lib/model/error-code';
import { CopyAttribute, ROW_ITEM } from '../lib/model/names';
import { change, type Item, type Table } from './items';
import { keyText, line, readMany } from './outcomes';

/** What the table of copies says about a row itself. */
export interface RowStatus {
  /** Absent when nothing is wrong with the row. */
  readonly problem?: RowProblem;
  /** Milliseconds since the epoch. */
  readonly lastChecked?: number;
  /** Since when there is a problem, ISO 8601. */
  readonly staleSince?: string;
}

/** Why a row as a whole mirrors nothing, or not all it asks for. */
export interface RowProblem {
  /** `Invalid`: until the row, or what rows may ask for, is changed. `Failed`: its source or destination did not answer. */
  readonly state: 'Invalid' | 'Failed';
  readonly error: string;
  /** @default - an earlier version wrote it */
  readonly code?: ErrorCode;
}

/** The status of rows by their key, eventually consistent; rows without an item are absent. */
export async function readRowStatus(table: Table, rows: readonly string[]): Promise<Map<string, RowStatus>> {
  const keys = new Map([...new Set(rows)].map((row) => [keyText(rowKey(row)), row]));
  const items = await readMany(table, [...keys.values()].map(rowKey));
  return new Map(
    [...items].flatMap(([key, item]) => {
      const row = keys.get(key);
      return row === undefined ? [] : [[row, rowStatus(item)] as const];
    }),
  );
}

function rowStatus(item: Item): RowStatus {
  const lastChecked = Date.parse(String(item.LastChecked));
  const { State: state, Error: error, Code: code } = item;
  return {
    ...(state === 'Invalid' || state === 'Failed'
      ? { problem: { state, error: String(error), ...(typeof code === 'string' ? { code: code as ErrorCode } : {}) } }
      : {}),
    ...(Number.isNaN(lastChecked) ? {} : { lastChecked }),
    ...(typeof item.StaleSince === 'string' ? { staleSince: item.StaleSince } : {}),
  };
}

/**
 * Says on a row's item what is wrong with the row, or that it is mended. Writes nothing when the item says so already,
 * unless the time is wanted: what the row's `Every` counts from.
 */
export async function writeRowStatus(
  table: Table,
  row: string,
  { problem, known, now, timed, unfinished }: RowUpdate,
): Promise<boolean> {
  const error = problem === undefined ? undefined : line(problem.error);
  const before = known?.problem;
  const same = before?.state === problem?.state && before?.error === error && before?.code === problem?.code;
  if (same && timed !== true) return false;
  // A row that failed is tried again at the next run, whatever its `Every`: it does not count as looked at.
  const looked = problem?.state === 'Failed' || unfinished === true ? [] : ['#LastChecked = :now'];
  const told =
    problem === undefined
      ? []
      : ['#State = :state', '#Error = :error', '#Code = :code', '#StaleSince = if_not_exists(#StaleSince, :now)'];
  const sets = [...looked, ...told];
  const values = {
    ':now': new Date(now).toISOString(),
    ...(problem === undefined ? {} : { ':state': problem.state, ':error': error, ':code': problem.code }),
  };
  await change(table, rowKey(row), {
    update: [
      ...(sets.length === 0 ? [] : [`SET ${sets.join(', ')}`]),
      ...(problem === undefined ? ['REMOVE #State, #Error, #Code, #StaleSince'] : []),
    ].join(' '),
    ...(sets.length === 0 ? {} : { values }),
  });
  return true;
}

/** A row counts as looked at from now on: what its `Every` counts from. */
export async function recordLooked(table: Table, row: string, now: number): Promise<void> {
  await change(table, rowKey(row), {
    update: 'SET #LastChecked = :now',
    values: { ':now': new Date(now).toISOString() },
  });
}

export interface RowUpdate {
  readonly problem?: Required<RowProblem>;
  /** What the item says now. */
  readonly known?: RowStatus;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** @default false */
  readonly timed?: boolean;
  /** Whether it has copies that have no job yet: it does not count as looked at before. @default false */
  readonly unfinished?: boolean;
}

function rowKey(row: string): Item {
  return { [CopyAttribute.SOURCE]: row, [CopyAttribute.DESTINATION]: ROW_ITEM };
}
