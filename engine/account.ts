import {
  type Budget,
  clockOffset,
  MADE_UP,
  openBudget,
  type Stretch,
  share,
  span,
  stretchBefore,
  takenFrom,
  wait,
} from '../lib/model/budget';
import type { Quota } from '../lib/model/quota';
import { lowered, raised } from '../lib/model/tuning';
import { type Ledger, type LedgerAnswer, memoryLedger } from './ledger';
import type { Clock } from './ports';

/** A stretch of a budget's time, and the rate it was counted by. */
export type Taken = Stretch & { readonly since: number };

/** A budget as one process sees it. */
export interface Account {
  /** The clock of the budget, in milliseconds. */
  now(): number;
  /** Takes time for so many requests, or for fewer, when it is to be had. Never rejects: without a ledger it is taken here. */
  take(wanted: number): Promise<Taken>;
  /** A request was refused that was sent under this rate. Says whether the rate is another one now. Never rejects. */
  refused(since: number): Promise<boolean>;
  /** So many requests of the last stretch will not be sent. Never rejects. */
  giveBack(count: number): Promise<void>;
}

/** What keeping to a quota asks of the world. */
export interface AccountWorld {
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** Told when the ledger does not answer; this process then keeps to the quota by itself. @default - nobody is */
  readonly onTrouble?: (quota: string, cause: unknown) => void;
  /** 0 to 1, for waits that should not all end together. @default Math.random */
  readonly random?: () => number;
  /** Aborted when nothing is to be waited for any more. */
  readonly signal?: AbortSignal;
}

/** Tries of one lease, when others change the budget or have taken all there is: the waits between them are minutes in all. */
const MOST_TRIES = 100;
/** Milliseconds; who has to wait comes back at some time within so many more, and as many again each time. */
const SPREAD = 1_000;

export function openAccount(quota: Quota, world: AccountWorld): Account {
  const alone = new Bookkeeping(quota, { ...world, ledger: memoryLedger() });
  const shared = new Bookkeeping(quota, world);
  const trouble = (cause: unknown) => world.onTrouble?.(quota.key, cause);
  return {
    now: () => shared.now(),
    async take(wanted) {
      try {
        return await shared.take(wanted);
      } catch (cause) {
        if (world.signal?.aborted !== true) trouble(cause);
        const taken = await alone.take(wanted);
        return { ...taken, from: taken.from - alone.now() + shared.now() };
      }
    },
    async refused(since) {
      try {
        return await shared.refused(since);
      } catch (cause) {
        trouble(cause);
        return false;
      }
    },
    async giveBack(count) {
      try {
        if (count > 0) await shared.giveBack(count);
      } catch (cause) {
        trouble(cause);
      }
    },
  };
}

/** What is known of a budget, and the changes that it takes. */
class Bookkeeping {
  private offset = 0;
  private seen: Budget | undefined;
  /** Milliseconds that were handed out beforehand when this process last took some, or found that it could not. */
  private backlog = 0;

  constructor(
    private readonly quota: Quota,
    private readonly world: AccountWorld,
  ) {}

  now(): number {
    return Math.round(this.world.clock.now() + this.offset);
  }

  async take(wanted: number): Promise<Taken> {
    for (let attempt = 1; attempt <= MOST_TRIES; attempt++) {
      await this.untilFree(attempt);
      const budget = this.seen ?? openBudget(this.quota.rate, this.now());
      const count = share(budget, wanted, this.backlog);
      const answer = this.learn(await this.handOut(budget, count));
      if (!answer.done || answer.budget === undefined) {
        this.backlog = (answer.budget?.next ?? 0) - this.now();
        continue;
      }
      const stretch = stretchBefore(answer.budget, count);
      this.backlog = stretch.from - this.now();
      await this.considerMore(answer.budget, stretch);
      return { ...stretch, since: answer.budget.since };
    }
    throw new Error(`budget ${this.quota.key}: got nothing in ${MOST_TRIES} tries; others have taken it`);
  }

  async refused(since: number): Promise<boolean> {
    const { seen } = this;
    if (seen === undefined || seen.since !== since) return false;
    const tuning = lowered(seen, this.quota.rate, this.now());
    if (tuning === undefined) return false;
    this.learn(await this.world.ledger.tune(this.quota.key, seen, tuning));
    return true;
  }

  async giveBack(count: number): Promise<void> {
    const { seen } = this;
    if (seen === undefined) return;
    const by = span(seen, count);
    const now = this.now();
    await this.world.ledger.extend(this.quota.key, {
      since: seen.since,
      earliest: now + by,
      latest: Number.MAX_SAFE_INTEGER,
      by: -by,
      at: now,
    });
  }

  /** Waits while more was handed out than should be beforehand. */
  private async untilFree(attempt: number): Promise<void> {
    const left = this.seen === undefined ? 0 : wait(this.seen, this.now());
    if (left === 0) return;
    const spread = SPREAD * attempt * (this.world.random ?? Math.random)();
    await this.world.clock.sleep(left + spread, this.world.signal);
  }

  private handOut(budget: Budget, count: number): Promise<LedgerAnswer> {
    const { ledger } = this.world;
    const { key } = this.quota;
    const now = this.now();
    const by = span(budget, count);
    // Others may have taken some since it was seen: that does no harm as long as it is neither long past nor far ahead.
    if (this.seen !== undefined && budget.next >= now - MADE_UP) {
      return ledger.extend(key, { since: budget.since, ...takenFrom(budget, count, now), by, at: now });
    }
    return ledger.restart(key, this.seen, { ...budget, next: now - MADE_UP + by, at: now });
  }

  private learn(answer: LedgerAnswer): LedgerAnswer {
    const own = this.world.clock.now();
    if (answer.before !== undefined) this.offset = clockOffset(this.offset, own, { at: answer.before });
    if (answer.budget !== undefined) this.offset = clockOffset(this.offset, own, answer.budget);
    this.seen = answer.budget;
    return answer;
  }

  /** Only who finds the time taken has had to wait. */
  private async considerMore(budget: Budget, { from }: Stretch): Promise<void> {
    const now = this.now();
    if (from < now - MADE_UP / 2) return;
    const tuning = raised(budget, this.quota.rate, now);
    if (tuning !== undefined) this.learn(await this.world.ledger.tune(this.quota.key, budget, tuning));
  }
}
