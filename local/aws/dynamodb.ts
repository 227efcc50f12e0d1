import type { AddressInfo } from 'node:net';
import dynalite from 'dynalite';
import { type JsonMap, mapOf, textOf } from '../template/value';
import { AwsError } from './error';
import { KEPT } from './kept';

/** Amazon DynamoDB, embedded: JSON in, JSON out. @throws AwsError */
export interface DynamoDb {
  call(operation: string, input: JsonMap): Promise<JsonMap>;
  close(): Promise<void>;
}

/** What dynalite does not have: streams (see {@link withStreams}), TTL, transactions; these are unknown operations here. */
const OPERATIONS: ReadonlySet<string> = new Set([
  'BatchGetItem',
  'BatchWriteItem',
  'CreateTable',
  'DeleteItem',
  'DescribeTable',
  'GetItem',
  'ListTables',
  'PutItem',
  'Query',
  'Scan',
  'UpdateItem',
]);

export async function startDynamoDb(): Promise<DynamoDb> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0 });
  server.keepAliveTimeout = KEPT;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const underWay = new Set<Promise<unknown>>();
  let closing = false;
  return {
    call: async (operation, input) => {
      if (!OPERATIONS.has(operation)) throw new AwsError('UnknownOperationException', `dynamodb ${operation}`);
      if (closing) throw new AwsError('ServiceUnavailable', 'the database is closing', 503);
      const answer = callWithItem(url, operation, input);
      underWay.add(answer);
      try {
        return await answer;
      } finally {
        underWay.delete(answer);
      }
    },
    // dynalite ends the process when its store closes under a request.
    close: async () => {
      closing = true;
      await Promise.allSettled(underWay);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

/**
 * dynalite does not know `ReturnValuesOnConditionCheckFailure`: the item that is returned is read afterwards, so it is the
 * one that failed the condition or a newer one.
 */
async function callWithItem(url: string, operation: string, input: JsonMap): Promise<JsonMap> {
  const { ReturnValuesOnConditionCheckFailure: returns, ...known } = input;
  try {
    return await post(url, operation, known);
  } catch (error) {
    const { TableName, Key } = known;
    const asked = returns === 'ALL_OLD' && TableName !== undefined && Key !== undefined;
    if (!(error instanceof AwsError) || error.code !== 'ConditionalCheckFailedException' || !asked) throw error;
    const { Item } = await post(url, 'GetItem', { TableName, Key, ConsistentRead: true });
    throw new AwsError(error.code, error.message, error.status, Item === undefined ? {} : { Item });
  }
}

async function post(url: string, operation: string, input: JsonMap): Promise<JsonMap> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      'x-amz-date': '20260101T000000Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20260101/local/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: JSON.stringify(input),
  });
  const output = (await response.json()) as JsonMap;
  if (response.ok) return output;
  const type = textOf(output.__type) ?? 'InternalFailure';
  const code = type.slice(type.lastIndexOf('#') + 1);
  throw new AwsError(code, textOf(output.message) ?? textOf(output.Message) ?? code, response.status);
}

/** A change of an item, as the table's stream tells it. */
export interface Change {
  readonly table: string;
  readonly keys: JsonMap;
  readonly before?: JsonMap;
  readonly after?: JsonMap;
}

/**
 * Tells of every change of the items of some tables. Writes to one of these tables come one after another, so that what was
 * there before is known.
 *
 * @param keysOf the names of a table's key attributes, or undefined for a table without a stream
 */
export function withStreams(
  database: DynamoDb,
  keysOf: (table: string) => readonly string[] | undefined,
  onChange: (change: Change) => void,
): DynamoDb {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work, work);
    last = mine.catch(() => {});
    return mine;
  };
  const read = async (table: string, keys: JsonMap): Promise<JsonMap | undefined> => {
    const { Item } = await database.call('GetItem', { TableName: table, Key: keys, ConsistentRead: true });
    return Item === undefined ? undefined : mapOf(Item);
  };
  const watched = async (operation: string, input: JsonMap, items: readonly Written[]): Promise<JsonMap> => {
    const before = await Promise.all(items.map(({ table, keys }) => read(table, keys)));
    const output = await database.call(operation, input);
    const after = await Promise.all(items.map(({ table, keys }) => read(table, keys)));
    items.forEach(({ table, keys }, index) => {
      const change = { table, keys, before: before[index], after: after[index] };
      if (JSON.stringify(change.before) !== JSON.stringify(change.after)) onChange(change);
    });
    return output;
  };
  return {
    call: async (operation, input) => {
      const items = writtenItems(operation, input, keysOf);
      if (items.length === 0) return database.call(operation, input);
      return inTurn(() => watched(operation, input, items));
    },
    close: database.close,
  };
}

interface Written {
  readonly table: string;
  readonly keys: JsonMap;
}

function writtenItems(
  operation: string,
  input: JsonMap,
  keysOf: (table: string) => readonly string[] | undefined,
): readonly Written[] {
  const written = (table: string, item: JsonMap): readonly Written[] => {
    const names = keysOf(table);
    if (names === undefined) return [];
    const keys = Object.entries(item).filter(([name]) => names.includes(name));
    return [{ table, keys: Object.fromEntries(keys) }];
  };
  const table = textOf(input.TableName) ?? '';
  if (operation === 'PutItem') return written(table, mapOf(input.Item));
  if (operation === 'UpdateItem' || operation === 'DeleteItem') return written(table, mapOf(input.Key));
  if (operation !== 'BatchWriteItem') return [];
  return Object.entries(mapOf(input.RequestItems)).flatMap(([name, requests]) =>
    (Array.isArray(requests) ? requests : []).flatMap((request) =>
      written(name, { ...mapOf(mapOf(request.PutRequest).Item), ...mapOf(mapOf(request.DeleteRequest).Key) }),
    ),
  );
}
