/**
 * Text or a value from outside that cannot become one of ours.
 *
 * The message is one line: what it was for, what was got, what would do. It is safe to show: the
 * value is quoted, shortened and stripped of control characters.
 */
export class InvalidValue extends Error {
  readonly code = 'VALUE_INVALID';

  constructor(what: string, got: unknown, remedy: string) {
    super(`${what}: got ${show(got)}; ${remedy}`);
    this.name = 'InvalidValue';
  }
}

const SHOWN_LENGTH = 120;

/** A value from outside as it may appear in an error, a log line or a terminal: quoted, short, no control characters. */
export function show(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(printable(value)) : describe(value);
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH - 1)}…` : text;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Text without control characters (C0, C1, and those that reorder a line), so that it cannot drive a terminal or a log. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, '\ufffd');
}

/** One line of JSON that means the same, with escapes in place of what {@link printable} takes out of text. */
export function printableJson(json: string): string {
  return json.replace(UNPRINTABLE, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (value instanceof Set) return `a set (${describeItems([...value])})`;
  if (Array.isArray(value)) return `a list (${describeItems(value)})`;
  if (typeof value === 'object') return `a map (${describeItems(Object.keys(value))})`;
  return `the ${typeof value} ${String(value)}`;
}

function describeItems(items: readonly unknown[]): string {
  if (items.length === 0) return 'empty';
  const shown = items.slice(0, 3).map((item) => printable(describeItem(item)));
  return items.length > 3 ? `${shown.join(', ')}, … ${items.length} in all` : shown.join(', ');
}

function describeItem(item: unknown): string {
  return typeof item === 'object' && item !== null ? '{…}' : String(item);
}
