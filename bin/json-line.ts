import { printableJson } from '../lib/model/invalid';
import type { Io } from './io';

/** One JSON document in one line, for machines: what happened, and its fields; those without a value are left out. */
export function tellJsonLine({ stdout }: Pick<Io, 'stdout'>, event: string, fields: object): void {
  stdout.write(`${printableJson(JSON.stringify({ event, ...fields }))}\n`);
}
