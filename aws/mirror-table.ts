import { GetCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { Item, Table } from './items';

/** Where a scan goes on. Opaque; plain JSON, so that it can be handed to another process. */
export type Cursor = Readonly<Record<string, unknown>>;

export interface Page {
  readonly rows: readonly Item[];
  /** Where the next page begins; absent after the last one. */
  readonly next?: Cursor;
}

export interface ScanOptions {
  /** @default - from the beginning */
  readonly from?: Cursor;
  /** Rows a page holds at most; a page of DynamoDB ends at 1 MB anyway. @default - as DynamoDB cuts them */
  readonly limit?: number;
  /** @default false */
  readonly consistent?: boolean;
}

/** All rows, a page at a time: only one is held. */
export async function* pages(table: Table, options: ScanOptions = {}): AsyncGenerator<Page> {
  let from = options.from;
  do {
    const page = await readPage(table, { ...options, from });
    yield page;
    from = page.next;
  } while (from !== undefined);
}

async function readPage(table: Table, { from, limit, consistent }: ScanOptions): Promise<Page> {
  const answer = await table.documents.send(
    new ScanCommand({ TableName: table.name, ExclusiveStartKey: from, Limit: limit, ConsistentRead: consistent }),
  );
  return {
    rows: answer.Items ?? [],
    ...(answer.LastEvaluatedKey === undefined ? {} : { next: answer.LastEvaluatedKey }),
  };
}

/** The row of a `Source` as it is written in the table, strongly consistent. */
export async function readRow(table: Table, source: string): Promise<Item | undefined> {
  const answer = await table.documents.send(
    new GetCommand({ TableName: table.name, Key: { Source: source }, ConsistentRead: true }),
  );
  return answer.Item;
}
