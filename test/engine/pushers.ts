import { type Ledger, memoryLedger } from '../../engine/ledger';
import { budgetLimiter } from '../../engine/limiter';
import type { Clock } from '../../engine/ports';
import { newBuckets } from '../../local/registry/throttle';
import { randomFrom } from '../fakes/random';
import type { VirtualClock } from '../fakes/virtual-clock';

export const PUT = { registry: '123456789012.dkr.ecr.us-east-1.amazonaws.com', method: 'PUT', kind: 'manifest' };

/** Workers that push images at once to one account, each through a limiter of its own. */
export interface Pushers {
  /** Manifests that each worker has to push; one is sent again until it is taken. */
  readonly loads: readonly number[];
  /** Images that a worker has in its hands at once. @default 4 */
  readonly hands?: number;
  /** Milliseconds before an image's manifest is to be sent. @default 50 */
  readonly work?: number;
  /** Milliseconds that each worker's clock is wrong. @default - none is */
  readonly skews?: readonly number[];
  /** Seconds after which a worker is killed. @default - none is */
  readonly kills?: Readonly<Record<number, number>>;
  /** PutImage a second, from a second on. @default - 10 */
  readonly limits?: Readonly<Record<number, number>>;
  readonly ledger?: Ledger;
  /** What chance is made of: the same each time. @default 1 */
  readonly seed?: number;
}

export interface Pushed {
  /** Milliseconds of each answer since the beginning, and whether it was 429. */
  readonly answers: readonly { readonly at: number; readonly refused: boolean }[];
  /** Changes of the ledger. */
  readonly writes: number;
  readonly taken: number;
  readonly refused: number;
  /** Share of what the quota lets through between the first and the last that was taken. */
  readonly used: number;
}

const LEDGER_TAKES = 4;
const REQUEST_TAKES = 30;

export async function push(time: VirtualClock, given: Pushers): Promise<Pushed> {
  const limits = Object.entries(given.limits ?? { 0: 10 }).map(([from, rate]) => ({ from: Number(from) * 1000, rate }));
  const buckets = newBuckets({ PutImage: limits[0]?.rate ?? 10 }, time);
  const counted = { writes: 0 };
  const random = randomFrom(given.seed ?? 1);
  const ledger = slow(given.ledger ?? memoryLedger(), time, counted, random);
  const start = time.now();
  const answers: { at: number; refused: boolean }[] = [];
  const ask = async () => {
    await time.sleep(REQUEST_TAKES / 2);
    const answer = { at: time.now() - start, refused: false };
    try {
      buckets.spend('PutImage');
    } catch {
      answer.refused = true;
    }
    answers.push(answer);
    await time.sleep(REQUEST_TAKES / 2);
    return answer.refused;
  };
  const ended = new AbortController();
  for (const { from, rate } of limits.slice(1)) {
    time.sleep(from, ended.signal).then(
      () => buckets.limit({ PutImage: rate }),
      () => undefined,
    );
  }
  const workers = given.loads.map((load, i) => work({ time, ask, ledger, given, load, random }, i));
  await time.passUntil(Promise.all(workers));
  ended.abort();
  return { answers, writes: counted.writes, ...summary(answers, limits) };
}

interface Worker {
  readonly time: VirtualClock;
  readonly ask: () => Promise<boolean>;
  readonly ledger: Ledger;
  readonly given: Pushers;
  readonly load: number;
  readonly random: () => number;
}

async function work({ time, ask, ledger, given, load, random }: Worker, index: number): Promise<void> {
  const clock: Clock = time.wrongBy(given.skews?.[index] ?? 0);
  const limiter = budgetLimiter({ ledger, clock, random });
  const kill = given.kills?.[index];
  const deadline = kill === undefined ? Number.POSITIVE_INFINITY : time.now() + kill * 1000;
  let left = load;
  const hand = async () => {
    while (left > 0) {
      left--;
      await time.sleep((given.work ?? 50) * (0.5 + random()));
      for (let refused = true; refused; ) {
        const admission = await limiter.admit(PUT);
        if (time.now() > deadline) return;
        refused = await ask();
        if (refused) {
          admission?.refused();
          await time.sleep(random() * 500);
        }
      }
    }
  };
  await Promise.all(Array.from({ length: given.hands ?? 4 }, hand));
  if (time.now() < deadline) await limiter.close();
}

function slow(ledger: Ledger, time: Clock, counted: { writes: number }, random: () => number): Ledger {
  const taking = async <T>(work: () => Promise<T>): Promise<T> => {
    counted.writes++;
    await time.sleep(LEDGER_TAKES * random());
    const answer = await work();
    await time.sleep(LEDGER_TAKES * random());
    return answer;
  };
  return {
    extend: (...given) => taking(() => ledger.extend(...given)),
    restart: (...given) => taking(() => ledger.restart(...given)),
    tune: (...given) => taking(() => ledger.tune(...given)),
  };
}

function summary(answers: Pushed['answers'], limits: readonly { from: number; rate: number }[]) {
  const taken = answers.filter(({ refused }) => !refused);
  const first = taken[0]?.at ?? 0;
  const last = taken.at(-1)?.at ?? 0;
  const allowed = limits.reduce((sum, { from, rate }, i) => {
    const until = Math.min(last, limits[i + 1]?.from ?? last);
    return sum + (Math.max(0, until - Math.max(first, from)) / 1000) * rate;
  }, 0);
  return { taken: taken.length, refused: answers.length - taken.length, used: taken.length / Math.max(1, allowed) };
}
