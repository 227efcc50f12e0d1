import {
  type DynamoDBDocumentClient,
  GetCommand,
  type NativeAttributeValue,
  ScanCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';

export type Item = Record<string, NativeAttributeValue>;

/** A table and how to reach it. */
export interface Table {
  readonly name: string;
  readonly documents: DynamoDBDocumentClient;
}

/** `#Name` in an expression stands for the attribute of that name. */
export interface Change {
  readonly update: string;
  readonly condition?: string;
  readonly values?: Item;
}

export type Written =
  | { readonly written: true; readonly item: Item }
  | {
      readonly written: false;
      readonly found?: Item;
      /** Whether it was asked more than once: then the answer to a write that took effect may have been lost. */
      readonly retried: boolean;
    };

/** One conditional write. When the condition does not hold, says what is there instead. */
export async function change(table: Table, key: Item, { update, condition, values }: Change): Promise<Written> {
  try {
    const answer = await table.documents.send(
      new UpdateCommand({
        TableName: table.name,
        Key: key,
        UpdateExpression: update,
        ConditionExpression: condition,
        ExpressionAttributeNames: attributeNames(`${update} ${condition ?? ''}`),
        ExpressionAttributeValues: values,
        ReturnValues: 'ALL_NEW',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
    return { written: true, item: answer.Attributes ?? {} };
  } catch (error) {
    if (!isNamed(error, 'ConditionalCheckFailedException')) throw error;
    return { written: false, found: await get(table, key), retried: attemptsOf(error) > 1 };
  }
}

/** How often the SDK has asked before it gave up. */
function attemptsOf(error: unknown): number {
  return (error as { $metadata?: { attempts?: number } } | undefined)?.$metadata?.attempts ?? 1;
}

/** One item, strongly consistent. */
export async function get(table: Table, key: Item): Promise<Item | undefined> {
  const answer = await table.documents.send(new GetCommand({ TableName: table.name, Key: key, ConsistentRead: true }));
  return answer.Item;
}

/** What a query or scan finds, page after page. @param ask for the page that begins at a key, or the first one */
export async function* itemPages(
  ask: (from: Item | undefined) => Promise<{ readonly Items?: readonly Item[]; readonly LastEvaluatedKey?: Item }>,
): AsyncGenerator<readonly Item[]> {
  let from: Item | undefined;
  do {
    const answer = await ask(from);
    yield answer.Items ?? [];
    from = answer.LastEvaluatedKey;
  } while (from !== undefined);
}

/** What of a table's items is read. `#Name` stands for the attribute of that name. */
export interface Scanned {
  readonly filter: string;
  readonly projection: string;
  readonly values: Item;
  /** Whether what was just written is seen; it costs twice. @default false */
  readonly consistent?: boolean;
}

/** Reads a table through, page by page. */
export function scanPages(
  table: Table,
  { filter, projection, values, consistent = false }: Scanned,
): AsyncGenerator<readonly Item[]> {
  return itemPages((from) =>
    table.documents.send(
      new ScanCommand({
        TableName: table.name,
        ExclusiveStartKey: from,
        ConsistentRead: consistent,
        FilterExpression: filter,
        ProjectionExpression: projection,
        ExpressionAttributeNames: attributeNames(`${filter} ${projection}`),
        ExpressionAttributeValues: values,
      }),
    ),
  );
}

export function attributeNames(expressions: string): Record<string, string> {
  return Object.fromEntries([...expressions.matchAll(/#([A-Za-z]+)/g)].map(([token, name]) => [token, name as string]));
}

/** Whether an error is the SDK's of that name. */
export function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}
