import { createFingerprints } from '../lib/model/fingerprints';
import { CopyAttribute } from '../lib/model/names';
import type { Reference } from '../lib/model/reference';
import { copyKey } from './copy-key';
import { scanPages, type Table } from './items';
import { keyText } from './outcomes';

/** Which copies a run verifies. */
export interface DueVerifications {
  isDue(copy: { readonly source: Reference; readonly destination: Reference }): boolean;
}

const FILTER = '(#State = :mirrored OR attribute_exists(#Lacks)) AND attribute_exists(#SourceDigest)';
const PROJECTION = '#Source, #Destination, #LastVerified';

/**
 * The copies whose proof of being whole is oldest, at most so many: those that have none first. So a mirror that is too big for
 * one night is verified in several. Reads the table of copies through, eventually consistent.
 */
export async function readDueVerifications(table: Table, most: number): Promise<DueVerifications> {
  let due: { readonly key: string; readonly verified: string }[] = [];
  // Sorting is stable: of those without a proof, the first in the table.
  const keepOldest = () => {
    due = due.sort((a, b) => (a.verified < b.verified ? -1 : a.verified > b.verified ? 1 : 0)).slice(0, most);
  };
  const scanned = { filter: FILTER, projection: PROJECTION, values: { ':mirrored': 'Mirrored' } };
  for await (const page of scanPages(table, scanned)) {
    for (const item of page) {
      due.push({ key: keyText(item), verified: String(item[CopyAttribute.LAST_VERIFIED] ?? '') });
    }
    if (due.length > 2 * most) keepOldest();
  }
  keepOldest();
  const chosen = createFingerprints();
  for (const { key } of due) chosen.add(key);
  return { isDue: (copy) => chosen.has(keyText(copyKey(copy))) };
}
