import type { Copy } from './copy';
import { isIndex } from './descriptor';

/** Manifests of an official image: an index, and eight platforms with an attestation each. */
const INDEX_PULLS = 17;

/** Pulls that a copy is expected to take from its source: each manifest that is read is one. */
export function expectedPulls({
  root,
  platforms,
  destinations,
}: Pick<Copy, 'root' | 'platforms' | 'destinations'>): number {
  // What is whole is not read at the source.
  if (destinations.every(({ why }) => why === 'verify')) return 0;
  if (!isIndex(root.mediaType)) return 1;
  return platforms === undefined ? INDEX_PULLS : Math.min(INDEX_PULLS, 1 + 2 * platforms.length);
}

/** A copy with what spreading goes by. */
export interface Candidate {
  readonly copy: Copy;
  /** Which budget it is counted by. @default - its source does not count */
  readonly budget?: string;
  readonly pulls: number;
  /** Since when it waits: the oldest goes first. Anything that sorts. */
  readonly since: number;
}

export interface Spread {
  readonly now: readonly Copy[];
  readonly later: readonly Candidate[];
}

/**
 * Which copies fit into what may be pulled now, the oldest first. None overtakes an older one of the same budget, so that what
 * needs much gets its turn; what needs more than a whole window gives begins when that window is whole.
 *
 * @param budgets free pulls now, and how many there are at most, by name
 */
export function spreadCopies(
  candidates: readonly Candidate[],
  budgets: ReadonlyMap<string, { readonly free: number; readonly most: number }>,
): Spread {
  const left = new Map([...budgets].map(([name, { free }]) => [name, free]));
  const closed = new Set<string>();
  const later = new Set<Candidate>();
  for (const candidate of [...candidates].sort((a, b) => a.since - b.since)) {
    const { budget, pulls } = candidate;
    const known = budget === undefined ? undefined : budgets.get(budget);
    if (budget === undefined || known === undefined) continue;
    const free = left.get(budget) ?? 0;
    if (closed.has(budget) || free < 1 || Math.min(pulls, known.most) > free) {
      closed.add(budget);
      later.add(candidate);
    } else left.set(budget, Math.max(0, free - pulls));
  }
  return {
    now: candidates.filter((one) => !later.has(one)).map(({ copy }) => copy),
    later: [...later],
  };
}
