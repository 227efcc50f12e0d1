import type { Digest } from '../lib/model/digest';
import { CopyAttribute } from '../lib/model/names';
import type { Reference } from '../lib/model/reference';
import { copyKey } from './copy-key';
import { change, type Item, type Table } from './items';
import { keyText, line, readMany, said } from './outcomes';

/** A copy that waits until its image has been known for as long as its row asks for. */
export interface Waiting {
  readonly source: Reference & { readonly digest: Digest };
  readonly destination: Reference;
  /** Since when it is known, and until when it waits. */
  readonly why: string;
}

/**
 * Says on copies that they wait: they are `Quarantined`, whatever was the matter before. What the destination holds stays written. A
 * copy that says so already is not written again, one that somebody works on is left alone. Returns how many were written.
 */
export async function recordWaiting(table: Table, copies: readonly Waiting[], now: number): Promise<number> {
  const items = await readMany(table, [
    ...new Map(copies.map((copy) => [keyText(copyKey(copy)), copyKey(copy)])).values(),
  ]);
  let count = 0;
  for (const copy of copies) {
    const item = items.get(keyText(copyKey(copy)));
    if (!saysSo(item, copy) && (await write(table, copy, now))) count += 1;
  }
  return count;
}

function saysSo(item: Item | undefined, { why }: Waiting): boolean {
  return item?.[CopyAttribute.STATE] === 'Quarantined' && item[CopyAttribute.ERROR] === line(why);
}

async function write(table: Table, copy: Waiting, now: number): Promise<boolean> {
  const result = await change(table, copyKey(copy), {
    update:
      'SET #State = :state, #SourceDigest = :source, #Error = :error, #Code = :code, #LastChecked = :now, #Failures = :zero ' +
      'REMOVE #Lease, #StaleSince, #Expires',
    condition: 'attribute_not_exists(#Lease) OR #Lease.#Until < :seconds',
    values: {
      ':state': 'Quarantined',
      ':source': copy.source.digest,
      ...said({ error: copy.why, code: 'TOO_YOUNG' }),
      ':now': new Date(now).toISOString(),
      ':seconds': Math.floor(now / 1000),
      ':zero': 0,
    },
  });
  return result.written;
}
