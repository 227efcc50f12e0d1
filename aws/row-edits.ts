import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { type Item, isNamed, type Table } from './items';

/** Writes a row. False, and nothing written, when there is one of that `Source` already, unless it is to be replaced. */
export async function putRow(table: Table, row: Item, replace: boolean): Promise<boolean> {
  const condition = {
    ConditionExpression: 'attribute_not_exists(#Source)',
    ExpressionAttributeNames: { '#Source': 'Source' },
  };
  try {
    await table.documents.send(new PutCommand({ TableName: table.name, Item: row, ...(replace ? {} : condition) }));
    return true;
  } catch (error) {
    if (isNamed(error, 'ConditionalCheckFailedException')) return false;
    throw error;
  }
}

/** Deletes a row, whatever it says now. */
export async function deleteRow(table: Table, source: string): Promise<void> {
  await table.documents.send(new DeleteCommand({ TableName: table.name, Key: { Source: source } }));
}
