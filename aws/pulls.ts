import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { PullKey, PullLedger } from '../engine/pull-ledger';
import { CopyAttribute, rateKey } from '../lib/model/names';
import { heardChange, openPulls, type PullBudget, type PullLimit, settledAfter } from '../lib/model/pulls';
import { attributeNames, type Change, change, type Item, itemPages, type Table } from './items';

/**
 * What registries let be pulled, in the table of copies: under the registry's key an item for each address or account that is
 * counted, which all workers take from. A pull is a write, of which there are no more than pulls: some hundreds in hours.
 */

/** Windows without a word after which a budget is forgotten: nobody is counted by that address any more. */
const LIFE = 2;
/** Tries of one change, while others change the budget. */
const MOST_TRIES = 8;

export function tablePulls(table: Table): PullLedger {
  async function hear(key: PullKey, said: PullLimit, now: number, seen?: PullBudget): Promise<PullBudget> {
    let known = seen;
    for (let attempt = 1; attempt <= MOST_TRIES; attempt++) {
      const due = hearing(known, said, now);
      if (due === undefined && known !== undefined) return known;
      const outcome = await change(table, itemKey(key), due as Change);
      known = budgetOf(outcome.written ? outcome.item : outcome.found);
      if (outcome.written && known !== undefined) return known;
    }
    throw new Error(`pulls of ${key.registry}: got no word in, in ${MOST_TRIES} tries; others change the budget`);
  }
  return {
    hear,
    async read(registry) {
      const found = new Map<string, PullBudget>();
      for await (const page of itemPages((from) => ask(table, registry, from))) {
        for (const item of page) {
          const budget = budgetOf(item);
          if (budget !== undefined) found.set(String(item[CopyAttribute.DESTINATION]), budget);
        }
      }
      return found;
    },
    async take(key, floor, now) {
      const outcome = await change(table, itemKey(key), {
        update: 'SET #Left = #Left - :one, #Taken = :now',
        condition: '#Left > :floor',
        values: { ':one': 1, ':now': now, ':floor': floor },
      });
      const budget = budgetOf(outcome.written ? outcome.item : outcome.found);
      return { done: outcome.written, ...(budget === undefined ? {} : { budget }) };
    },
  };
}

/** The write that takes into account what was heard, under the condition that it is still due. */
function hearing(known: PullBudget | undefined, said: PullLimit, now: number): Change | undefined {
  const { limit, window, left, heard } = openPulls(said, now);
  const values = { ':left': left, ':heard': heard, ':expires': Math.floor(now / 1000) + LIFE * window };
  const told = 'SET #Left = :left, #Heard = :heard, #Expires = :expires';
  switch (heardChange(known, said, now)) {
    case 'open':
      return {
        update: `${told}, #Limit = :limit, #Window = :window`,
        condition:
          known === undefined ? 'attribute_not_exists(#Left)' : '#Limit = :seenLimit AND #Window = :seenWindow',
        values: {
          ...values,
          ':limit': limit,
          ':window': window,
          ...(known === undefined ? {} : { ':seenLimit': known.limit, ':seenWindow': known.window }),
        },
      };
    case 'lower':
      return { update: told, condition: '#Left > :left', values };
    case 'raise':
      return {
        update: told,
        condition: '#Left < :left AND (attribute_not_exists(#Taken) OR #Taken <= :settled)',
        values: { ...values, ':settled': now - settledAfter(window) },
      };
    default:
      return undefined;
  }
}

function ask({ name, documents }: Table, registry: string, from: Item | undefined) {
  const condition = '#Source = :registry';
  return documents.send(
    new QueryCommand({
      TableName: name,
      ConsistentRead: true,
      KeyConditionExpression: condition,
      ExpressionAttributeNames: attributeNames(condition),
      ExpressionAttributeValues: { ':registry': rateKey(`pulls#${registry}`) },
      ExclusiveStartKey: from,
    }),
  );
}

function itemKey({ registry, source }: PullKey): Item {
  return { [CopyAttribute.SOURCE]: rateKey(`pulls#${registry}`), [CopyAttribute.DESTINATION]: source };
}

/** An item that TTL has taken, or that never was, is no budget. */
function budgetOf(item: Item | undefined): PullBudget | undefined {
  if (item?.Left === undefined) return undefined;
  return {
    limit: Number(item.Limit),
    window: Number(item.Window),
    left: Number(item.Left),
    heard: Number(item.Heard),
    ...(item.Taken === undefined ? {} : { taken: Number(item.Taken) }),
  };
}
