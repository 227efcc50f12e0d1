import type { Copy } from '../lib/model/copy';
import type { Outcome } from '../lib/model/outcome';
import { besideTag } from '../lib/model/own-tags';
import type { Branch } from './branch';
import { CopyError, reason, TagImmutable, Unsigned } from './errors';
import type { TagWritten } from './write-tag';

/** How writing one tag ended: undefined is success, with nothing to add. */
export type Tagged = CopyError | TagWritten | Pick<Outcome, 'digest'> | undefined;

/** What a branch's tags say of each of its destinations. */
export function outcomesOf(copy: Copy, branch: Branch, tagged: readonly Tagged[], seconds: number): Outcome[] {
  return branch.destinations.map((destination, i) => {
    const end = tagged[i];
    const ended = {
      source: copy.source,
      destination: destination.reference,
      // The tags of one repository share what was moved; it is counted once.
      bytes: i === 0 ? branch.sent : 0,
      seconds,
    };
    if (!(end instanceof CopyError)) return { ...ended, state: 'Mirrored', ...heldAfter(copy), ...end };
    const error = end;
    if (error.cause instanceof TagImmutable) {
      const { reference, onConflict } = destination;
      const tried = onConflict === 'suffix' ? { tag: besideTag(reference.tag ?? '', copy.root.digest) } : {};
      return { ...ended, state: 'Conflict', error: reason(error), code: error.code, ...tried };
    }
    if (error.cause instanceof Unsigned)
      return { ...ended, state: 'Quarantined', error: reason(error), code: error.code };
    return { ...ended, state: 'Failed', error: reason(error), cause: error.failure, code: error.code };
  });
}

/** What a destination's tag holds of which part, when that is not the whole image. */
function heldAfter({ source, root, platforms, compare }: Copy): Pick<Outcome, 'digest' | 'platforms' | 'compare'> {
  return {
    ...(root.digest === source.digest ? {} : { digest: root.digest }),
    ...(platforms === undefined ? {} : { platforms }),
    ...(compare === undefined ? {} : { compare }),
  };
}
