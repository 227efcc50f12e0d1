import { Gate } from '../gate';

/** How one request went, as far as it says how many at once would do. */
export interface Sample {
  /** Until the head of the answer. */
  readonly milliseconds: number;
  /** What is compared with its like: a listing takes longer than a HEAD. */
  readonly kind: string;
  /** 429: the registry wants fewer. */
  readonly refused: boolean;
  /** Others waited for their turn meanwhile; else nothing is known of what more of them would do. */
  readonly wanted: boolean;
}

/** What is known of a registry. */
export interface PaceState {
  /** Requests at once; the part after the point is on its way to one more. */
  readonly limit: number;
  /** Nothing has spoken against more yet: each answer makes room for another request. */
  readonly opening: boolean;
  /** Answers still to come that were asked before the last cut and say nothing new. */
  readonly stale: number;
  /** Milliseconds of the quickest answer of each kind. */
  readonly quickest: Readonly<Record<string, number>>;
  /** Milliseconds more than the quickest that answers take, smoothed. */
  readonly delay: number;
}

export interface PaceBounds {
  readonly least: number;
  readonly most: number;
}

/** Milliseconds; a queue so short does not matter. */
const TOLERATED = 150;
const SMOOTHING = 0.1;
/** Of the longer ways of a far registry, some part is chance. */
const SLOW = 2;

/**
 * One answer later: more at once while answers stay quick and are waited for, a little fewer when they begin to queue up, half
 * as many when the registry asks for that. As TCP does with packets (RFC 5681, section 3.1), and delay-based variants of it.
 */
export function paced(state: PaceState, sample: Sample, { least, most }: PaceBounds): PaceState {
  if (sample.refused) {
    if (state.stale > 0) return { ...state, stale: state.stale - 1 };
    return { ...state, limit: Math.max(least, state.limit / 2), opening: false, stale: Math.floor(state.limit) };
  }
  const quickest = Math.min(sample.milliseconds, state.quickest[sample.kind] ?? Number.POSITIVE_INFINITY);
  const delay = state.delay + SMOOTHING * (sample.milliseconds - quickest - state.delay);
  const known = {
    ...state,
    stale: Math.max(0, state.stale - 1),
    quickest: { ...state.quickest, [sample.kind]: quickest },
    delay,
  };
  if (delay > TOLERATED && delay > SLOW * quickest) {
    return { ...known, opening: false, limit: Math.max(least, state.limit - 1 / state.limit) };
  }
  if (!sample.wanted) return known;
  return { ...known, limit: Math.min(most, state.limit + (state.opening ? 1 : 1 / state.limit)) };
}

const LEAST = 2;
const AT_FIRST = 32;

/** Lets as many requests to one registry go at once as it answers well. */
export class Pace {
  private readonly gate: Gate;
  private readonly bounds: PaceBounds;
  private state: PaceState;

  constructor(most: number) {
    const limit = Math.min(AT_FIRST, most);
    this.bounds = { least: Math.min(LEAST, most), most };
    this.state = { limit, opening: true, stale: 0, quickest: {}, delay: 0 };
    this.gate = new Gate(limit);
  }

  /** Requests at once, at the moment. */
  get limit(): number {
    return Math.floor(this.state.limit);
  }

  run<T extends { readonly status: number }>(kind: string, request: () => Promise<T>): Promise<T> {
    return this.gate.run(async () => {
      const began = performance.now();
      const answer = await request();
      const milliseconds = performance.now() - began;
      this.learn({ kind, milliseconds, refused: answer.status === 429, wanted: this.gate.isWaitedFor });
      return answer;
    });
  }

  private learn(sample: Sample): void {
    this.state = paced(this.state, sample, this.bounds);
    this.gate.resize(this.limit);
  }
}
