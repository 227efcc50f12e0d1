import { type DynamoDb, startDynamoDb } from '../../local/aws/dynamodb';
import type { Service } from '../../local/aws/endpoint';
import { dynamoDbService } from '../../local/aws/services';
import { createTables } from '../../local/stack/tables';
import type { Resolver } from '../../local/template/resolver';
import { type JsonMap, mapOf, numberOf } from '../../local/template/value';
import type { BenchRow } from './corpus';

/** Request units as DynamoDB bills them on demand: a write of 1 KB, two eventually consistent reads of 4 KB. */
export interface Units {
  read: number;
  written: number;
}

/**
 * The tables of a template in an embedded DynamoDB of their own: without streams, so that filling them starts nothing. Every
 * call is asked for what it consumed; nothing is billed for a call that the bench makes itself.
 */
export interface Tables {
  readonly service: Service;
  readonly units: Units;
  create(template: Resolver): Promise<void>;
  fill(table: string, items: readonly JsonMap[]): Promise<void>;
  close(): Promise<void>;
}

const READS: ReadonlySet<string> = new Set(['GetItem', 'BatchGetItem', 'Query', 'Scan']);
const FILLED_AT_ONCE = 25;
const LANES = 4;

export async function startTables(): Promise<Tables> {
  const database = await startDynamoDb();
  const units: Units = { read: 0, written: 0 };
  const call: DynamoDb['call'] = async (operation, input) => {
    const { ConsumedCapacity, ...output } = await database.call(operation, {
      ...input,
      ReturnConsumedCapacity: 'TOTAL',
    });
    // The embedded one counts a strongly consistent scan like any other.
    const times = operation === 'Scan' && input.ConsistentRead === true ? 2 : 1;
    units[READS.has(operation) ? 'read' : 'written'] += times * sumOf(ConsumedCapacity);
    return output;
  };
  return {
    units,
    service: dynamoDbService({ ...database, call }),
    create: async (template) => {
      await createTables(database, template, () => undefined);
    },
    fill: async (table, items) => {
      const write = (from: number) => {
        const requests = items.slice(from, from + FILLED_AT_ONCE).map((Item) => ({ PutRequest: { Item } }));
        return requests.length === 0
          ? undefined
          : database.call('BatchWriteItem', { RequestItems: { [table]: requests } });
      };
      for (let at = 0; at < items.length; at += FILLED_AT_ONCE * LANES) {
        await Promise.all(Array.from({ length: LANES }, (_, lane) => write(at + lane * FILLED_AT_ONCE)));
      }
    },
    close: database.close,
  };
}

/** Of one table, or of several. */
function sumOf(consumed: unknown): number {
  const one = (value: unknown) => numberOf(mapOf(value).CapacityUnits) ?? 0;
  return Array.isArray(consumed) ? consumed.reduce<number>((sum, value) => sum + one(value), 0) : one(consumed);
}

export function mirrorItem({ key }: BenchRow): JsonMap {
  return { Source: { S: key }, Note: { S: 'asked for by a team, ticket 4711' } };
}

/** What the worker writes when it has mirrored an image. */
export function copyItem({ key, destination, tag }: BenchRow, digest: string): JsonMap {
  const then = '2026-11-20T23:15:00.000Z';
  return {
    Source: { S: key },
    Destination: { S: `${destination.registry}/${destination.name}:${tag}` },
    State: { S: 'Mirrored' },
    Digest: { S: digest },
    SourceDigest: { S: digest },
    LastMirrored: { S: then },
    LastChecked: { S: then },
    Bytes: { N: '30001500' },
    Seconds: { N: '4.2' },
    Job: { S: '8f9b8a3e-2f0c-4a5e-9a35-5d3c6a1b7f10:17' },
    Failures: { N: '0' },
    Fence: { N: '3' },
  };
}
