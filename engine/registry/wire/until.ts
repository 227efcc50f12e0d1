import { Malformed } from './malformed';

const LF = 10;
const CR = 13;

/** Text up to an ending, put together from bytes that come in any parts. Nothing is copied of what comes in one. */
export class Until {
  private held = Buffer.alloc(0);
  private size = 0;

  /** @param ceiling bytes, the ending counted */
  constructor(
    private readonly ending: '\r\n' | '\r\n\r\n',
    private readonly ceiling: number,
    private readonly overflow: () => Malformed,
  ) {}

  /**
   * The text before the ending, and how many of these bytes belong to it and the ending; undefined while it goes on.
   *
   * @throws Malformed when it grows too long, or has a line feed alone, which others might take for the end of a line
   */
  push(bytes: Buffer): { readonly text: string; readonly taken: number } | undefined {
    const before = this.size;
    const all = before === 0 ? bytes : this.append(bytes);
    const from = Math.max(0, before - this.ending.length + 1);
    const end = all.indexOf(this.ending, from, 'latin1');
    const length = end < 0 ? all.length : end + this.ending.length;
    refuseBareLineFeed(all, from, Math.min(length, this.ceiling));
    if (length > this.ceiling) throw this.overflow();
    if (end < 0) {
      if (before === 0) this.append(bytes);
      this.size = length;
      return undefined;
    }
    this.size = 0;
    return { text: all.toString('latin1', 0, end), taken: length - before };
  }

  /** What is held with these bytes behind it, as far as it matters. Grows by doubling: drips cost no more than bulk. */
  private append(bytes: Buffer): Buffer {
    const added = Math.min(bytes.length, this.ceiling + 1 - this.size);
    const needed = this.size + added;
    if (needed > this.held.length) {
      const grown = Buffer.alloc(Math.max(512, 2 * this.held.length, needed));
      this.held.copy(grown, 0, 0, this.size);
      this.held = grown;
    }
    bytes.copy(this.held, this.size, 0, added);
    return this.held.subarray(0, needed);
  }
}

function refuseBareLineFeed(bytes: Buffer, from: number, to: number): void {
  for (let at = bytes.indexOf(LF, from); at >= 0 && at < to; at = bytes.indexOf(LF, at + 1)) {
    if (at === 0 || bytes[at - 1] !== CR) throw new Malformed('a line ends in LF alone');
  }
}
