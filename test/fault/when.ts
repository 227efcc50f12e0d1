import { createHash } from 'node:crypto';

/** Which of the requests that a fault could strike it does strike. */
export type When =
  | { readonly kind: 'once' }
  | { readonly kind: 'always' }
  /** A quarter of them, the same at each run of the same seed. */
  | { readonly kind: 'random'; readonly seed: number };

export const ONCE: When = { kind: 'once' };
export const ALWAYS: When = { kind: 'always' };

const SHARE = 0.25;

/** Asked of each request in turn; what it was asked before it remembers. */
export function chooser(when: When): (request: string) => boolean {
  const chance = chances(when.kind === 'random' ? when.seed : 0);
  let struck = false;
  return (request) => {
    if (when.kind === 'always') return true;
    if (when.kind === 'once') {
      const first = !struck;
      struck = true;
      return first;
    }
    return chance(request) < SHARE;
  };
}

/**
 * A number from 0 to below 1 for each request: by the seed, what is asked and how often it was asked before. The order in which
 * requests happen to arrive changes nothing.
 */
export function chances(seed: number): (request: string) => number {
  const counts = new Map<string, number>();
  return (request) => {
    const count = (counts.get(request) ?? 0) + 1;
    counts.set(request, count);
    const digest = createHash('sha256').update(`${seed} ${count} ${request}`).digest();
    return digest.readUInt32BE(0) / 2 ** 32;
  };
}

export function formatWhen(when: When): string {
  return when.kind === 'random' ? `at random, seed ${when.seed}` : when.kind;
}
