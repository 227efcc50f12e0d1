import type { Quota } from '../lib/model/quota';
import { type Account, type AccountWorld, openAccount } from './account';
import type { Admission } from './ports';

interface Waiting {
  readonly enter: (admission: Admission) => void;
}

/** A request that may be sent: when, and under which rate it was taken from the budget. */
interface Permit {
  readonly due: number;
  readonly since: number;
}

/** Milliseconds after which a permit that nobody had use for is gone. */
const GOES_STALE = 1_000;
/** Milliseconds of past use from which it is guessed how many permits to take beyond those that are waited for. */
const RECENTLY = 1_000;
/** Of a second's worth: what is taken at least, if others need not wait for it. */
const LEAST = 1 / 5;

/** One quota within this process: a queue of requests, and the permits that were taken from the budget for them. */
export class Allowance {
  private readonly account: Account;
  private readonly waiting: Waiting[] = [];
  private permits: Permit[] = [];
  private admitted: number[] = [];
  private serving = false;
  /** What is free is so no longer once it was refused. */
  private free: number;
  private readonly closing = new AbortController();

  constructor(
    private readonly quota: Quota,
    private readonly world: Omit<AccountWorld, 'signal'>,
  ) {
    this.account = openAccount(quota, { ...world, signal: this.closing.signal });
    this.free = quota.free;
  }

  /** In the order in which they came. */
  admit(signal?: AbortSignal): Promise<Admission> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (this.isFree()) return resolve(this.goFree());
      const leave = () => {
        const place = this.waiting.indexOf(waiting);
        if (place >= 0) this.waiting.splice(place, 1);
        reject(signal?.reason);
      };
      const waiting: Waiting = {
        enter: (admission) => {
          signal?.removeEventListener('abort', leave);
          resolve(admission);
        },
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.waiting.push(waiting);
      if (!this.serving) void this.serve();
    });
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.account.giveBack(this.fresh().length);
    this.permits = [];
  }

  private isFree(): boolean {
    return this.waiting.length === 0 && this.recentlyAdmitted() < this.free;
  }

  private goFree(): Admission {
    this.admitted.push(this.account.now());
    return {
      refused: () => {
        this.free = 0;
      },
    };
  }

  /** Lets in who waits, as permits become due. Closed, it lets everybody in: what is still to be sent is little. */
  private async serve(): Promise<void> {
    this.serving = true;
    while (this.waiting.length > 0) {
      const permit = await this.nextPermit();
      const first = this.waiting.shift();
      if (first === undefined) {
        this.permits.unshift(permit);
        break;
      }
      this.admitted.push(this.account.now());
      first.enter({ refused: () => void this.refused(permit) });
    }
    this.serving = false;
  }

  /** Takes the next permit when it is due. */
  private async nextPermit(): Promise<Permit> {
    this.permits = this.fresh();
    if (this.permits.length === 0) this.permits = await this.take();
    const [next = { due: 0, since: 0 }] = this.permits;
    try {
      const early = next.due - this.account.now();
      if (early > 0) await this.world.clock.sleep(early, this.closing.signal);
    } catch {
      // Closed meanwhile.
    }
    return this.permits.shift() ?? next;
  }

  private fresh(): Permit[] {
    const oldest = this.account.now() - GOES_STALE;
    return this.permits.filter(({ due }) => due > oldest);
  }

  private async take(): Promise<Permit[]> {
    const least = Math.ceil(this.quota.rate * LEAST);
    const wanted = Math.max(least, this.waiting.length + this.recentlyAdmitted());
    const { from, interval, count, since } = await this.account.take(wanted);
    return Array.from({ length: count }, (_, i) => ({ due: from + i * interval, since }));
  }

  private recentlyAdmitted(): number {
    const oldest = this.account.now() - RECENTLY;
    this.admitted = this.admitted.filter((time) => time > oldest);
    return this.admitted.length;
  }

  /** Those that were taken at the same time would be refused as well. */
  private async refused({ since }: Permit): Promise<void> {
    if (await this.account.refused(since)) this.permits = this.permits.filter((permit) => permit.since !== since);
  }
}
