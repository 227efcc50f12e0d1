import { type Change, type DynamoDb, withStreams } from '../aws/dynamodb';
import type { Resolver, Resource } from '../template/resolver';
import { type Json, type JsonMap, listOf, mapOf, textOf } from '../template/value';

/** The tables of a template, created; changes of those with a stream are told, with the stream's ARN. */
export async function createTables(
  database: DynamoDb,
  template: Resolver,
  onChange: (streamArn: string, change: Change) => void,
): Promise<DynamoDb> {
  const tables = template.ofType('AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable');
  for (const table of tables) await database.call('CreateTable', creation(table));
  const streams = new Map(
    tables
      .filter(({ properties }) => properties.StreamSpecification !== undefined)
      .map((table) => [table.ref, { arn: table.attributes.StreamArn ?? '', keys: keysOf(table) }] as const),
  );
  return withStreams(
    database,
    (table) => streams.get(table)?.keys,
    (change) => onChange(streams.get(change.table)?.arn ?? '', change),
  );
}

function creation({ ref, properties }: Resource): JsonMap {
  return {
    TableName: ref,
    KeySchema: properties.KeySchema ?? [],
    AttributeDefinitions: properties.AttributeDefinitions ?? [],
    BillingMode: 'PAY_PER_REQUEST',
    ...indexes(properties, 'GlobalSecondaryIndexes'),
    ...indexes(properties, 'LocalSecondaryIndexes'),
  };
}

function indexes(properties: JsonMap, name: string): JsonMap {
  const declared = listOf(properties[name]).map(mapOf);
  if (declared.length === 0) return {};
  const made = declared.map(({ IndexName, KeySchema, Projection }) => ({ IndexName, KeySchema, Projection }));
  return { [name]: made as unknown as Json };
}

function keysOf({ properties }: Resource): readonly string[] {
  return listOf(properties.KeySchema).map((key) => textOf(mapOf(key).AttributeName) ?? '');
}

/** The rows that the stack declares, and whatever else its custom resources write into tables when they are created. */
export async function writeDeclaredItems(database: DynamoDb, template: Resolver): Promise<void> {
  for (const { properties } of template.ofType(/^Custom::/)) {
    const create = textOf(properties.Create);
    if (create === undefined) continue;
    const { service, action, parameters } = mapOf(JSON.parse(create));
    if (service !== 'DynamoDB') continue;
    const operation = textOf(action) ?? '';
    await database.call(operation.charAt(0).toUpperCase() + operation.slice(1), mapOf(parameters));
  }
}
