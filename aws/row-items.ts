import { CopyAttribute, ROW_ITEM } from '../lib/model/names';
import { change, type Item, type Table } from './items';
import { keyText, line, readMany } from './outcomes';

/** What the table of copies says about a row itself. */
export interface RowStatus {
  /** The line that says why the row is `Invalid`. */
  readonly error?: string;
  /** Milliseconds since the epoch. */
  readonly lastChecked?: number;
}

/** The status of rows by their key; rows without an item are absent. */
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
  return {
    ...(item.State === 'Invalid' ? { error: String(item.Error) } : {}),
    ...(Number.isNaN(lastChecked) ? {} : { lastChecked }),
  };
}

/** Marks a row `Invalid`, or mends it; writes nothing when the item says so already. */
export async function writeRowProblem(
  table: Table,
  row: string,
  problem: string | undefined,
  known: RowStatus | undefined,
  now: number,
): Promise<boolean> {
  const error = problem === undefined ? undefined : line(problem);
  if (error === known?.error) return false;
  await change(table, rowKey(row), {
    update:
      error === undefined
        ? 'SET #LastChecked = :now REMOVE #State, #Error'
        : 'SET #State = :invalid, #Error = :error, #LastChecked = :now',
    values: {
      ':now': new Date(now).toISOString(),
      ...(error === undefined ? {} : { ':invalid': 'Invalid', ':error': error }),
    },
  });
  return true;
}

/** Notes when a row was looked at: what its `Every` counts from. */
export async function writeRowChecked(table: Table, row: string, now: number): Promise<void> {
  await change(table, rowKey(row), {
    update: 'SET #LastChecked = :now',
    values: { ':now': new Date(now).toISOString() },
  });
}

function rowKey(row: string): Item {
  return { [CopyAttribute.SOURCE]: row, [CopyAttribute.DESTINATION]: ROW_ITEM };
}
