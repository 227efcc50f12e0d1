import type { Sightings } from '../engine/sightings';
import { isDigest } from '../lib/model/digest';
import { isMap } from '../lib/model/row-reader';
import { type History, noteLook } from '../lib/model/sightings';
import { readSection, writeSection } from './state-file';

/** Milliseconds for which a history is kept that nobody looks at: longer than any age that a row may ask for. */
const LIFE = 200 * 86_400_000;

/** What a state file remembers of one reference of a source. Times in milliseconds since the epoch. */
interface Seen {
  /** When this was written, or said to be still wanted. */
  readonly noted: number;
  readonly digests: History;
}

/**
 * Since when digests are known, in a state file, which is there once there is something to remember.
 *
 * @param lookOnly whether nothing is written down: for whoever only says what a run would do
 */
export function fileSightings(file: string, lookOnly = false): Sightings {
  return {
    note: async (looks, now) => {
      const known = readAll(await readSection(file, 'seen'));
      let isNew = false;
      const histories = looks.map((look) => {
        const before = known.get(look.name);
        const digests = noteLook(before?.digests ?? [], look, now);
        if (digests !== before?.digests || now - before.noted > LIFE / 2) {
          known.set(look.name, { noted: now, digests });
          isNew = true;
        }
        return digests;
      });
      if (isNew && !lookOnly) {
        for (const [name, { noted }] of known) if (now - noted > LIFE) known.delete(name);
        await writeSection(file, 'seen', known);
      }
      return histories;
    },
  };
}

/** What somebody has written that makes no sense is left out. */
function readAll(section: ReadonlyMap<string, unknown>): Map<string, Seen> {
  const found = new Map<string, Seen>();
  for (const [name, value] of section) {
    if (!isMap(value) || !Array.isArray(value.digests)) continue;
    const noted = Number(value.noted);
    if (Number.isFinite(noted)) found.set(name, { noted, digests: value.digests.flatMap(readOne) });
  }
  return found;
}

function readOne(one: unknown): History {
  if (!isMap(one) || !isDigest(one.digest) || !Number.isFinite(one.since)) return [];
  return [{ digest: one.digest, since: Number(one.since) }];
}
