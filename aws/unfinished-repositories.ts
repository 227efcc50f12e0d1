import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { CopyAttribute, REPOSITORIES_ITEM } from '../lib/model/names';
import { formatRepository, type Repository } from '../lib/model/reference';
import { change, type Item, itemPages, type Table } from './items';

/**
 * Repositories that a worker has begun to create and not ended: a worker may be killed between the creation and the policies,
 * and afterwards nothing asks for a repository that is there. Each is an item of the table of copies, from before the creation
 * until all is set.
 */

/** Milliseconds that an item stays which nobody ends: then somebody will have looked after it. */
const LIFE = 30 * 24 * 3600_000;

/** @returns whether somebody else began it before, and has not ended. */
export async function begin(table: Table, repository: Repository, by: string, now: number): Promise<boolean> {
  const begun = await change(table, keyOf(repository), {
    update: 'SET #Job = if_not_exists(#Job, :by), #Expires = :expires',
    values: { ':by': by, ':expires': Math.floor((now + LIFE) / 1000) },
  });
  return begun.written && begun.item[CopyAttribute.JOB] !== by;
}

/** Everything is set: the item is left to DynamoDB's TTL. */
export async function end(table: Table, repository: Repository, now: number): Promise<void> {
  await change(table, keyOf(repository), {
    update: 'SET #Expires = :now REMOVE #Job',
    values: { ':now': Math.floor(now / 1000) },
  });
}

/** Those that were begun and not ended, by their canonical names; strongly consistent. */
export async function listUnfinished(table: Table): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const ask = (from: Item | undefined) =>
    table.documents.send(
      new QueryCommand({
        TableName: table.name,
        ConsistentRead: true,
        KeyConditionExpression: '#s = :repositories',
        FilterExpression: 'attribute_exists(#j)',
        ExpressionAttributeNames: { '#s': CopyAttribute.SOURCE, '#j': CopyAttribute.JOB },
        ExpressionAttributeValues: { ':repositories': REPOSITORIES_ITEM },
        ExclusiveStartKey: from,
      }),
    );
  for await (const page of itemPages(ask)) for (const item of page) found.add(String(item[CopyAttribute.DESTINATION]));
  return found;
}

function keyOf(repository: Repository): Item {
  return {
    [CopyAttribute.SOURCE]: REPOSITORIES_ITEM,
    [CopyAttribute.DESTINATION]: formatRepository(repository),
  };
}
