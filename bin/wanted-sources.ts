import type { Entry } from '../lib/model/inventory';
import { formatReference, formatRepository, parseReference } from '../lib/model/reference';

/** Whether one of the sources means an entry: its row, its image, or all images of its repository. None means all. */
export function namedBy(
  sources: readonly string[],
  { row, rows, source }: Pick<Entry, 'row' | 'rows' | 'source'>,
): boolean {
  if (sources.length === 0) return true;
  return sources.some((name) => name === row || rows?.includes(name) === true || name === source || isOf(name, source));
}

function isOf(name: string, source: string): boolean {
  const reference = canonical(name);
  if (reference === undefined) return false;
  if (reference.tag !== undefined || reference.digest !== undefined) return formatReference(reference) === source;
  const repository = formatRepository(reference.repository);
  return source.startsWith(`${repository}:`) || source.startsWith(`${repository}@`) || source === repository;
}

function canonical(name: string) {
  try {
    return parseReference(name);
  } catch {
    return undefined;
  }
}
