import type { ErrorCode } from '../lib/model/error-code';
import { CopyAttribute, ROW_ITEM } from '../lib/model/names';
import { type CopyPair, copyKey, type Fenced } from './copy-key';
import { change, type Item, type Table } from './items';
import { line } from './outcomes';

/** What is written on copies that wait until their source lets them be pulled. */

const CODE: ErrorCode = 'PULLS_EXHAUSTED';

/** A copy is left for a later run: since when it waits, and for what. One that somebody has, or that is in conflict, is left alone. */
export async function recordPutOff(table: Table, pair: CopyPair, why: string, now: number): Promise<void> {
  await change(table, copyKey(pair), {
    update: 'SET #State = :queued, #Error = :why, #Code = :code, #StaleSince = if_not_exists(#StaleSince, :now)',
    condition:
      '(attribute_not_exists(#Lease) OR #Lease.#Until < :seconds) AND ' +
      '(attribute_not_exists(#State) OR NOT #State IN (:conflict, :quarantined))',
    values: {
      ':queued': 'Queued',
      ':why': waiting(why),
      ':code': CODE,
      ':now': new Date(now).toISOString(),
      ':seconds': Math.floor(now / 1000),
      ':conflict': 'Conflict',
      ':quarantined': 'Quarantined',
    },
  });
}

/** Whether an item says so already. */
export function isPutOff(item: Item | undefined, why: string): boolean {
  return item?.[CopyAttribute.STATE] === 'Queued' && item[CopyAttribute.ERROR] === waiting(why);
}

/** Gives the lease of a copy back that was begun too early: the next run may have it. Nothing happens when it is another's. */
export async function givePutOffBack(table: Table, copy: Fenced, why: string): Promise<void> {
  await change(table, copyKey(copy), {
    update: 'SET #State = :queued, #Error = :why, #Code = :code REMOVE #Lease',
    condition: '#Fence = :fence AND attribute_exists(#Lease)',
    values: { ':queued': 'Queued', ':why': waiting(why), ':code': CODE, ':fence': copy.fence },
  });
}

function waiting(why: string): string {
  return line(`put off: ${why}`);
}

/** A row does not count as looked at any more: the next run has it, whatever its `Every`. */
export async function forgetLooked(table: Table, row: string): Promise<void> {
  const key = { [CopyAttribute.SOURCE]: row, [CopyAttribute.DESTINATION]: ROW_ITEM };
  await change(table, key, { update: 'REMOVE #LastChecked', condition: 'attribute_exists(#LastChecked)' });
}
