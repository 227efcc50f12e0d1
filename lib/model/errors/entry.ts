import type { FailureCause } from '../outcome';

/** What there is to say about one code. Sentences, with commands in backquotes. */
export interface ErrorEntry {
  /** What has happened. */
  readonly meaning: string;
  /** Where to look further. */
  readonly look: string;
  /** What to do about it. */
  readonly remedy: string;
  /** On which side of a copy it can be. @default - on neither: it is about the mirror, or about who asks for it */
  readonly sides?: readonly ('source' | 'destination')[];
  /** What a failure of this name may ask for, the usual one first; exit codes follow from it. Empty: a finding, no failure. */
  readonly asks: readonly FailureCause[];
}

export const BOTH = ['source', 'destination'] as const;
