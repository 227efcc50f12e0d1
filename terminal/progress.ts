import type { CopyEvent, Observer } from '../engine/ports';
import { printable } from '../lib/model/invalid';
import { count, formatBytes, shorten } from './format';
import type { Output } from './output';

export interface ProgressOptions {
  /** Milliseconds between two drawings, at least. @default 100 */
  readonly interval?: number;
  /** Most bars at once; further copies are only counted. @default 8 */
  readonly bars?: number;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

/** Bars on a terminal, one for each running copy, and a line for all of them. */
export interface Progress {
  /** Listens to the copies. */
  readonly observer: Observer;
  /** Prints above the bars, to the same terminal. */
  print(line: string): void;
  /** How many copies there will be. Grows when told again. */
  expect(copies: number): void;
  /** Erases the bars for good. */
  end(): void;
}

interface Running {
  readonly name: string;
  readonly since: number;
  total: number;
  done: number;
  /** Bytes that really moved: what the rate is made of. */
  moved: number;
}

const BAR = 20;
const CLEAR_LINE = '\u001b[2K';

/** Draws progress bars on a terminal from what the engine's {@link Observer} is told. At most 10 drawings a second. */
export function showProgress(output: Output, options: ProgressOptions = {}): Progress {
  const now = options.now ?? Date.now;
  const started = now();
  const running = new Map<string, Running>();
  const totals = { expected: 0, ended: 0, moved: 0 };
  let lines = 0;
  let drawn = Number.NEGATIVE_INFINITY;
  let over = false;

  const erase = () => {
    if (lines > 0) output.write(`\r${CLEAR_LINE}${`\u001b[1A${CLEAR_LINE}`.repeat(lines)}`);
    lines = 0;
  };
  const draw = () => {
    const columns = Math.max(40, (output.columns ?? 80) - 1);
    const shown = [...running.values()].slice(0, options.bars ?? 8);
    const rows = shown.map((copy) => barLine(copy, columns, now()));
    rows.push(totalLine(totals, running.size - shown.length, columns, now() - started));
    erase();
    output.write(`${rows.join('\n')}\n`);
    lines = rows.length;
    drawn = now();
  };
  const drawSometimes = () => {
    if (!over && now() - drawn >= (options.interval ?? 100)) draw();
  };

  return {
    observer: {
      copy: (event) => {
        follow(running, totals, event, now());
        drawSometimes();
      },
    },
    print: (line) => {
      erase();
      output.write(`${line}\n`);
      if (!over && running.size > 0) draw();
    },
    expect: (copies) => {
      totals.expected += copies;
    },
    end: () => {
      over = true;
      erase();
    },
  };
}

function follow(
  running: Map<string, Running>,
  totals: { ended: number; moved: number },
  event: CopyEvent,
  now: number,
): void {
  const key = `${event.source} ${event.destination}`;
  if (event.step === 'ended') {
    if (running.delete(key)) totals.ended += 1;
    return;
  }
  let copy = running.get(key);
  if (copy === undefined) {
    copy = { name: printable(event.destination), since: now, total: 0, done: 0, moved: 0 };
    running.set(key, copy);
  }
  if (event.step === 'found') copy.total += event.bytes;
  if (event.step === 'moved' || event.step === 'skipped' || event.step === 'mounted') copy.done += event.bytes;
  if (event.step === 'moved') {
    copy.moved += event.bytes;
    totals.moved += event.bytes;
  }
}

function barLine(copy: Running, columns: number, now: number): string {
  const share = copy.total > 0 ? Math.min(1, copy.done / copy.total) : 0;
  const filled = Math.round(share * BAR);
  const bar = `[${'#'.repeat(filled)}${'-'.repeat(BAR - filled)}]`;
  const rate = `${formatBytes((copy.moved * 1000) / Math.max(1, now - copy.since))}/s`;
  const bytes = `${formatBytes(copy.done)} / ${formatBytes(copy.total)}`;
  const figures = `${bar} ${bytes.padStart(17)} ${rate.padStart(9)}`;
  const room = columns - figures.length - 1;
  if (room < 10) return shorten(`${copy.name} ${bytes}`, columns);
  return `${shorten(copy.name, room).padEnd(room)} ${figures}`;
}

function totalLine(
  totals: { expected: number; ended: number; moved: number },
  hidden: number,
  columns: number,
  milliseconds: number,
): string {
  const of =
    totals.expected > 0 ? `${totals.ended} of ${count(totals.expected, 'copy', 'copies')}` : `${totals.ended} done`;
  const more = hidden > 0 ? `, ${hidden} more running` : '';
  const rate = formatBytes((totals.moved * 1000) / Math.max(1, milliseconds));
  return shorten(`${of}${more}, ${formatBytes(totals.moved)} moved, ${rate}/s`, columns);
}
