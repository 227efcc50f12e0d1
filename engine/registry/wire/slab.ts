/** Bytes of one slab at most, and at least when many connections have a large one. */
const LARGE = 256 * 1024;
const LEAST = 64 * 1024;
/** While nothing much is expected. */
const SMALL = 16 * 1024;
/** Of all large slabs that connections are reading into, until each has but the least. */
const TOGETHER = 2 * 1024 * 1024;

/** How many connections read into large slabs: the more there are, the smaller. */
export class Slabs {
  large = 0;

  get size(): number {
    return Math.max(LEAST, Math.min(LARGE, Math.floor(TOGETHER / Math.max(1, this.large))));
  }
}

/**
 * Memory that a connection reads into. It is carved: each read has its own, and none is written twice. So what was read is
 * handed on without a copy, however long somebody keeps it, and reads that follow one another lie beside one another.
 */
export class Slab {
  private memory = Buffer.allocUnsafeSlow(SMALL);
  private at = 0;
  private large = false;

  constructor(private readonly all: Slabs) {}

  /** Room for the next read. Who waits for nothing keeps little memory. @param expected bytes that are to come, as far as is known */
  room(expected: number): Buffer {
    const left = this.memory.length - this.at;
    if (this.large ? expected === 0 : expected > SMALL) this.renew(expected);
    else if (left < Math.max(SMALL / 4, Math.min(expected, this.memory.length / 4))) this.renew(expected);
    return this.memory.subarray(this.at);
  }

  /** What a read has brought. */
  take(length: number): Buffer {
    this.at += length;
    return this.memory.subarray(this.at - length, this.at);
  }

  /** Nothing is read any more. */
  end(): void {
    this.count(false);
  }

  private renew(expected: number): void {
    this.count(expected > SMALL);
    this.memory = Buffer.allocUnsafeSlow(Math.max(SMALL, Math.min(expected, this.all.size)));
    this.at = 0;
  }

  private count(large: boolean): void {
    this.all.large += Number(large) - Number(this.large);
    this.large = large;
  }
}
