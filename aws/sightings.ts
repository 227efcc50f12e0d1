import { mapWithin } from '../engine/gate';
import type { NamedLook, Sightings } from '../engine/sightings';
import { isDigest } from '../lib/model/digest';
import { CopyAttribute, SEEN_ITEM } from '../lib/model/names';
import { isMap } from '../lib/model/row-reader';
import { type History, noteLook } from '../lib/model/sightings';
import { change, type Item, type Table } from './items';
import { keyText, readMany } from './outcomes';

/**
 * Since when digests are known, in the table of copies: an item for each reference of a source, which is written only when what is
 * there now is new. An item counts how often it was written: who has read an older one reads again, so that nobody backdates.
 */

/** Seconds for which a history is kept that nobody adds to: longer than any age that a row may ask for. */
const LIFE = 200 * 86_400;
const WRITES_AT_ONCE = 16;
/** How often a history is read again that somebody else has written meanwhile. */
const WRITE_ATTEMPTS = 8;

/** @param lookOnly whether nothing is written down: for whoever only says what a run would do */
export function tableSightings(table: Table, lookOnly = false): Sightings {
  return {
    note: async (looks, now) => {
      const items = await readMany(table, looks.map(seenKey));
      return mapWithin(WRITES_AT_ONCE, looks, async (look) => {
        const item = items.get(keyText(seenKey(look)));
        return lookOnly ? noteLook(historyOf(item), look, now) : noted(table, look, item, now);
      });
    },
  };
}

async function noted(table: Table, look: NamedLook, known: Item | undefined, now: number): Promise<History> {
  let item = known;
  for (let attempt = 0; attempt < WRITE_ATTEMPTS; attempt += 1) {
    const before = historyOf(item);
    const after = noteLook(before, look, now);
    if (after === before && !isFading(item, now)) return after;
    const outcome = await write(table, look, after, item, now);
    if (outcome.written) return after;
    item = outcome.found;
  }
  throw new Error(`${look.name}: sightings: written by others ${WRITE_ATTEMPTS} times; the next run would do`);
}

function write(table: Table, look: NamedLook, history: History, item: Item | undefined, now: number) {
  const version = Number(item?.[CopyAttribute.VERSION] ?? 0);
  return change(table, seenKey(look), {
    update: 'SET #Seen = :seen, #Version = :next, #Expires = :expires',
    condition: version === 0 ? 'attribute_not_exists(#Version)' : '#Version = :version',
    values: {
      ':seen': history.map(({ digest, since }) => ({ Digest: digest, Since: new Date(since).toISOString() })),
      ':next': version + 1,
      ':expires': seconds(now) + LIFE,
      ...(version === 0 ? {} : { ':version': version }),
    },
  });
}

/** Whether half of its life is over. */
function isFading(item: Item | undefined, now: number): boolean {
  return Number(item?.[CopyAttribute.EXPIRES] ?? 0) - seconds(now) < LIFE / 2;
}

function seenKey({ name }: NamedLook): Item {
  return { [CopyAttribute.SOURCE]: name, [CopyAttribute.DESTINATION]: SEEN_ITEM };
}

function historyOf(item: Item | undefined): History {
  const seen: unknown = item?.[CopyAttribute.SEEN];
  if (!Array.isArray(seen)) return [];
  return seen.flatMap((one) => {
    const since = isMap(one) ? Date.parse(String(one.Since)) : Number.NaN;
    return isMap(one) && isDigest(one.Digest) && !Number.isNaN(since) ? [{ digest: one.Digest, since }] : [];
  });
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
