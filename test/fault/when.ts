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
  const counts = new Map<string, number>();
  let struck = false;
  return (request) => {
    if (when.kind === 'always') return true;
    if (when.kind === 'once') {
      const first = !struck;
      struck = true;
      return first;
    }
    // By what is asked and how often it was asked before: the order in which requests happen to arrive changes nothing.
    const count = (counts.get(request) ?? 0) + 1;
    counts.set(request, count);
    const digest = createHash('sha256').update(`${when.seed} ${count} ${request}`).digest();
    return digest.readUInt32BE(0) / 2 ** 32 < SHARE;
  };
}

export function formatWhen(when: When): string {
  return when.kind === 'random' ? `at random, seed ${when.seed}` : when.kind;
}
