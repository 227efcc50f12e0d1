/** The longest anything has waited to be what its source is, as far as a run saw, and what has waited for longer than it may. */
export interface Oldest {
  /** How many seconds a row may wait: its `StaleAfter`. */
  allow(row: string, seconds: number): void;
  /**
   * @param staleSince ISO 8601; undefined for what waits no longer
   * @param rows that want what waits
   */
  see(staleSince: string | undefined, rows?: readonly string[]): void;
  /** Whole seconds until now; 0 when nothing waits. */
  seconds(now: number): number;
  /** How many of those seen wait for longer than one of their rows allows. */
  overdue(now: number): number;
}

export function oldest(): Oldest {
  const allowed = new Map<string, number>();
  const deadlines: number[] = [];
  let first = Number.POSITIVE_INFINITY;
  return {
    allow: (row, seconds) => allowed.set(row, seconds),
    see: (staleSince, rows = []) => {
      const since = Date.parse(staleSince ?? '');
      if (Number.isNaN(since)) return;
      first = Math.min(first, since);
      const least = Math.min(...rows.map((row) => allowed.get(row) ?? Number.POSITIVE_INFINITY));
      if (least !== Number.POSITIVE_INFINITY) deadlines.push(since + least * 1000);
    },
    seconds: (now) => (first === Number.POSITIVE_INFINITY ? 0 : Math.max(0, Math.floor((now - first) / 1000))),
    overdue: (now) => deadlines.filter((deadline) => deadline < now).length,
  };
}
