import type { Copy, Skipped } from '../lib/model/copy';
import type { CopyFacts } from '../lib/model/freshness';
import type { RowFacts } from '../lib/model/inventory';
import { ROW_ITEM } from '../lib/model/names';
import type { Outcome } from '../lib/model/outcome';
import { isMap } from '../lib/model/row-reader';
import { changesOfEnded, changesOfSkipped, mended, type Noted } from './copy-changes';
import { readSection, writeSection } from './state-file';

/** Notes what becomes of copies, as the table of copies does, in a state file. */
export interface CopyLedger {
  skipped(skipped: Skipped): void;
  ended(copy: Copy, outcome: Outcome): void;
  /** Writes what was noted since the last time. @param now milliseconds since the epoch */
  write(now: number): Promise<void>;
}

/** What a state file says of copies, and of rows as a whole. */
export interface FileCopies {
  readonly copies: readonly CopyFacts[];
  readonly rows: ReadonlyMap<string, Pick<RowFacts, 'problem' | 'staleSince'>>;
}

/** Milliseconds for which a copy is remembered that nothing looks at. */
const LIFE = 400 * 86_400_000;

export function fileLedger(file: string): CopyLedger {
  const noted: Noted[] = [];
  return {
    skipped: (skipped) => {
      noted.push(...changesOfSkipped(skipped));
    },
    ended: (copy, outcome) => {
      noted.push(...changesOfEnded(copy, outcome));
    },
    async write(now) {
      const last = await readSection(file, 'copies');
      const known = new Map(last);
      const round = noted.splice(0);
      // What is wrong with a row counts, whatever its other images have come to.
      const wrong = new Set(round.flatMap(({ key, change }) => (change === mended ? [] : [key])));
      for (const { key, change } of round.filter((one) => one.change !== mended || !wrong.has(one.key))) {
        // What several rows say of one copy, or several images of one row, is one failure.
        const before = last.get(key);
        const after = change(isFacts(before) ? before : undefined, now);
        if (after === undefined) known.delete(key);
        else known.set(key, after);
      }
      for (const [key, facts] of known) if (!isFacts(facts) || now - (facts.lastChecked ?? 0) > LIFE) known.delete(key);
      await writeSection(file, 'copies', known);
    },
  };
}

/** @throws UsageError when the file is something else */
export async function readFileCopies(file: string): Promise<FileCopies> {
  const all = [...(await readSection(file, 'copies')).values()].filter(isFacts);
  const rows = all.filter(({ destination }) => destination === ROW_ITEM);
  return {
    copies: all.filter(({ destination }) => destination !== ROW_ITEM),
    rows: new Map(
      rows.map(({ source, error, code, staleSince, state }) => [
        source,
        {
          problem: {
            state: state === 'Invalid' ? 'Invalid' : 'Failed',
            error: error ?? state,
            ...(code === undefined ? {} : { code }),
          },
          ...(staleSince === undefined ? {} : { staleSince }),
        },
      ]),
    ),
  };
}

function isFacts(value: unknown): value is CopyFacts {
  if (!isMap(value)) return false;
  const { source, destination, state, ...others } = value;
  const texts = [source, destination, state].every((one) => typeof one === 'string');
  return texts && Object.values(others).every((one) => typeof one === 'string' || Number.isFinite(one));
}
