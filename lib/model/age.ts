import { parseEvery } from './every';
import { InvalidValue } from './invalid';

/** Seconds: what was seen is remembered for longer than that. */
const LONGEST_AGE = 90 * 86_400;
const UNITS = { d: 86_400, h: 3600, m: 60, s: 1 } as const;

/** Seconds of an age such as `3d` or `1d12h`. @throws InvalidValue unless it is one of at most 90 days */
export function parseAge(text: string): number {
  const age = intervalOf(text);
  if (age === undefined) throw new InvalidValue('age', text, 'one such as 3d or 12h would do');
  if (age > LONGEST_AGE) throw new InvalidValue('age', text, `at most ${formatAge(LONGEST_AGE)} would do`);
  return age;
}

/** An age as it may be written in a row. */
export function formatAge(seconds: number): string {
  let left = seconds;
  let text = '';
  for (const [unit, length] of Object.entries(UNITS)) {
    const count = Math.floor(left / length);
    left -= count * length;
    if (count > 0) text += `${count}${unit}`;
  }
  return text;
}

function intervalOf(text: string): number | undefined {
  try {
    const every = parseEvery(text);
    return every.kind === 'interval' ? every.seconds : undefined;
  } catch (error) {
    if (error instanceof InvalidValue) return undefined;
    throw error;
  }
}
