import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { CopyFacts } from '../lib/model/freshness';
import type { RowFacts } from '../lib/model/inventory';
import { CopyAttribute, ROW_ITEM, RUN_ITEM } from '../lib/model/names';
import type { CopyState } from '../lib/model/outcome';
import type { RunFacts } from '../lib/model/run-history';
import { attributeNames, type Item, itemPages, scanPages, type Table } from './items';
import { isGivenUp } from './losses';

/** All that the table of copies says to people. */
export interface Observed {
  readonly copies: readonly CopyFacts[];
  /** By the rows' keys. */
  readonly rows: ReadonlyMap<string, RowFacts>;
  /** The newest ones, newest first. */
  readonly runs: readonly RunFacts[];
}

/** Work lists, runs and budgets have neither a state nor the key of a row's item. */
const FILTER = 'attribute_exists(#State) OR #Destination = :row';
const PROJECTION = [
  ...['Source', 'Destination', 'State', 'Digest', 'SourceDigest', 'LastMirrored', 'LastChecked'],
  ...['StaleSince', 'Bytes', 'Failures', 'Error', 'Code', 'Job', 'EndedJob'],
]
  .map((name) => `#${name}`)
  .join(', ');

/** Reads the table of copies through, eventually consistent. */
export async function readObserved(table: Table): Promise<Observed> {
  const copies: CopyFacts[] = [];
  const rows = new Map<string, RowFacts>();
  const scanned = { filter: FILTER, projection: PROJECTION, values: { ':row': ROW_ITEM } };
  for await (const page of scanPages(table, scanned)) {
    for (const item of page) {
      if (item[CopyAttribute.DESTINATION] === ROW_ITEM) rows.set(String(item[CopyAttribute.SOURCE]), rowFacts(item));
      else copies.push(copyFacts(item));
    }
  }
  return { copies, rows, runs: await readRuns(table) };
}

/** Runs that are read at most: each push and each changed row may have made one. */
const MOST_RUNS = 2_000;
const RUNS_AT_ONCE = 250;

/** The newest runs, newest first. */
export async function readRuns(table: Table): Promise<readonly RunFacts[]> {
  const key = '#Source = :run';
  const ask = (from: Item | undefined) =>
    table.documents.send(
      new QueryCommand({
        TableName: table.name,
        ExclusiveStartKey: from,
        KeyConditionExpression: key,
        ExpressionAttributeNames: attributeNames(key),
        ExpressionAttributeValues: { ':run': RUN_ITEM },
        ScanIndexForward: false,
        Limit: RUNS_AT_ONCE,
      }),
    );
  const runs: RunFacts[] = [];
  for await (const page of itemPages(ask)) {
    runs.push(...page.flatMap(runFacts));
    if (runs.length >= MOST_RUNS) break;
  }
  return runs;
}

function copyFacts(item: Item): CopyFacts {
  return {
    source: String(item.Source),
    destination: String(item.Destination),
    state: String(item.State) as CopyState,
    ...defined({
      digest: text(item.Digest),
      sourceDigest: text(item.SourceDigest),
      lastMirrored: time(item.LastMirrored),
      lastChecked: time(item.LastChecked),
      staleSince: time(item.StaleSince),
      bytes: number(item.Bytes),
      failures: number(item.Failures),
      error: text(item.Error),
      code: text(item.Code),
      retried: isRetried(item) || undefined,
    }),
  };
}

/** What no job was submitted for, and what a job that is over has failed at, waits for a run. */
function isRetried(item: Item): boolean {
  return item.State === 'Failed' && typeof item.Job === 'string' && !isGivenUp(item);
}

function rowFacts({ State: state, Error: error, Code, LastChecked, StaleSince }: Item): RowFacts {
  return {
    ...(state === 'Invalid' || state === 'Failed'
      ? { problem: { state, error: String(error), ...defined({ code: text(Code) }) } }
      : {}),
    ...defined({ lastChecked: time(LastChecked), staleSince: time(StaleSince) }),
  };
}

function runFacts(item: Item): RunFacts[] {
  const started = time(item.Started);
  if (started === undefined) return [];
  const id = String(item.Destination).split('#')[1] ?? '';
  return [
    {
      id,
      started,
      finished: time(item.Finished) ?? started,
      trigger: String(item.Trigger),
      continued: item.Continued === true,
      rows: number(item.Rows) ?? 0,
      copies: number(item.Copies) ?? 0,
      errors: Array.isArray(item.Errors) ? item.Errors.map(String) : [],
    },
  ];
}

/** What of it has a value. */
type Given<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(fields: T): Given<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function time(value: unknown): number | undefined {
  const parsed = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(parsed) ? undefined : parsed;
}
