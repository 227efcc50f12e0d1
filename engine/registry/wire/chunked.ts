import type { BodyReader } from './framing';
import { parseFields } from './head';
import { Malformed } from './malformed';
import { Until } from './until';

/** RFC 9112, section 7.1: a size, and extensions, which mean nothing to us. */
const SIZE_LINE = /^([0-9A-Fa-f]{1,13})[\t ]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/;
const LINE_CEILING = 4 * 1024;
/** Bytes of all size lines beyond sixteen for each, and of trailers: what a body may carry that is none of it. */
const EXTRA_CEILING = 64 * 1024;
const PLAIN_LINE = 16;

/** A body in chunks, each with its size before it; trailers are looked at and left out. */
export class ChunkedBody implements BodyReader {
  readonly mayEnd = false;
  private state: 'size' | 'data' | 'data end' | 'trailers' | 'ended' = 'size';
  private left = 0;
  private extra = 0;
  private readonly line = new Until('\r\n', LINE_CEILING, () => new Malformed('a line of its chunks is too long'));

  get ended(): boolean {
    return this.state === 'ended';
  }

  /** Of the chunk that has begun; at its end, whatever may come. */
  get expected(): number {
    return this.left > 0 ? this.left : PLAIN_LINE * 1024;
  }

  push(bytes: Buffer, part: (bytes: Buffer) => void): number {
    let at = 0;
    while (at < bytes.length && this.state !== 'ended') {
      at += this.state === 'data' ? this.data(bytes, at, part) : this.text(bytes.subarray(at));
    }
    return at;
  }

  private data(bytes: Buffer, at: number, part: (bytes: Buffer) => void): number {
    const mine = bytes.subarray(at, at + this.left);
    this.left -= mine.length;
    if (this.left === 0) this.state = 'data end';
    part(mine);
    return mine.length;
  }

  private text(bytes: Buffer): number {
    const line = this.line.push(bytes);
    if (line === undefined) return bytes.length;
    this.read(line.text);
    return line.taken;
  }

  private read(line: string): void {
    if (this.state === 'data end') {
      if (line !== '') throw new Malformed('a chunk is longer than its size');
      this.state = 'size';
      return;
    }
    this.count(line);
    if (this.state === 'size') this.begin(line);
    else if (line === '') this.state = 'ended';
    else parseFields([line]);
  }

  private begin(line: string): void {
    const size = SIZE_LINE.exec(line);
    if (size === null) throw new Malformed('a chunk has no size');
    this.left = Number.parseInt(size[1] as string, 16);
    this.state = this.left === 0 ? 'trailers' : 'data';
  }

  private count(line: string): void {
    this.extra += Math.max(0, line.length - (this.state === 'size' ? PLAIN_LINE : 0));
    if (this.extra > EXTRA_CEILING) throw new Malformed('its chunks carry too much beside their data');
  }
}
