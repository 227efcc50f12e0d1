import { type BodyReader, bodyReaderOf, isKept } from './framing';
import { type Head, parseHead } from './head';
import { Malformed } from './malformed';
import { Until } from './until';

/** Bytes of a head, the empty line included. */
export const HEAD_CEILING = 64 * 1024;
/** `103 Early Hints` and its like, before the answer itself. */
const MOST_INTERIM = 16;

/** Who wants an answer. */
export interface Taker {
  head(head: Head): void;
  part(bytes: Buffer): void;
}

/** Reads one answer, wherever the reads part it. Knows nothing of sockets. */
export class AnswerReader {
  /** The answer is whole. */
  ended = false;
  /** Whether the connection can be used for another request then. */
  kept = false;
  private body: BodyReader | undefined;
  private interim = 0;
  private readonly until = new Until('\r\n\r\n', HEAD_CEILING, overflow);

  constructor(
    private readonly method: string,
    private readonly taker: Taker,
  ) {}

  /** How many of these bytes belong to the answer: fewer than all when it has ended. @throws Malformed */
  push(bytes: Buffer): number {
    let at = 0;
    while (at < bytes.length && !this.ended) {
      const rest = at === 0 ? bytes : bytes.subarray(at);
      at += this.body === undefined ? this.pushHead(rest) : this.pushBody(this.body, rest);
    }
    return at;
  }

  /** The peer sends no more. Returns whether the answer is whole. */
  close(): boolean {
    this.ended ||= this.body?.mayEnd === true;
    return this.ended;
  }

  /** Bytes that are still to come, as far as is known. */
  get expected(): number {
    return this.body?.expected ?? 0;
  }

  private pushHead(bytes: Buffer): number {
    const found = this.until.push(bytes);
    if (found === undefined) return bytes.length;
    const head = parseHead(found.text);
    if (head.status === 101) throw new Malformed('it changes to a protocol nobody asked for');
    if (head.status < 200) {
      if (++this.interim > MOST_INTERIM) throw new Malformed(`more than ${MOST_INTERIM} interim answers came`);
      return found.taken;
    }
    this.body = bodyReaderOf(this.method, head);
    this.kept = isKept(head, this.body);
    this.ended = this.body === undefined;
    this.taker.head(head);
    return found.taken;
  }

  private pushBody(body: BodyReader, bytes: Buffer): number {
    const taken = body.push(bytes, (part) => this.taker.part(part));
    this.ended = body.ended;
    return taken;
  }
}

function overflow(): Malformed {
  return new Malformed('its headers are too long', 'HPE_HEADER_OVERFLOW');
}
