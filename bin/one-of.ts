import { nearMiss } from '../lib/model/near-miss';

/** What would do in the place of a word: the one that was probably meant, or each that there is. */
export function oneOf(got: string, known: readonly string[]): string {
  return `${nearMiss(got, known) ?? `one of ${known.join(', ')}`} would do`;
}
