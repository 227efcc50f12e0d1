/** What one tool took for one scenario. */
export interface Figures {
  /** Seconds. */
  readonly wall: number;
  /** Seconds, user and system. */
  readonly cpu: number;
  /** Bytes. */
  readonly peakMemory: number;
  /** To all registries. */
  readonly requests: number;
  /** Bytes of bodies: from the source, to the destinations. */
  readonly received: number;
  readonly sent: number;
}

export type Outcome = { readonly tool: string } & (
  | { readonly figures: Figures }
  /** Why there are no figures. */
  | { readonly failed: string }
  /** The tool has no way to do it. */
  | { readonly unable: true }
);

/** One scenario over one network. */
export interface Result {
  readonly scenario: string;
  /** For people. */
  readonly about: string;
  readonly network: string;
  readonly outcomes: readonly Outcome[];
}

export interface Report {
  /** ISO 8601. */
  readonly date: string;
  readonly machine: readonly string[];
  /** Runs that each figure is the median of. */
  readonly runs: number;
  readonly tls: boolean;
  /** The others ran at the concurrency that they come with. */
  readonly untuned: boolean;
  /** Programs that were compared, ours first. */
  readonly tools: readonly { readonly name: string; readonly version: string }[];
  /** Programs that are not on this machine. */
  readonly missing: readonly string[];
  readonly results: readonly Result[];
}

/** What is compared, in the order of the columns. */
export const MEASURES = ['wall', 'cpu', 'peakMemory', 'requests', 'received', 'sent'] as const;
export type Measure = (typeof MEASURES)[number];

export function figuresOf(outcome: Outcome | undefined): Figures | undefined {
  return outcome !== undefined && 'figures' in outcome ? outcome.figures : undefined;
}
