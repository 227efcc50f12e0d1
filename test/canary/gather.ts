import { channel } from 'node:diagnostics_channel';
import { type Leak, leaks } from '../../local/canary';

/** Where leaks that are meant go: an array, or undefined from when on none are. */
const meant = channel('ecr-mirror:meant-leaks');

/**
 * Keeps what leaked until it is taken.
 *
 * @param look looks at what was written and not yet looked at
 */
export function gatherLeaks(look: () => void) {
  let kept: Leak[] = [];
  let diverted: Leak[] | undefined;
  const divert = (to: unknown) => {
    look();
    diverted = (to as { readonly to?: Leak[] }).to;
  };
  const keep = (leak: unknown) => void (diverted ?? kept).push(leak as Leak);
  leaks.subscribe(keep);
  meant.subscribe(divert);
  return {
    /** As errors, one for each. */
    take: (): string[] => {
      look();
      const taken = kept;
      kept = [];
      return taken.map(({ place, around }) => `a secret was seen in ${place}: ${around}`);
    },
    end: () => {
      leaks.unsubscribe(keep);
      meant.unsubscribe(divert);
    },
  };
}

/** Does what leaks, and says what leaked. Whatever is written later is no longer meant. */
export async function leaksOf(act: () => unknown): Promise<readonly Leak[]> {
  const to: Leak[] = [];
  meant.publish({ to });
  try {
    await act();
  } finally {
    meant.publish({});
  }
  return to;
}
