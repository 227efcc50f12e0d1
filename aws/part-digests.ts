import type { HeldPart, PartDigests } from '../engine/part-digests';
import { isDigest } from '../lib/model/digest';
import type { Mirror } from '../lib/model/mirror';
import { CopyAttribute } from '../lib/model/names';
import { formatPlatforms } from '../lib/model/platform';
import { copyKey } from './copy-key';
import type { Item, Table } from './items';
import { keyText, readMany } from './outcomes';
import type { Settled } from './settled';

/**
 * What parts of images come to, as the table of copies remembers it: nothing is read at a source for that.
 *
 * @param settled the table, when it was read through. @default - the items of the copies are asked for
 */
export function rememberedPartDigests(table: Table, settled: Settled | undefined): PartDigests {
  // An image that is mirrored beside its tag is not what the tag holds.
  const isTold = ({ wish }: HeldPart) => settled !== undefined && wish.mirror.onConflict !== 'suffix';
  return async (parts) => {
    const current = parts.map(currentOf);
    const unsettled = current.filter((_, i) => !isTold(parts[i] as HeldPart));
    const items = await readMany(table, uniqueKeys(unsettled.map(copyKey)));
    return current.map((part) => {
      if (settled?.isPart(part) === true) return part.digest;
      const item = items.get(keyText(copyKey(part)));
      return item !== undefined && isOf(item, part) && isDigest(item.Digest) ? item.Digest : undefined;
    });
  };
}

type Variant = Pick<Mirror, 'platforms' | 'compare'>;

function currentOf({ wish: { mirror, image, destination }, held }: HeldPart) {
  return { source: image.reference, destination, digest: held, ...variantOf(mirror) };
}

function variantOf({ platforms, compare }: Mirror): Variant {
  return { ...(platforms === undefined ? {} : { platforms }), ...(compare === undefined ? {} : { compare }) };
}

function isOf(item: Item, { source, platforms, compare }: ReturnType<typeof currentOf>): boolean {
  return (
    item[CopyAttribute.STATE] === 'Mirrored' &&
    item[CopyAttribute.SOURCE_DIGEST] === source.digest &&
    item[CopyAttribute.PLATFORMS] === (platforms === undefined ? undefined : formatPlatforms(platforms)) &&
    item[CopyAttribute.COMPARE] === compare
  );
}

function uniqueKeys(keys: readonly Item[]): readonly Item[] {
  return [...new Map(keys.map((key) => [keyText(key), key])).values()];
}
