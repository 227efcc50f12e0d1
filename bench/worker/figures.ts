import type { PutImage } from './ground';

/** From so many seconds after the first PutImage on, so many a second. */
export interface Phase {
  readonly from: number;
  readonly rate: number;
}

export interface Figures {
  readonly taken: number;
  readonly refused: number;
  /** Between the first and the last that was taken. */
  readonly seconds: number;
  /** Share of what the quota allowed in that time. */
  readonly used: number;
  /** Taken in each second. */
  readonly trace: readonly number[];
  readonly refusals: readonly number[];
}

export function figuresOf(puts: readonly PutImage[], phases: readonly Phase[]): Figures {
  const taken = puts.filter(({ record }) => record.status === 201);
  const refused = puts.filter(({ record }) => record.status === 429);
  const first = taken[0]?.at ?? 0;
  const seconds = ((taken.at(-1)?.at ?? 0) - first) / 1000;
  const allowed = phases.reduce((sum, { from, rate }, i) => {
    const until = Math.min(seconds, phases[i + 1]?.from ?? seconds);
    return sum + Math.max(0, until - from) * rate;
  }, 0);
  return {
    taken: taken.length,
    refused: refused.length,
    seconds,
    used: taken.length / allowed,
    trace: bySecond(taken, first, seconds),
    refusals: bySecond(refused, first, seconds),
  };
}

function bySecond(puts: readonly PutImage[], first: number, seconds: number): readonly number[] {
  const counts = new Array<number>(Math.floor(seconds) + 1).fill(0);
  for (const { at } of puts) {
    const second = Math.floor((at - first) / 1000);
    if (second >= 0 && second < counts.length) counts[second] = (counts[second] ?? 0) + 1;
  }
  return counts;
}

const BARS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** A bar for each number; the highest stands for `most` and more. */
export function sparkline(numbers: readonly number[], most: number): string {
  return numbers.map((number) => BARS[Math.min(8, Math.ceil((8 * number) / most))]).join('');
}

/** Lines of at most so many bars. */
export function wrapped(line: string, width: number): readonly string[] {
  const characters = [...line];
  const lines = Math.ceil(characters.length / width);
  return Array.from({ length: lines }, (_, i) => characters.slice(i * width, (i + 1) * width).join(''));
}
