import {
  backAt,
  freePulls,
  heardChange,
  isKnownToCount,
  PULL_RESERVE,
  type PullBudget,
  type PullLimit,
  parsePullLimit,
  reserveOf,
  settledAfter,
  shortLine,
  UNNAMED,
} from '../lib/model/pulls';
import type { CountedRequest } from '../lib/model/quota';
import { PutOff } from './errors';
import type { Admission, Clock } from './ports';
import { memoryPulls, type PullKey, type PullLedger } from './pull-ledger';

/** Who is counted at one registry, as a process tells them apart: more names than these are of nobody. */
const MOST_SOURCES = 16;

/** What keeping to the pulls of registries asks of the world. */
export interface PullsWorld {
  /** @default - the memory of this process */
  readonly pulls?: PullLedger;
  readonly clock: Clock;
  /** Of a limit, what is left for others who are counted as the same. 0 to 1. @default 0.1 */
  readonly pullReserve?: number;
  /** Told when the ledger does not answer; this process then counts by itself. @default - nobody is */
  readonly onTrouble?: (quota: string, cause: unknown) => void;
}

/** An answer to a question about a manifest. */
export interface PullAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** What one process knows of one budget. */
interface Known extends PullKey {
  seen?: PullBudget;
  said: PullLimit;
  /** What was heard and is not in the ledger yet, and who brings it there. */
  waiting?: PullLimit;
  bringing?: Promise<void>;
  /** When the ledger was last asked in vain. */
  refused?: number;
  /** Pulls that were taken and not sent. */
  spare: number;
}

/**
 * Keeps to the pulls that registries count, together with all who use the same ledger. Nothing is known of a registry before
 * its first answer: who asks by HEAD first knows in time.
 */
export class Pulls {
  /** By registry and who is counted. */
  private readonly budgets = new Map<string, Map<string, Known>>();
  /** Who is counted where: by registry and account, and by repository. Undefined: the registry counts nobody. */
  private readonly byAccount = new Map<string, Known | undefined>();
  private readonly byRepository = new Map<string, Known>();
  private readonly alone = memoryPulls();
  private readonly shared: PullLedger;

  constructor(private readonly world: PullsWorld) {
    this.shared = world.pulls ?? memoryPulls();
  }

  /** Of a limit, what is left for others who are counted as the same. */
  get reserve(): number {
    return this.world.pullReserve ?? PULL_RESERVE;
  }

  /** Whether a registry counts pulls, as far as is known. */
  counts(registry: string): boolean {
    const known = this.of(registry);
    return known.length === 0 ? isKnownToCount(registry) : known.some((one) => one !== undefined);
  }

  /** Whether to ask by HEAD, which is no pull, before the first pull. */
  asksFirst(registry: string): boolean {
    return isKnownToCount(registry) && this.of(registry).length === 0;
  }

  /** Listens to an answer about a manifest. @returns why to stop, if it was refused because no pulls are left */
  heard({ registry, account }: CountedRequest, repository: string, answer: PullAnswer): PutOff | undefined {
    const said = parsePullLimit(answer.headers);
    const name = accountOf(registry, account);
    if (said === undefined) {
      if (answer.status === 200 && !this.byAccount.has(name)) this.byAccount.set(name, undefined);
      return undefined;
    }
    const known = this.known(registry, said);
    this.byAccount.set(name, known);
    this.byRepository.set(repository, known);
    known.said = said;
    if (known.seen === undefined || heardChange(known.seen, said, this.now()) !== undefined) this.bring(known, said);
    if (answer.status !== 429 || said.remaining > 0) return undefined;
    return new PutOff(this.line(known, { ...(known.seen ?? this.assumed(said)), left: 0 }));
  }

  /**
   * Takes one pull from the budget that the request counts against, if it is known.
   *
   * @throws PutOff when none is left but those that are kept for others
   */
  async admit({ registry, account }: CountedRequest): Promise<Admission | undefined> {
    const known = this.byAccount.get(accountOf(registry, account));
    if (known === undefined) return undefined;
    await known.bringing;
    if (known.spare > 0) known.spare -= 1;
    else await this.take(known);
    return {
      refused: () => undefined,
      unused: () => {
        known.spare += 1;
      },
    };
  }

  /** Who is counted for a repository that was asked something. @default - its registry does not count, or was not asked */
  keyOf(repository: string): PullKey | undefined {
    return this.byRepository.get(repository);
  }

  /** The budgets of a registry as they are now, by who is counted. */
  async read(registry: string): Promise<ReadonlyMap<string, PullBudget>> {
    await Promise.all(this.of(registry).map((known) => known?.bringing));
    try {
      return await this.shared.read(registry);
    } catch (cause) {
      this.world.onTrouble?.(registry, cause);
      return this.alone.read(registry);
    }
  }

  private async take(known: Known): Promise<void> {
    const { seen } = known;
    const now = this.now();
    const wait = known.refused === undefined ? 0 : known.refused + settledAfter(known.said.window) - now;
    if (seen !== undefined && wait > 0 && this.free(seen) < 1) throw new PutOff(this.line(known, seen));
    let answer = await this.takeOne(known);
    if (!answer.done && answer.budget !== undefined && now >= backAt(answer.budget)) {
      // Nobody has pulled for a whole window: whatever it said then, all are back.
      await this.hear(known, { ...known.said, remaining: answer.budget.limit });
      answer = await this.takeOne(known);
    }
    known.seen = answer.budget ?? known.seen;
    if (answer.done) return;
    known.refused = now;
    throw new PutOff(this.line(known, known.seen ?? this.assumed(known.said)));
  }

  private async takeOne(known: Known) {
    const floor = reserveOf(known.said.limit, this.reserve);
    try {
      return await this.shared.take(known, floor, this.now());
    } catch (cause) {
      this.world.onTrouble?.(known.registry, cause);
      await this.alone.hear(known, known.said, this.now());
      return this.alone.take(known, floor, this.now());
    }
  }

  /** Brings what was heard into the ledger: one at a time, and of what was heard meanwhile the last. */
  private bring(known: Known, said: PullLimit): void {
    known.waiting = said;
    known.bringing ??= (async () => {
      for (let next = known.waiting; next !== undefined; next = known.waiting) {
        known.waiting = undefined;
        await this.hear(known, next);
      }
      known.bringing = undefined;
    })();
  }

  private async hear(known: Known, said: PullLimit): Promise<void> {
    try {
      known.seen = await this.shared.hear(known, said, this.now(), known.seen);
    } catch (cause) {
      this.world.onTrouble?.(known.registry, cause);
      known.seen = await this.alone.hear(known, said, this.now());
    }
  }

  private known(registry: string, said: PullLimit): Known {
    const sources = this.budgets.get(registry) ?? new Map<string, Known>();
    this.budgets.set(registry, sources);
    const source = sources.has(said.source) || sources.size < MOST_SOURCES ? said.source : UNNAMED;
    const known = sources.get(source) ?? { registry, source, said, spare: 0 };
    sources.set(source, known);
    return known;
  }

  private of(registry: string): readonly (Known | undefined)[] {
    const prefix = accountOf(registry, '');
    return [...this.byAccount].flatMap(([name, known]) => (name.startsWith(prefix) ? [known] : []));
  }

  private free(budget: PullBudget): number {
    return freePulls(budget, this.now(), this.reserve);
  }

  private line({ registry, source }: PullKey, budget: PullBudget): string {
    return shortLine(registry, source, budget, this.now(), this.reserve);
  }

  private assumed({ limit, remaining, window }: PullLimit): PullBudget {
    return { limit, window, left: remaining, heard: this.now() };
  }

  private now(): number {
    return this.world.clock.now();
  }
}

function accountOf(registry: string, account = ''): string {
  return `${registry} ${account}`;
}
