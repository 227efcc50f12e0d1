import type { Observer } from '../engine/ports';
import type { Output } from './output';
import { totalLine } from './progress-lines';
import { UnderWay } from './under-way';

export interface HeartbeatOptions {
  /** Milliseconds of silence before a line. @default 30000 */
  readonly every?: number;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

/** Says that a run is alive, and how far it is, where there are no bars and nothing else was said for long. */
export interface Heartbeat {
  /** Listens to the copies. */
  readonly observer: Observer;
  /** How many copies there will be. Grows when told again. */
  expect(copies: number): void;
  /** The same output; what is written to it counts as said. */
  hear(output: Output): Output;
  /** Falls silent, and begins to count anew with the next copy or request. */
  rest(): void;
}

/** Milliseconds between two looks at the clock. */
const LOOK = 1000;

export function startHeartbeat(say: (line: string) => void, options: HeartbeatOptions = {}): Heartbeat {
  const { every = 30_000, now = Date.now } = options;
  let all = new UnderWay();
  let heard = now();
  let timer: NodeJS.Timeout | undefined;
  const look = () => {
    if (now() - heard < every) return;
    heard = now();
    say(totalLine(all, 0, Number.POSITIVE_INFINITY, heard));
  };
  const wake = () => {
    if (timer !== undefined) return;
    heard = now();
    timer = setInterval(look, LOOK);
    timer.unref();
  };
  return {
    observer: {
      copy: (event) => {
        all.follow(event, now());
        wake();
      },
      request: () => {
        all.requests += 1;
        wake();
      },
    },
    expect: (copies) => {
      all.expected += copies;
    },
    hear: (output) => ({
      write: (text) => {
        heard = now();
        return output.write(text);
      },
      isTTY: output.isTTY === true,
      get columns() {
        return output.columns;
      },
    }),
    rest: () => {
      clearInterval(timer);
      timer = undefined;
      all = new UnderWay();
    },
  };
}
