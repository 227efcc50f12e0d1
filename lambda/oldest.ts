/** The longest anything has waited to be what its source is, as far as a run saw. */
export interface Oldest {
  /** ISO 8601; undefined for what waits no longer. */
  see(staleSince: string | undefined): void;
  /** Whole seconds until now; 0 when nothing waits. */
  seconds(now: number): number;
}

export function oldest(): Oldest {
  let first = Number.POSITIVE_INFINITY;
  return {
    see: (staleSince) => {
      const since = Date.parse(staleSince ?? '');
      if (!Number.isNaN(since)) first = Math.min(first, since);
    },
    seconds: (now) => (first === Number.POSITIVE_INFINITY ? 0 : Math.max(0, Math.floor((now - first) / 1000))),
  };
}
