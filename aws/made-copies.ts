import { isDigest } from '../lib/model/digest';
import { CopyAttribute } from '../lib/model/names';
import type { MadeCopy } from '../lib/model/prune';
import { parseReference } from '../lib/model/reference';
import { copyKey } from './copy-key';
import { change, type Item, scanPages, type Table } from './items';

/** Copies that are there, by the table of copies: what pruning begins with, and what it says in the end. */

/** Those of rows, runs, budgets and work lists have other keys, or no state. */
const FILTER = 'attribute_exists(#State) AND contains(#Destination, :slash) AND #State <> :retired';
const PROJECTION = '#Source, #Destination, #State, #PushedDigest, #Rows, #Lease';

/** Reads the table of copies through, strongly consistent. @param now milliseconds since the epoch */
export async function readMadeCopies(table: Table, now: number): Promise<readonly MadeCopy[]> {
  const copies: MadeCopy[] = [];
  const values = { ':slash': '/', ':retired': 'Retired' };
  const scanned = { filter: FILTER, projection: PROJECTION, values, consistent: true };
  for await (const page of scanPages(table, scanned)) {
    copies.push(...page.flatMap((item) => madeCopy(item, now) ?? []));
  }
  return copies;
}

function madeCopy(item: Item, now: number): MadeCopy | undefined {
  const { Lease: lease, State: state } = item;
  const pushed = item[CopyAttribute.PUSHED_DIGEST];
  const rows = item[CopyAttribute.ROWS];
  try {
    return {
      source: parseReference(String(item[CopyAttribute.SOURCE])),
      destination: parseReference(String(item[CopyAttribute.DESTINATION])),
      ...(isDigest(pushed) ? { pushed } : {}),
      rows: Array.isArray(rows) ? rows.map(String) : [],
      isBusy: state === 'Queued' || state === 'Copying' || (lease !== undefined && Number(lease.Until) > now / 1000),
    };
  } catch {
    // Not one of ours: whoever wrote it, it names no image.
    return undefined;
  }
}

/** Seconds for which it can be seen that a copy was pruned. */
const RETIRED_SECONDS = 30 * 24 * 3600;

/** A copy is there no more and nobody wants it. False: a job has it again, or has put something else there. */
export async function retire(table: Table, copy: MadeCopy, now: number): Promise<boolean> {
  const { written } = await change(table, copyKey(copy), {
    update: 'SET #State = :retired, #Expires = :expires REMOVE #Lease, #Error, #Code, #StaleSince',
    condition:
      '#PushedDigest = :pushed AND #State <> :queued AND #State <> :copying AND ' +
      '(attribute_not_exists(#Lease) OR #Lease.#Until < :seconds)',
    values: {
      ':retired': 'Retired',
      ':queued': 'Queued',
      ':copying': 'Copying',
      ':expires': Math.floor(now / 1000) + RETIRED_SECONDS,
      ':pushed': copy.pushed,
      ':seconds': Math.floor(now / 1000),
    },
  });
  return written;
}
