import type { Socket } from 'node:net';
import type { Clock, Sleeper } from './clock';
import type { Line } from './line';

interface Parcel {
  readonly due: number;
  /** Undefined for the end of the stream. */
  readonly bytes: Buffer | undefined;
}

export interface DirectionOptions {
  readonly from: Socket;
  readonly to: Socket;
  readonly line: Line;
  readonly clock: Clock;
  /** Bytes that it holds before it stops reading. */
  readonly capacity: number;
}

/** Carries the bytes of one direction, each when it arrives. */
export class Direction implements Sleeper {
  readonly #options: DirectionOptions;
  #parcels: Parcel[] = [];
  #held = 0;
  /** The receiver does not read: nothing is due until it does. */
  #blocked = false;

  constructor(options: DirectionOptions) {
    this.#options = options;
    const { from, to } = options;
    from.on('data', (bytes: Buffer) => this.#take(bytes));
    from.once('end', () => this.#take(undefined));
    to.on('drain', () => {
      this.#blocked = false;
      options.clock.wake(this);
    });
  }

  get next(): number | undefined {
    return this.#blocked ? undefined : this.#parcels[0]?.due;
  }

  #take(bytes: Buffer | undefined): void {
    const { from, line, clock, capacity } = this.#options;
    const length = bytes?.length ?? 0;
    this.#parcels.push({ due: line.arrival(clock.now(), length), bytes });
    this.#held += length;
    if (this.#held > capacity) from.pause();
    if (this.#parcels.length === 1) clock.wake(this);
  }

  run(now: number): void {
    const { from, to, capacity } = this.#options;
    let count = 0;
    to.cork();
    for (const { due, bytes } of this.#parcels) {
      if (due > now) break;
      count += 1;
      if (bytes === undefined) {
        to.end();
        continue;
      }
      this.#held -= bytes.length;
      if (!to.write(bytes)) this.#blocked = true;
    }
    to.uncork();
    // What was corked may have left at once.
    this.#blocked = to.writableNeedDrain;
    this.#parcels = this.#parcels.slice(count);
    if (this.#held <= capacity && from.isPaused()) from.resume();
  }
}
