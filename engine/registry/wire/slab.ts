const LARGE = 256 * 1024;
const SMALL = 16 * 1024;
/** One read takes at most so much. */
const READ = 256 * 1024;

/**
 * Memory that a connection reads into. It is carved: each read has its own, and none is written twice. So what was read is
 * handed on without a copy, however long somebody keeps it, and reads that follow one another lie beside one another.
 */
export class Slab {
  private memory = Buffer.allocUnsafeSlow(SMALL);
  private at = 0;

  /** Room for the next read. Who waits for nothing keeps little memory. @param expected bytes that are to come, as far as is known */
  room(expected: number): Buffer {
    const left = this.memory.length - this.at;
    const idle = expected === 0 && this.memory.length > SMALL;
    if (idle || left < Math.min(expected, READ / 4) || left < SMALL / 4) {
      this.memory = Buffer.allocUnsafeSlow(Math.min(Math.max(expected, SMALL), LARGE));
      this.at = 0;
    }
    return this.memory.subarray(this.at, this.at + READ);
  }

  /** What a read has brought. */
  take(length: number): Buffer {
    this.at += length;
    return this.memory.subarray(this.at - length, this.at);
  }
}
