import { InvalidValue } from './invalid';
import { isMap } from './row-reader';

/** Parts of a document that was read from JSON. Each throws InvalidValue naming the part, what was got and what would do. */

export function mapOf(value: unknown, what: string, known: readonly string[]): Readonly<Record<string, unknown>> {
  if (!isMap(value)) throw new InvalidValue(what, value, `a map of ${known.join(', ')} would do`);
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new InvalidValue(what, unknown, `only ${known.join(', ')} would do`);
  return value;
}

export function listOf(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new InvalidValue(what, value, 'a list would do');
  return value;
}

export function textOf(value: unknown, what: string): string {
  if (typeof value !== 'string') throw new InvalidValue(what, value, 'a text would do');
  return value;
}
