/** The middle of some numbers, or the mean of the two in the middle. @throws Error for none */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  if (low === undefined || high === undefined) throw new Error('median: got no numbers; one or more would do');
  return (low + high) / 2;
}

/**
 * Ours to the least of the others: 1 where neither has any, infinity where only ours has; undefined where there is nothing to
 * compare.
 */
export function ratioToBest(ours: number | undefined, others: readonly (number | undefined)[]): number | undefined {
  const known = others.filter((other) => other !== undefined);
  if (ours === undefined || known.length === 0) return undefined;
  const best = Math.min(...known);
  return ours === best ? 1 : ours / best;
}

/** With two digits after the point: `0.63`, `∞`. */
export function formatRatio(ratio: number): string {
  return Number.isFinite(ratio) ? ratio.toFixed(2) : '∞';
}
