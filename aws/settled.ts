import type { Platform } from '../lib/model/descriptor';
import type { Digest } from '../lib/model/digest';
import { createFingerprints } from '../lib/model/fingerprints';
import { CopyAttribute, ROW_ITEM } from '../lib/model/names';
import { formatPlatforms } from '../lib/model/platform';
import type { Reference } from '../lib/model/reference';
import { copyKey } from './copy-key';
import { scanPages, type Table } from './items';
import { keyText } from './outcomes';

/**
 * What the table of copies said when it was read through, in a few bytes an item. To read it through costs a tenth of asking for
 * each item by itself: a read unit is for eight thousand bytes of a page, or for one item that is asked for.
 */
export interface Settled {
  /** Whether the copy was `Mirrored` with this digest: nothing needs to be written about it. */
  isCurrent(copy: Current): boolean;
  /** Whether a copy was `Mirrored` from this source's digest, for these platforms, compared so, and came to this digest. */
  isPart(copy: Current): boolean;
  /** Whether there was an item about the row itself. */
  hasRowItem(row: string): boolean;
}

export interface Current {
  readonly source: Reference & { readonly digest: Digest };
  readonly destination: Reference;
  /** What the destination holds. @default - the source's digest */
  readonly digest?: Digest;
  /** Which part of the source's image that is. @default - all of it */
  readonly platforms?: readonly Platform[];
  /** Whether images with the same configs count as the same. @default - they do not */
  readonly compare?: 'config';
}

/** Of all that lies in the table (work lists, runs, copies that wait), what {@link Settled} is about. */
const FILTER = '#State = :mirrored OR #Destination = :row';
const PROJECTION = '#Source, #Destination, #State, #SourceDigest, #Digest, #Platforms, #Compare';

/** Reads the table of copies through, eventually consistent. */
export async function readSettled(table: Table): Promise<Settled> {
  const current = createFingerprints();
  const parts = createFingerprints();
  const rows = createFingerprints();
  const scanned = { filter: FILTER, projection: PROJECTION, values: { ':mirrored': 'Mirrored', ':row': ROW_ITEM } };
  for await (const page of scanPages(table, scanned)) {
    for (const item of page) {
      if (item[CopyAttribute.DESTINATION] === ROW_ITEM) rows.add(String(item[CopyAttribute.SOURCE]));
      else {
        const { SourceDigest, Digest, Platforms = '', Compare = '' } = item;
        const variant = `${SourceDigest} ${Platforms} ${Compare}`;
        current.add(`${keyText(item)} ${variant}`);
        if (Platforms !== '' || Compare !== '') parts.add(`${variant} ${Digest}`);
      }
    }
  }
  return {
    isCurrent: (copy) => current.has(`${keyText(copyKey(copy))} ${variantOf(copy)}`),
    isPart: (copy) => parts.has(`${variantOf(copy)} ${copy.digest}`),
    hasRowItem: (row) => rows.has(row),
  };
}

function variantOf({ source, platforms = [], compare }: Current): string {
  return `${source.digest} ${formatPlatforms(platforms)} ${compare ?? ''}`;
}
