import type { IncomingHttpHeaders } from 'node:http';
import { show } from '../../../lib/model/invalid';
import { Malformed } from './malformed';

/** Status line and fields of an answer. */
export interface Head {
  /** Of HTTP/1.x. */
  readonly minor: 0 | 1;
  readonly status: number;
  /** Names in lower case; fields that came more than once are joined, or the first is taken, as Node does. */
  readonly headers: IncomingHttpHeaders;
}

/** RFC 9112, section 4; the space before an empty reason is left out by some. */
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9][0-9]{2})(?: [\t\x20-\x7e\x80-\xff]*)?$/;
/** RFC 9112, section 5: no space before the colon, and no line that continues another. Spaces around the value are none of it. */
const FIELD = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[\t ]*([\t\x20-\x7e\x80-\xff]*)$/;

/** Of these a second one is not taken; of the two that say where an answer ends it is refused. */
const SINGLE: ReadonlySet<string> = new Set([
  'age',
  'authorization',
  'content-type',
  'etag',
  'expires',
  'from',
  'host',
  'if-modified-since',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'referer',
  'retry-after',
  'server',
  'user-agent',
]);
const FRAMING: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding']);

/** @param text the head without the empty line that ends it, each byte a character @throws Malformed */
export function parseHead(text: string): Head {
  const [first = '', ...lines] = text.split('\r\n');
  const status = STATUS_LINE.exec(first);
  if (status === null) throw new Malformed(`got ${show(first)} for a status line`);
  return { minor: status[1] === '0' ? 0 : 1, status: Number(status[2]), headers: parseFields(lines) };
}

/** @throws Malformed */
export function parseFields(lines: readonly string[]): IncomingHttpHeaders {
  // Without a prototype: any name is a name.
  const headers: Record<string, string | string[]> = Object.create(null);
  for (const line of lines) {
    const field = FIELD.exec(line);
    if (field === null) throw new Malformed(`got ${show(line)} for a header`);
    add(headers, (field[1] as string).toLowerCase(), (field[2] as string).replace(/[\t ]+$/, ''));
  }
  return headers;
}

function add(headers: Record<string, string | string[]>, name: string, value: string): void {
  const before = headers[name];
  if (name === 'set-cookie') headers[name] = [...(before ?? []), value];
  else if (before === undefined) headers[name] = value;
  else if (FRAMING.has(name)) throw new Malformed(`it has ${name} twice`);
  else if (!SINGLE.has(name)) headers[name] = `${before}, ${value}`;
}
