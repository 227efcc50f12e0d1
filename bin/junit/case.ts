import type { Copy, CopyDestination, Skipped } from '../../lib/model/copy';
import type { Mirror } from '../../lib/model/mirror';
import type { Outcome } from '../../lib/model/outcome';
import { formatReference, type Reference } from '../../lib/model/reference';
import { codeOfSkipped } from '../../lib/model/skip-code';
import { isFailure } from '../report';

/** What became of one destination of an image, or of a row as a whole: a test case of JUnit. */
export interface Case {
  /** The row that wants it; the first of several. */
  readonly row: string;
  readonly name: string;
  readonly seconds: number;
  readonly result: Result;
}

export type Result =
  | { readonly kind: 'passed'; readonly note?: string }
  | { readonly kind: 'skipped'; readonly message: string }
  /** `error`: nobody knows, because the run did not come to it. */
  | { readonly kind: 'failure' | 'error'; readonly type: string; readonly message: string; readonly text?: string };

export function caseOfSkipped(skipped: Skipped, mirror?: Mirror): Case {
  const { mirror: row, source, destination, reason, detail } = skipped;
  const name = source === undefined ? row : nameOf(source, destination);
  return { row, name, seconds: 0, result: resultOf() };

  function resultOf(): Result {
    if (skipped.cause === 'stopped') return STOPPED;
    if (!isFailure(skipped, mirror)) return { kind: 'skipped', message: detail ?? reason };
    return { kind: 'failure', type: codeOfSkipped(skipped) ?? reason, message: detail ?? reason };
  }
}

/** An image that is copied, or verified. */
export function caseOfOutcome({ mirrors }: Copy, outcome: Outcome): Case {
  const { source, destination, seconds } = outcome;
  return { row: mirrors[0] ?? '', name: nameOf(source, destination), seconds, result: resultOf(outcome) };
}

/** What would be copied is no failure. */
export function caseOfPlanned({ mirrors, source }: Copy, { reference, why }: CopyDestination): Case {
  const result: Result = { kind: 'passed', note: `would be copied: ${why}` };
  return { row: mirrors[0] ?? '', name: nameOf(source, reference), seconds: 0, result };
}

const STOPPED: Result = { kind: 'error', type: 'STOPPED', message: 'not done: the run was told to stop' };

function resultOf({ state, error = state, code, cause, lacks = [], tag, kept }: Outcome): Result {
  if (state === 'Mirrored') {
    const notes = [
      ...lacks.map((lack) => `repaired: ${lack}`),
      ...(tag === undefined ? [] : [`tagged ${tag}, as its own tag is immutable`]),
      ...(kept === undefined ? [] : [`what was there before is kept as ${kept}`]),
    ];
    return notes.length === 0 ? { kind: 'passed' } : { kind: 'passed', note: notes.join('\n') };
  }
  if (cause === 'stopped') return STOPPED;
  if (cause === 'put-off') return { kind: 'skipped', message: error };
  const text = lacks.length === 0 ? {} : { text: lacks.join('\n') };
  return { kind: 'failure', type: code ?? state, message: error, ...text };
}

/** The digest is left out: the same image is the same test, whatever it holds today. */
function nameOf(source: Reference, destination?: Reference): string {
  const { digest, ...tagged } = source;
  const from = formatReference(tagged.tag === undefined && digest !== undefined ? source : tagged);
  return destination === undefined ? from : `${from} → ${formatReference(destination)}`;
}
