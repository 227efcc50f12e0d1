import type { Side } from '../../engine/errors';
import { endingsOf, type Fault, refusing } from '../fault/fault';
import { FAMILIES } from '../fault/faults';
import type { Exchange } from '../fault/proxy';
import { askedFor, at } from '../fault/target';
import { chances } from '../fault/when';

/** What goes wrong while many mirrors are served for long: those of the matrix after which a copy is exact. */
const NAMES = [
  'cuts an answer before its first byte',
  'cuts an answer in the middle',
  'cuts an answer before its last byte',
  'cuts a blob in the middle and refuses ranges',
  'flips a byte',
  'takes a request and says nothing',
  'takes a blob and says nothing',
  'stops in the middle of an answer',
  'answers 429 without Retry-After',
  'answers 500',
  'answers 502',
  'answers 503',
  'answers 504',
  'says that a token has run out',
  'closes the connection before it answers',
  'closes the connection after each answer without saying so',
  'loses an upload session',
  'accepts a blob and forgets it',
  'takes half a blob and closes the connection',
  'stores a blob and closes the connection before it says so',
];

const LIMITED = [
  ...at('source', 'blob', 'manifest', 'head', 'tags', 'referrers'),
  ...at('destination', 'open', 'upload', 'push'),
];

/** As in the matrix, but there the clock is a hasty one: whoever waits for many of these waits for real. */
const limits = (how: string, after: () => string): Fault => ({
  name: `answers 429 with ${how}`,
  places: LIMITED,
  strike: (exchange) => refusing(429, 'TOOMANYREQUESTS', 'slow down', { 'retry-after': after() })(exchange),
  always: /429/,
});

export const MIX: readonly Fault[] = [
  ...NAMES.map(named),
  limits('a second to wait', () => '1'),
  limits('a date to wait for, soon', () => new Date(Date.now() + 2_000).toUTCString()),
];

function named(name: string): Fault {
  const found = FAMILIES.flatMap(({ faults }) => faults).find((fault) => fault.name === name);
  if (found === undefined) throw new Error(`mix of faults: got ${name}; the name of a fault of the matrix would do`);
  return found;
}

/** The fault that a request meets, if any: a share of all that can meet one, the same at each run of the same seed. */
export function mixOf(seed: number, share: number): (side: Side, exchange: Exchange) => Fault | undefined {
  const chance = chances(seed);
  return (side, { target, method, path }) => {
    const faults = MIX.filter((fault) => mends(fault, side, target));
    const drawn = chance(`${side} ${askedFor(method, path)}`) / share;
    return drawn < 1 ? faults[Math.floor(drawn * faults.length)] : undefined;
  };
}

/** Whether it strikes there, and asking again brings the image. */
function mends(fault: Fault, side: Side, target: Exchange['target']): boolean {
  const strikes = fault.places.some((place) => place.side === side && place.target === target);
  return strikes && endingsOf(fault, target, 'once').includes('exact');
}
