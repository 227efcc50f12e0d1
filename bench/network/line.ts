/** How far apart the two ends of a line are. */
export interface Distance {
  /** Milliseconds from one end to the other and back. */
  readonly roundTrip: number;
  /** Bits in a second, for each connection and each direction. */
  readonly rate: number;
}

/** Across a continent, between two well-connected machines. */
export const WAN: Distance = { roundTrip: 40, rate: 400e6 };

/** One direction of one connection: says when bytes arrive. Times are milliseconds. */
export class Line {
  readonly #delay: number;
  readonly #bytesPerMillisecond: number;
  #free: number;

  /** @param opened from when on bytes can be sent: a connection is set up first */
  constructor(distance: Distance, opened: number) {
    this.#delay = distance.roundTrip / 2;
    this.#bytesPerMillisecond = distance.rate / 8 / 1000;
    this.#free = opened;
  }

  /** When the last of these bytes arrives, if they are sent now: they wait for those before them. */
  arrival(now: number, bytes: number): number {
    this.#free = Math.max(now, this.#free) + bytes / this.#bytesPerMillisecond;
    return this.#free + this.#delay;
  }
}

/** Bytes that a direction may hold: what is under way on the line, and two more MiB as sockets' buffers have them. */
export function capacity({ roundTrip, rate }: Distance): number {
  return ((rate / 8 / 1000) * roundTrip) / 2 + 2 * 1024 * 1024;
}
