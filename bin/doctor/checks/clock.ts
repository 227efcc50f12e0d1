import { formatSeconds } from '../../../terminal/format';
import { type Finding, ok, unknown, warning, wrong } from '../finding';
import type { Ground } from '../ground';
import type { Check } from '../run-checks';

/** What somebody's clock says. */
export interface Reading {
  readonly place: string;
  /** Seconds that it is ahead of ours. */
  readonly ahead: number;
}

/** Seconds: Signature Version 4 is refused beyond five minutes; tokens live that long, too. */
const WRONG = 300;
const DOUBTFUL = 60;

/** Whether this machine's clock is right, by what registries and AWS say the time is. */
export const checkClock: Check = {
  code: 'DOCTOR-CLOCK',
  about: 'clock',
  look: async (ground) => judgeClock(await readClocks(ground)),
};

async function readClocks(ground: Ground): Promise<readonly Reading[]> {
  const asked: readonly (readonly [string, () => Promise<{ readonly ahead?: number }>])[] = [
    ...(ground.usesAws ? [['AWS', ground.caller] as const] : []),
    ...ground.places.registries.map((registry) => [registry, () => ground.ping(registry)] as const),
  ];
  // Who does not answer is told of elsewhere.
  const answers = await Promise.allSettled(asked.map(([, ask]) => ask()));
  return answers.flatMap((answer, at) => {
    const ahead = answer.status === 'fulfilled' ? answer.value.ahead : undefined;
    return ahead === undefined ? [] : [{ place: asked[at]?.[0] ?? '', ahead }];
  });
}

/**
 * Most clocks are right: ours is judged by the one in their middle, and each of the others by the same. Of two in the middle the one
 * nearer to ours counts.
 */
export function judgeClock(readings: readonly Reading[]): readonly Finding[] {
  const sorted = readings.map(({ ahead }) => ahead).sort((a, b) => a - b);
  const middle = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.ceil((sorted.length - 1) / 2)]];
  const [one, other] = middle;
  if (one === undefined || other === undefined) {
    return [unknown('DOCTOR-CLOCK', 'this machine', 'nobody who was asked said what time it is')];
  }
  const truth = Math.abs(one) <= Math.abs(other) ? one : other;
  const strays = readings.filter(({ ahead }) => Math.abs(ahead - truth) > DOUBTFUL);
  return [judgeOurs(truth, readings.length), ...strays.map((reading) => judgeStray(reading, truth))];
}

function judgeOurs(truth: number, hosts: number): Finding {
  const off = Math.abs(truth);
  const place = 'this machine';
  // A `Date` has whole seconds, and an answer takes its time.
  if (off <= DOUBTFUL) {
    const within = off < 5 ? 'a few seconds' : formatSeconds(off);
    return ok(
      'DOCTOR-CLOCK',
      place,
      `its clock is right within ${within}, by ${hosts === 1 ? '1 host' : `${hosts} hosts`}`,
    );
  }
  const saw = `its clock is ${formatSeconds(off)} ${truth > 0 ? 'behind' : 'ahead'}`;
  if (off <= WRONG) return warning('DOCTOR-CLOCK', place, saw);
  return wrong('DOCTOR-CLOCK', place, `${saw}: AWS refuses what is signed by it`);
}

function judgeStray({ place, ahead }: Reading, truth: number): Finding {
  const off = ahead - truth;
  const saw = `its clock is ${formatSeconds(Math.abs(off))} ${off > 0 ? 'ahead of' : 'behind'} the others`;
  const remedy = 'tell whoever runs it, or the proxy that answers for it';
  return Math.abs(off) > WRONG
    ? wrong('DOCTOR-CLOCK', place, `${saw}: its tokens may have expired when they come`, remedy)
    : warning('DOCTOR-CLOCK', place, saw, remedy);
}
