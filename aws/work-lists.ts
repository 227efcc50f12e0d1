import { BatchWriteCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Clock } from '../engine/ports';
import { CopyAttribute, planKey, workKey, workPrefix } from '../lib/model/names';
import { change, get, type Item, itemPages, type Table } from './items';

/** What a plan's jobs work on: chunks of text for each group, in the table of copies, gone after a week. */

/** Seconds; a job may wait in its queue and be retried for days. */
const LIFE = 7 * 24 * 3600;
/** Items that BatchWriteItem takes at once. */
const WRITTEN_AT_ONCE = 25;
const WRITE_ATTEMPTS = 10;
const BASE_DELAY = 50;

/** A chunk of a group's work: text of at most some 300 KB (an item holds 400 KB). */
export interface WorkChunk {
  readonly group: number;
  readonly chunk: number;
  readonly text: string;
}

/** Writes a plan's work list. Complete when it returns: submit the job then. @throws when DynamoDB keeps leaving items out */
export async function writeWorkList(
  table: Table,
  plan: string,
  chunks: readonly WorkChunk[],
  clock: Clock,
): Promise<void> {
  const expires = Math.floor(clock.now() / 1000) + LIFE;
  for (let at = 0; at < chunks.length; at += WRITTEN_AT_ONCE) {
    const items = chunks.slice(at, at + WRITTEN_AT_ONCE).map(({ group, chunk, text }) => ({
      [CopyAttribute.SOURCE]: planKey(plan),
      [CopyAttribute.DESTINATION]: workKey(group, chunk),
      [CopyAttribute.WORK]: text,
      [CopyAttribute.EXPIRES]: expires,
    }));
    await writeAll(table, items, clock);
  }
}

async function writeAll(table: Table, items: readonly Item[], clock: Clock): Promise<void> {
  let left = items.map((Item) => ({ PutRequest: { Item } }));
  for (let attempt = 0; left.length > 0; attempt += 1) {
    if (attempt === WRITE_ATTEMPTS) {
      throw new Error(`write work list: ${left.length} items left unwritten after ${WRITE_ATTEMPTS} attempts`);
    }
    if (attempt > 0) await clock.sleep(Math.random() * BASE_DELAY * 2 ** attempt);
    const answer = await table.documents.send(new BatchWriteCommand({ RequestItems: { [table.name]: left } }));
    left = (answer.UnprocessedItems?.[table.name] ?? []) as typeof left;
  }
}

/** Notes on a work list that it has its job. */
export async function noteJob(table: Table, plan: string, job: string): Promise<void> {
  await change(table, firstChunk(plan), {
    update: 'SET #Job = :job',
    condition: 'attribute_exists(#Source)',
    values: { ':job': job },
  });
}

/** Whether a plan has its job, as far as was noted. */
export async function hasJob(table: Table, plan: string): Promise<boolean> {
  return (await get(table, firstChunk(plan)))?.[CopyAttribute.JOB] !== undefined;
}

function firstChunk(plan: string): Item {
  return { [CopyAttribute.SOURCE]: planKey(plan), [CopyAttribute.DESTINATION]: workKey(0, 0) };
}

/** The chunks of one group in order, or of all groups; strongly consistent. Empty when there is no such plan (any more). */
export async function* readWorkList(table: Table, plan: string, group: number | 'all'): AsyncGenerator<string> {
  const ask = (from: Item | undefined) =>
    table.documents.send(
      new QueryCommand({
        TableName: table.name,
        ConsistentRead: true,
        KeyConditionExpression: group === 'all' ? '#s = :plan' : '#s = :plan AND begins_with(#d, :group)',
        ExpressionAttributeNames: {
          '#s': CopyAttribute.SOURCE,
          ...(group === 'all' ? {} : { '#d': CopyAttribute.DESTINATION }),
        },
        ExpressionAttributeValues: {
          ':plan': planKey(plan),
          ...(group === 'all' ? {} : { ':group': workPrefix(group) }),
        },
        ExclusiveStartKey: from,
      }),
    );
  for await (const page of itemPages(ask)) for (const item of page) yield String(item[CopyAttribute.WORK]);
}
