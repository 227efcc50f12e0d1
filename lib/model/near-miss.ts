/**
 * The known name that an unknown one was probably meant to be: equal but for upper and lower case, or a typing error or
 * two away (one, for names shorter than seven letters, which are like too many other words).
 */
export function nearMiss(name: string, known: readonly string[]): string | undefined {
  const lower = name.toLowerCase();
  const sameLetters = known.find((one) => one.toLowerCase() === lower);
  if (sameLetters !== undefined) return sameLetters;
  return known.find((one) => editDistance(lower, one.toLowerCase()) <= (one.length < 7 ? 1 : 2));
}

/** Letters added, left out, replaced, or two neighbours swapped; 3 stands for any number above 2. */
export function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3;
  let [older, old]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          (old[j] ?? 3) + 1,
          (row[j - 1] ?? 3) + 1,
          (old[j - 1] ?? 3) + (same ? 0 : 1),
          swapped ? (older[j - 2] ?? 3) + 1 : 3,
        ),
      );
    }
    [older, old] = [old, row];
  }
  return Math.min(old[b.length] ?? 3, 3);
}
