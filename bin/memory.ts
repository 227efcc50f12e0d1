import type { Sightings } from '../engine/sightings';
import { isDue, nextDue } from '../lib/model/every';
import type { Every, Mirror, ParsedRow } from '../lib/model/mirror';
import { type CopyLedger, fileLedger } from './copy-ledger';
import { type PartMemory, partMemory } from './part-memory';
import type { Unfinished } from './round';
import { fileSightings } from './seen-file';
import { type RowState, readState, type State, writeState } from './state-file';

/** Which rows are due, by what is remembered of them. Times in milliseconds since the epoch. */
export interface Memory {
  isDue(mirror: Mirror, at: number): boolean;
  /** When the first of the rows is due; Infinity for none. */
  nextDue(rows: readonly ParsedRow[]): number;
  /** Notes that the rows that were due then have been looked at, and writes it down. Rows that are gone are forgotten. */
  remember(rows: readonly ParsedRow[], unfinished: Unfinished, at: number): Promise<void>;
  /** Since when digests are known. */
  readonly sightings: Sightings;
  /** What became of copies; written with {@link remember}. */
  readonly copies: CopyLedger;
  /** What parts of images come to. */
  readonly parts: PartMemory;
  /** Since when a row, by its key, waits for pulls of its source; undefined for one that does not. */
  waitingSince(row: string): number | undefined;
}

/** A row of which something failed, or was put off, is due again after this at the latest. */
const AFTER_FAILURE: Every = { kind: 'interval', seconds: 300 };

/**
 * @param every for rows without their own; by default they are always due
 * @throws UsageError when the file is there and is no state file
 */
export async function openMemory(file: string, every?: Every): Promise<Memory> {
  let state: State = await readState(file);
  const copies = fileLedger(file);
  const parts = partMemory([...state.values()].map((row) => row.parts));

  function isRowDue(mirror: Mirror, at: number): boolean {
    const last = state.get(mirror.key);
    if (isUnfinished(last) && isDue(AFTER_FAILURE, last.checked, at)) return true;
    return isDue(mirror.every ?? every, last?.checked, at);
  }

  function dueAt(mirror: Mirror): number {
    const last = state.get(mirror.key);
    const own = mirror.every ?? every;
    if (last === undefined || own === undefined) return Number.NEGATIVE_INFINITY;
    const regular = nextDue(own, last.checked);
    return isUnfinished(last) ? Math.min(regular, nextDue(AFTER_FAILURE, last.checked)) : regular;
  }

  return {
    copies,
    parts,
    sightings: fileSightings(file),
    isDue: isRowDue,
    nextDue: (rows) => active(rows).reduce((first, mirror) => Math.min(first, dueAt(mirror)), Number.POSITIVE_INFINITY),
    waitingSince: (row) => state.get(row)?.putOff,
    async remember(rows, { failed, putOff }, at) {
      const kept: State = new Map();
      for (const { key } of rows) {
        const last = state.get(key);
        if (last !== undefined) kept.set(key, last);
      }
      for (const mirror of active(rows).filter((one) => isRowDue(one, at))) {
        const since = state.get(mirror.key)?.putOff ?? at;
        const used = parts.usedBy(mirror.key);
        kept.set(mirror.key, {
          checked: at,
          ...(failed.has(mirror.key) ? { failed: true } : {}),
          ...(putOff.has(mirror.key) ? { putOff: since } : {}),
          ...(used === undefined ? {} : { parts: used }),
        });
      }
      state = kept;
      await writeState(file, state);
      await copies.write(at);
    },
  };
}

function isUnfinished(last: RowState | undefined): last is RowState {
  return last?.failed === true || last?.putOff !== undefined;
}

function active(rows: readonly ParsedRow[]): readonly Mirror[] {
  return rows.flatMap(({ mirror }) => (mirror === undefined || mirror.paused ? [] : [mirror]));
}
