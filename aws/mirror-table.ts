import { GetCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { attributeNames, type Item, type Table } from './items';

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
  /** Which rows come over the wire; the others are read, and billed, all the same. @default - all */
  readonly filter?: Filter;
}

/** `#Name` in the expression stands for the attribute of that name. */
export interface Filter {
  readonly expression: string;
  readonly values: Item;
}

/** An expression may have 300 operators; it takes three for each text. */
const MOST_TEXTS = 40;

/**
 * Rows that have one of the texts anywhere in their source or destination. Into lists and sets DynamoDB does not look for
 * parts of texts: rows that give their destinations so always come. Undefined, for all rows, when there are too many texts.
 */
export function mentioning(texts: readonly string[]): Filter | undefined {
  const distinct = [...new Set(texts)];
  if (distinct.length > MOST_TEXTS) return undefined;
  const mentioned = distinct.map((_, position) =>
    ['#Source', '#From', '#Destination'].map((name) => `contains(${name}, :text${position})`).join(' OR '),
  );
  const several = ['attribute_type(#Destination, :set)', 'attribute_type(#Destination, :list)'];
  return {
    expression: [...mentioned, ...several].join(' OR '),
    values: {
      ...Object.fromEntries(distinct.map((text, position) => [`:text${position}`, text])),
      ':set': 'SS',
      ':list': 'L',
    },
  };
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

async function readPage(table: Table, { from, limit, consistent, filter }: ScanOptions): Promise<Page> {
  const answer = await table.documents.send(
    new ScanCommand({
      TableName: table.name,
      ExclusiveStartKey: from,
      Limit: limit,
      ConsistentRead: consistent,
      ...(filter === undefined
        ? {}
        : {
            FilterExpression: filter.expression,
            ExpressionAttributeNames: attributeNames(filter.expression),
            ExpressionAttributeValues: filter.values,
          }),
    }),
  );
  return {
    rows: answer.Items ?? [],
    ...(answer.LastEvaluatedKey === undefined ? {} : { next: answer.LastEvaluatedKey }),
  };
}

/** The place behind a row, from which a scan goes on. */
export function cursorAfter(row: Item): Cursor {
  return { Source: row.Source };
}

/** The row of a `Source` as it is written in the table, strongly consistent. */
export async function readRow(table: Table, source: string): Promise<Item | undefined> {
  const answer = await table.documents.send(
    new GetCommand({ TableName: table.name, Key: { Source: source }, ConsistentRead: true }),
  );
  return answer.Item;
}
