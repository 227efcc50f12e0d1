import type { Observer } from '../engine/ports';
import { type Heartbeat, startHeartbeat } from '../terminal/heartbeat';
import { type Output, paintFor } from '../terminal/output';
import { type Progress, showProgress } from '../terminal/progress';
import type { Io } from './io';

/** What is shown of a run while it is under way: bars on a terminal, elsewhere a line when nothing else was said for long. */
export interface Live {
  /** Where all else is to be said, so that it does not get mixed up with that. */
  readonly io: Io;
  readonly observer?: Observer;
  readonly hasBars: boolean;
  expect(copies: number): void;
  /** Nothing is shown until more is under way. */
  rest(): void;
}

export interface LiveOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export function openLive(io: Io, options: LiveOptions): Live {
  if (options.json || options.quiet) return { io, hasBars: false, expect: () => undefined, rest: () => undefined };
  const { isTTY } = io.stderr;
  const live = isTTY === true && io.env.TERM !== 'dumb' && !io.env.CI ? withBars(io) : withHeartbeat(io, options);
  io.atEnd?.push(live.rest);
  return live;
}

function withBars(io: Io): Live {
  const progress = showProgress(io.stderr, { env: io.env });
  const [stdout, stderr] = [io.stdout, io.stderr].map((output) => above(progress, output)) as [Output, Output];
  return {
    io: { ...io, stdout, stderr },
    observer: progress.observer,
    hasBars: true,
    expect: (copies) => progress.expect(copies),
    rest: () => progress.rest(),
  };
}

/** What goes to the terminal that has the bars goes above them. */
function above(progress: Progress, output: Output): Output {
  if (output.isTTY !== true) return output;
  let unfinished = '';
  return {
    isTTY: true,
    get columns() {
      return output.columns;
    },
    write(text) {
      const lines = `${unfinished}${text}`.split('\n');
      unfinished = lines.pop() ?? '';
      for (const line of lines) progress.print(line);
    },
  };
}

function withHeartbeat(io: Io, { now }: LiveOptions): Live {
  const paint = paintFor(io.stderr, io.env);
  const heartbeat: Heartbeat = startHeartbeat((line) => io.stderr.write(`${paint.dim('running')}  ${line}\n`), { now });
  return {
    io: { ...io, stdout: heartbeat.hear(io.stdout), stderr: heartbeat.hear(io.stderr) },
    observer: heartbeat.observer,
    hasBars: false,
    expect: (copies) => heartbeat.expect(copies),
    rest: () => heartbeat.rest(),
  };
}
