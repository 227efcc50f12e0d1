import { ChunkedBody } from './chunked';
import type { Head } from './head';
import { Malformed } from './malformed';

/** Takes a body out of what is read, wherever the reads part it. */
export interface BodyReader {
  /** Hands on what of these bytes is the body's. Returns how many belong to the answer: fewer than all when it has ended. @throws Malformed */
  push(bytes: Buffer, part: (bytes: Buffer) => void): number;
  readonly ended: boolean;
  /** Whether the body is whole when the peer sends no more. */
  readonly mayEnd: boolean;
  /** Bytes that are still to come, as far as is known. */
  readonly expected: number;
}

/** Where the body of an answer ends (RFC 9112, section 6.3); undefined when it has none. @throws Malformed */
export function bodyReaderOf(method: string, head: Head): BodyReader | undefined {
  const { status, headers, minor } = head;
  const length = lengthOf(headers['content-length']);
  const coding = headers['transfer-encoding'];
  if (coding !== undefined) {
    // A peer of another opinion about which of them counts would see another end.
    if (length !== undefined) throw new Malformed('it has both content-length and transfer-encoding');
    if (minor === 0) throw new Malformed('it has a transfer-encoding in HTTP/1.0');
    if (coding.toLowerCase() !== 'chunked') throw new Malformed('its transfer-encoding is not chunked');
  }
  if (method === 'HEAD' || status === 204 || status === 304 || length === 0) return undefined;
  if (coding !== undefined) return new ChunkedBody();
  return length === undefined ? new EndlessBody() : new SizedBody(length);
}

/** Whether another request may follow on the connection (RFC 9112, section 9.3). */
export function isKept({ minor, headers }: Head, body: BodyReader | undefined): boolean {
  const options = (headers.connection ?? '').toLowerCase().split(/[\t ]*,[\t ]*/);
  return minor === 1 && !options.includes('close') && !(body instanceof EndlessBody);
}

function lengthOf(field: string | undefined): number | undefined {
  if (field === undefined) return undefined;
  const length = /^[0-9]{1,16}$/.test(field) ? Number(field) : Number.NaN;
  if (!Number.isSafeInteger(length)) throw new Malformed('its content-length is no number of bytes');
  return length;
}

class SizedBody implements BodyReader {
  readonly mayEnd = false;

  constructor(public expected: number) {}

  get ended(): boolean {
    return this.expected === 0;
  }

  push(bytes: Buffer, part: (bytes: Buffer) => void): number {
    const mine = bytes.length <= this.expected ? bytes : bytes.subarray(0, this.expected);
    this.expected -= mine.length;
    if (mine.length > 0) part(mine);
    return mine.length;
  }
}

/** Ends with the connection. */
class EndlessBody implements BodyReader {
  readonly ended = false;
  readonly mayEnd = true;
  readonly expected = Number.POSITIVE_INFINITY;

  push(bytes: Buffer, part: (bytes: Buffer) => void): number {
    if (bytes.length > 0) part(bytes);
    return bytes.length;
  }
}
