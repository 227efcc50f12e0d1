/** Milliseconds before the end of an invocation at which nothing more of a kind is begun: what comes after it must still be done. */
export const RESERVE = {
  /** A lot after the first. */
  lot: 180_000,
  /** Asking sources and destinations. What was asked by then is worth nothing, and is asked again by the next invocation. */
  planning: 120_000,
  /** Writing what planning found. */
  findings: 90_000,
  /** Leasing copies: those that are leased still need their work list and their job. */
  leases: 60_000,
} as const;
