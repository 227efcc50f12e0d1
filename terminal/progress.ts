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
  /** How many copies there will be, each tag of a destination for itself. Grows when told again. */
  expect(copies: number): void;
  /** Erases the bars and begins to count anew, when copies are expected again. */
  rest(): void;
  /** Erases the bars for good. */
  end(): void;
}

interface Running {
  readonly name: string;
  readonly since: number;
  /** How many of the expected copies it is. */
  readonly weight: number;
  total: number;
  done: number;
  /** Bytes that really moved: what the rate is made of. */
  moved: number;
}

/** Columns of a bar on a narrow terminal and on a wide one. */
const BAR = { narrow: 12, wide: 20, from: 100 };
/** Milliseconds of looking at registries that need no line. */
const PATIENCE = 500;
const CLEAR_LINE = '\u001b[2K';

/** Draws progress bars on a terminal from what the engine's {@link Observer} is told. At most 10 drawings a second. */
export function showProgress(output: Output, options: ProgressOptions = {}): Progress {
  const now = options.now ?? Date.now;
  const running = new Map<string, Running>();
  const opened = now();
  let totals = newTotals();
  let resting = false;
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
    rows.push(totalLine(totals, running.size - shown.length, columns, now()));
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
      request: () => {
        totals.requests += 1;
        if (!resting && totals.since === undefined && now() - opened >= PATIENCE) drawSometimes();
      },
    },
    print: (line) => {
      erase();
      output.write(`${line}\n`);
      if (!over && running.size > 0) draw();
    },
    expect: (copies) => {
      totals.expected += copies;
      if (copies > 0) resting = false;
    },
    rest: () => {
      erase();
      running.clear();
      totals = newTotals();
      resting = true;
    },
    end: () => {
      over = true;
      erase();
    },
  };
}

interface Totals {
  expected: number;
  ended: number;
  moved: number;
  requests: number;
  /** When the first copy began: what comes before is looking, not moving. */
  since?: number;
}

function newTotals(): Totals {
  return { expected: 0, ended: 0, moved: 0, requests: 0 };
}

function follow(running: Map<string, Running>, totals: Totals, event: CopyEvent, now: number): void {
  const key = `${event.source} ${event.destination}`;
  let copy = running.get(key);
  if (event.step === 'ended') {
    if (running.delete(key)) totals.ended += copy?.weight ?? 1;
    return;
  }
  if (copy === undefined) {
    totals.since ??= now;
    copy = { name: nameOf(event), since: now, weight: event.tags?.length || 1, total: 0, done: 0, moved: 0 };
    running.set(key, copy);
  }
  if (event.step === 'found') copy.total += event.bytes;
  if (event.step === 'moved' || event.step === 'skipped' || event.step === 'mounted') copy.done += event.bytes;
  if (event.step === 'moved') {
    copy.moved += event.bytes;
    totals.moved += event.bytes;
  }
}

/** `registry/repository:tag`, or `registry/repository:tag,tag` where they share what is moved. */
function nameOf({ destination, tags = [] }: CopyEvent): string {
  return printable(tags.length === 0 ? destination : `${destination}:${tags.join(',')}`);
}

function barLine(copy: Running, columns: number, now: number): string {
  const share = copy.total > 0 ? Math.min(1, copy.done / copy.total) : 0;
  const width = columns < BAR.from - 1 ? BAR.narrow : BAR.wide;
  // A full bar is a copy that has all its bytes.
  const filled = Math.floor(share * width);
  const bar = `[${'#'.repeat(filled)}${'-'.repeat(width - filled)}]`;
  const rate = `${formatBytes((copy.moved * 1000) / Math.max(1, now - copy.since))}/s`;
  const bytes = `${formatBytes(copy.done)} / ${formatBytes(copy.total)}`;
  const figures = `${bar} ${bytes.padStart(17)} ${rate.padStart(9)}`;
  const room = columns - figures.length - 1;
  if (room < 10) return shorten(`${copy.name} ${bytes}`, columns);
  return `${shorten(copy.name, room).padEnd(room)} ${figures}`;
}

function totalLine(totals: Totals, hidden: number, columns: number, now: number): string {
  if (totals.since === undefined)
    return shorten(`looking at registries, ${count(totals.requests, 'request')}`, columns);
  const of =
    totals.expected > 0 ? `${totals.ended} of ${count(totals.expected, 'copy', 'copies')}` : `${totals.ended} done`;
  const more = hidden > 0 ? `, ${hidden} more running` : '';
  const rate = formatBytes((totals.moved * 1000) / Math.max(1, now - totals.since));
  return shorten(`${of}${more}, ${formatBytes(totals.moved)} moved, ${rate}/s`, columns);
}
