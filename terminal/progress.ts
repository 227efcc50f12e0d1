import type { Observer } from '../engine/ports';
import { whileShown } from './given-back';
import { LiveLines } from './live-lines';
import { type Environment, type Output, paintFor, strokesFor } from './output';
import { copyLine, nameWidth, totalLine } from './progress-lines';
import { UnderWay } from './under-way';

export interface ProgressOptions {
  /** Milliseconds between two drawings, at least. @default 100 */
  readonly interval?: number;
  /** Most bars at once; further copies are only counted. @default 8, and what the terminal has room for */
  readonly bars?: number;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
  /** What tells of colours and letters. @default - neither colours are wanted nor is UTF-8 known */
  readonly env?: Environment;
}

/** Bars on a terminal, one for each running copy, and a line for all of them. */
export interface Progress {
  /** Listens to the copies. */
  readonly observer: Observer;
  /** Prints above the bars, to the same terminal, with the next drawing. */
  print(line: string): void;
  /** How many copies there will be, each tag of a destination for itself. Grows when told again. */
  expect(copies: number): void;
  /** Erases the bars and begins to count anew, when copies are expected again. */
  rest(): void;
  /** Erases the bars for good. */
  end(): void;
}

/** Milliseconds of looking at registries that need no line. */
const PATIENCE = 500;
/** Milliseconds after which a drawing is old although nothing happened: rates fall. */
const OLD = 1000;
/** Lines of a terminal that are left to others. */
const LEFT_ALONE = 4;

/** Draws progress bars on a terminal from what the engine's {@link Observer} is told. At most 10 drawings a second. */
export function showProgress(output: Output, options: ProgressOptions = {}): Progress {
  const bars = new Bars(output, options);
  return {
    observer: bars.observer,
    print: (line) => bars.print(line),
    expect: (copies) => bars.expect(copies),
    rest: () => bars.rest(),
    end: () => bars.end(),
  };
}

class Bars {
  readonly observer: Observer;
  private readonly now: () => number;
  private readonly interval: number;
  private readonly live: LiveLines;
  private readonly style;
  private readonly opened: number;
  private all = new UnderWay();
  /** Columns of the widest name so far: figures do not jump as names come and go. */
  private names = 0;
  private above: string[] = [];
  private drawn = Number.NEGATIVE_INFINITY;
  private changed = false;
  private resting = false;
  private over = false;
  private unwatch: (() => void) | undefined;

  constructor(
    private readonly output: Output,
    private readonly options: ProgressOptions,
  ) {
    this.now = options.now ?? Date.now;
    this.interval = options.interval ?? 100;
    this.opened = this.now();
    this.live = new LiveLines(output);
    const env = options.env ?? { NO_COLOR: '1' };
    this.style = { paint: paintFor(output, env), strokes: strokesFor(env) };
    this.observer = {
      copy: (event) => {
        this.all.follow(event, this.now());
        this.change();
      },
      request: () => {
        this.all.requests += 1;
        const looksLong = this.all.rate === undefined && this.now() - this.opened >= PATIENCE;
        if (looksLong && !this.resting) this.change();
      },
    };
  }

  print(line: string): void {
    this.above.push(line);
    if (this.unwatch === undefined) this.flush();
    else this.change();
  }

  expect(copies: number): void {
    this.all.expected += copies;
    if (copies > 0) this.resting = false;
  }

  rest(): void {
    this.flush();
    this.all = new UnderWay();
    this.names = 0;
    this.resting = true;
  }

  end(): void {
    this.over = true;
    this.flush();
  }

  private change(): void {
    if (this.over) return;
    this.changed = true;
    if (this.now() - this.drawn >= this.interval) this.draw();
  }

  private draw(): void {
    this.unwatch ??= this.watch();
    const now = this.now();
    const columns = Math.max(1, this.live.columns - 1);
    const drawing = { ...this.style, columns, now };
    const running = [...this.all.running.values()];
    const shown = running.slice(0, this.mostBars());
    this.names = Math.max(this.names, ...shown.map((copy) => nameWidth(copy, columns)));
    const total = this.style.paint.bold(totalLine(this.all, running.length - shown.length, columns, now));
    this.live.show([...shown.map((copy) => copyLine(copy, this.names, drawing)), total], this.above);
    this.above = [];
    this.changed = false;
    this.drawn = now;
  }

  private mostBars(): number {
    const room = (this.output.rows || Number.POSITIVE_INFINITY) - LEFT_ALONE;
    return Math.max(0, Math.min(this.options.bars ?? 8, room));
  }

  /** Erases the bars; what was printed stays. */
  private flush(): void {
    this.unwatch?.();
    this.unwatch = undefined;
    this.live.clear(this.above);
    this.above = [];
    this.drawn = Number.NEGATIVE_INFINITY;
  }

  /** What happens by itself while bars are shown. */
  private watch(): () => void {
    const tick = () => {
      const age = this.now() - this.drawn;
      if (age >= (this.changed ? this.interval : OLD)) this.draw();
    };
    const timer = setInterval(tick, this.interval);
    // Bars keep nobody from ending.
    timer.unref();
    const resized = () => this.draw();
    this.output.on?.('resize', resized);
    const undo = whileShown({ leave: () => this.leave(), again: () => this.draw() });
    return () => {
      clearInterval(timer);
      this.output.off?.('resize', resized);
      undo();
    };
  }

  private leave(): void {
    for (const line of this.above.splice(0)) this.output.write(`${line}\n`);
    this.live.leave();
  }
}
