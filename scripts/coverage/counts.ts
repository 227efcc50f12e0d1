/** What V8 says of a script (the inspector's `Profiler.ScriptCoverage`). Offsets are of the compiled text. */
export interface ScriptCoverage {
  readonly url: string;
  readonly functions: readonly { readonly ranges: readonly Range[] }[];
}

interface Range {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}

/** How often a place of a script was executed. */
export interface Counts {
  /** The innermost range around it decides; none, if V8 says nothing: it leaves out what was not called. */
  at(offset: number): number;
  /** The same for a function that begins here: how often it was reached, whether or not it was called. */
  ofFunctionAt(offset: number): number;
}

export function countsOf({ functions }: ScriptCoverage): Counts {
  const ranges = functions
    .flatMap(({ ranges: own }) => own.map((range, index) => ({ ...range, isFunction: index === 0 })))
    .sort((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset);
  const { starts, counts } = flatten(ranges);
  return {
    at: (offset) => counts[lastNotAfter(starts, offset)] ?? 0,
    ofFunctionAt: (offset) => {
      let count = 0;
      for (const range of ranges) {
        if (range.startOffset > offset) break;
        if (range.endOffset > offset && !(range.isFunction && range.startOffset === offset)) count = range.count;
      }
      return count;
    },
  };
}

/** Nested ranges as a row of places from which on another count holds. */
function flatten(ranges: readonly Range[]): { starts: number[]; counts: number[] } {
  const starts: number[] = [];
  const counts: number[] = [];
  const open: Range[] = [];
  const mark = (offset: number) => {
    if (starts.at(-1) === offset) counts.pop();
    else starts.push(offset);
    counts.push(open.at(-1)?.count ?? 0);
  };
  const closeUntil = (offset: number) => {
    for (let last = open.at(-1); last !== undefined && last.endOffset <= offset; last = open.at(-1)) {
      open.pop();
      mark(last.endOffset);
    }
  };
  for (const range of ranges) {
    closeUntil(range.startOffset);
    open.push(range);
    mark(range.startOffset);
  }
  closeUntil(Number.POSITIVE_INFINITY);
  return { starts, counts };
}

/** Index of the last number that is not above the one asked for; -1 when all are. */
export function lastNotAfter(sorted: readonly number[], wanted: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
