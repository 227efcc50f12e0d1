import type { Fault } from '../fault';
import { FAMILIES } from '../faults';
import type { Case } from '../matrix';
import type { Place, Target } from '../target';
import { ALWAYS, ONCE } from '../when';

/** Faults that other programs are not put to, and why. */
const LEFT_OUT: readonly { readonly why: string; readonly names: readonly string[] }[] = [
  {
    why: 'they need names that only the process of a test knows, and https',
    names: [
      'asks for a token from another host',
      'asks for a token from the metadata service',
      'asks for a token in plain http from a host not named so',
      'leads to a name that is the metadata service',
      'leads to a name with an address in an address',
      'leads to a name at a private address',
      'leads to plain http at a host not named so',
    ],
  },
  {
    why: 'a program that follows would really ask there',
    names: [
      'leads to the metadata service',
      'leads to the metadata service as an IPv6 address',
      'leads to a private address',
      'moves an upload to the metadata service',
    ],
  },
];

export function leftOut(): readonly { readonly why: string; readonly names: readonly string[] }[] {
  const known = new Set(FAMILIES.flatMap(({ faults }) => faults.map(({ name }) => name)));
  const unknown = LEFT_OUT.flatMap(({ names }) => names).filter((name) => !known.has(name));
  if (unknown.length > 0) throw new Error(`faults left out: got ${unknown.join(', ')}; names of the matrix would do`);
  return LEFT_OUT;
}

/** What whoever copies one image asks for, most likely first. */
const LIKELY: readonly Target[] = ['blob', 'manifest', 'upload', 'push', 'open', 'token', 'referrers', 'head', 'look'];
const rank = ({ target }: Place) => (LIKELY.includes(target) ? LIKELY.indexOf(target) : LIKELY.length);

/** One place of each side for a fault: the likeliest that it strikes there. */
export function placesOf({ places }: Fault): Place[] {
  return (['source', 'destination'] as const).flatMap((side) => {
    const [first] = places.filter((place) => place.side === side).sort((a, b) => rank(a) - rank(b));
    return first ?? [];
  });
}

/** What every program is put to, each once and always. */
export function peerCases(): Case[] {
  const out = new Set(leftOut().flatMap(({ names }) => names));
  return FAMILIES.flatMap(({ faults }) => faults)
    .filter(({ name }) => !out.has(name))
    .flatMap((fault) =>
      placesOf(fault).flatMap((place) =>
        (fault.strike === undefined ? [ALWAYS] : [ONCE, ALWAYS]).map((when) => ({ fault, place, when })),
      ),
    );
}
