import type { Head } from '../../../../engine/registry/wire/head';
import { Malformed } from '../../../../engine/registry/wire/malformed';
import { AnswerReader } from '../../../../engine/registry/wire/reader';

/** What came of reading. */
export interface Read {
  readonly heads: readonly Head[];
  readonly body: string;
  readonly ended: boolean;
  readonly kept: boolean;
  /** Bytes behind the end of the answer. */
  readonly excess: number;
  readonly malformed: boolean;
}

/** Reads an answer from bytes that come in these parts; then the peer sends no more. */
export function readParts(parts: readonly Buffer[], method = 'GET'): Read {
  const heads: Head[] = [];
  const body: Buffer[] = [];
  const reader = new AnswerReader(method, { head: (head) => heads.push(head), part: (bytes) => body.push(bytes) });
  let excess = 0;
  let malformed = false;
  try {
    for (const part of parts) excess += part.length - reader.push(part);
    reader.close();
  } catch (cause) {
    if (!(cause instanceof Malformed)) throw cause;
    malformed = true;
  }
  const { ended, kept } = reader;
  return { heads, body: Buffer.concat(body).toString('latin1'), ended, kept, excess, malformed };
}

export function readText(text: string, method = 'GET'): Read {
  return readParts([Buffer.from(text, 'latin1')], method);
}

/** The same bytes in parts that end at these places. */
export function splitAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set([0, ...places.map((place) => place % (bytes.length + 1)), bytes.length])].sort(
    (a, b) => a - b,
  );
  return ends.slice(1).map((end, i) => bytes.subarray(ends[i], end));
}
