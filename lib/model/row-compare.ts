import { show } from './invalid';
import type { RowReader } from './row-reader';

const COMPARE = 'Compare';

/** Attribute `Compare` of a row; undefined where manifests are compared. */
export function readCompare(reader: RowReader): 'config' | undefined {
  const value = reader.get(COMPARE);
  if (value === undefined || value === 'manifest') return undefined;
  if (value === 'config') return value;
  reader.error(COMPARE, `got ${show(value)}; manifest or config would do`);
  return undefined;
}
