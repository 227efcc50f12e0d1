import type { Copy, CopyDestination, Skipped } from '../lib/model/copy';
import { printable } from '../lib/model/invalid';
import type { Mirror } from '../lib/model/mirror';
import type { FailureCause, Outcome } from '../lib/model/outcome';
import { formatReference } from '../lib/model/reference';
import type { Figures } from '../terminal/figures';
import { count, formatSeconds } from '../terminal/format';
import { columnsOf, paintFor } from '../terminal/output';
import { bracketed } from '../terminal/summary';
import type { Io } from './io';
import { tellJsonLine } from './json-line';
import { copyLines, labelled, lineVoice, paintSummary } from './line-voice';
import { isFailure } from './report';
import { failureOfSkipped, jsonVoice } from './voices';

/** How many images were found how. */
export interface VerifyCounts {
  whole: number;
  /** Something was lacking, and was sent again. */
  repaired: number;
  /** Something is lacking. */
  lacking: number;
  skipped: number;
  /** Could not be looked at, and rows that are wrong. */
  failed: number;
  /** Not done, because the run was told to stop. */
  left: number;
}

/** Tells people or machines what verification found, and counts. */
export interface VerifyVoice {
  readonly counts: VerifyCounts;
  skipped(skipped: Skipped, mirror?: Mirror): void;
  ended(copy: Copy, outcome: Outcome): void;
  /** The closing lines. */
  close(figures: Figures, seconds: number): void;
}

type Finding = 'whole' | 'repaired' | 'lacking' | 'failed';

export function openVerifyVoice(
  io: Io,
  { json, quiet }: { readonly json: boolean; readonly quiet: boolean },
): VerifyVoice {
  const counts = { whole: 0, repaired: 0, lacking: 0, skipped: 0, failed: 0, left: 0 };
  const plain = json ? jsonVoice(io) : lineVoice(io, { quiet });
  const tell = json ? tellJson(io) : tellLines(io, quiet);
  const isStopped = (cause: FailureCause | undefined) => cause === 'stopped' && io.signal?.aborted === true;
  return {
    counts,
    skipped(skipped, mirror) {
      if (isStopped(skipped.cause)) counts.left += 1;
      else if (isFailure(skipped, mirror)) {
        counts.failed += 1;
        plain.failed(failureOfSkipped(skipped), skipped);
      } else {
        counts.skipped += 1;
        plain.skipped(skipped);
      }
    },
    ended(copy, outcome) {
      if (isStopped(outcome.cause)) {
        counts.left += 1;
        return;
      }
      const finding = findingOf(outcome);
      counts[finding] += 1;
      tell.ended(finding, copy, outcome);
    },
    close: (figures, seconds) => tell.close(counts, figures, seconds),
  };
}

function findingOf({ state, lacks = [] }: Outcome): Finding {
  if (state === 'Mirrored') return lacks.length === 0 ? 'whole' : 'repaired';
  return lacks.length === 0 ? 'failed' : 'lacking';
}

interface Teller {
  ended(finding: Finding, copy: Copy, outcome: Outcome): void;
  close(counts: VerifyCounts, figures: Figures, seconds: number): void;
}

function tellJson(io: Io): Teller {
  const tell = (event: string, fields: object) => tellJsonLine(io, event, fields);
  return {
    ended(finding, { mirrors }, { source, destination, digest, lacks = [], bytes, seconds, error, code, cause }) {
      const places = { source: formatReference(source), destination: formatReference(destination) };
      const found = { digest: digest ?? source.digest, mirrors, finding, lacks };
      const failed = error === undefined ? {} : { error: printable(error), code, cause };
      tell('verified', { ...places, ...found, bytes, seconds, ...failed });
    },
    close: (counts, { requests, retries, received, sent }, seconds) =>
      tell('summary', { ...counts, received, sent, requests, retries, seconds }),
  };
}

function tellLines(io: Io, quiet: boolean): Teller {
  const [paint, alarm] = [paintFor(io.stdout, io.env), paintFor(io.stderr, io.env)];
  const put = (lines: readonly string[]) => quiet || io.stdout.write(`${lines.join('\n')}\n`);
  const putWrong = (paintWord: (text: string) => string, word: string, text: string) =>
    io.stderr.write(`${labelled(paintWord, word, text, columnsOf(io.stderr)).join('\n')}\n`);
  return {
    ended(finding, { source }, { destination, lacks = [], error, code }) {
      const what = formatReference(destination);
      const columns = columnsOf(io.stdout);
      if (finding === 'whole') put(copyLines(paint.dim, 'whole', [source, destination, ''], columns));
      for (const lack of lacks) {
        if (finding === 'repaired') put(labelled(paint.green, 'repaired', `${what}: ${lack}`, columns));
        else putWrong(alarm.red, 'lacking', `${what}: ${lack}`);
      }
      if (finding === 'failed' || isUnmended(error)) {
        putWrong(alarm.red, 'failed', `${named(error ?? '', what)}${bracketed(code)}`);
      }
    },
    close({ whole, repaired, lacking, skipped, failed, left }, { requests }, seconds) {
      if (left > 0) putWrong(alarm.yellow, 'stopped', `${left} not done; run it again to go on`);
      const counts = `${whole} whole, ${repaired} repaired, ${lacking} lacking, ${skipped} skipped, ${failed} failed`;
      put([paintSummary(paint, counts), `${count(requests, 'request')}, ${formatSeconds(seconds)}`]);
    },
  };
}

/** Whether an error says more than what is lacking: why that could not be sent again. */
function isUnmended(error: string | undefined): boolean {
  return error?.includes('; ') === true;
}

function named(error: string, what: string): string {
  return error.includes(what) ? error : `${what}: ${error}`;
}

/** What a plan found, told without doing anything about it. */
export function foundByPlan({ source }: Copy, { reference, why }: CopyDestination): Outcome {
  const tag = `tag ${reference.tag ?? ''}`;
  const lack = why === 'missing' ? `${tag} is not there` : `${tag} names another image than the source's`;
  const error = `destination: verify: ${lack}`;
  return {
    source,
    destination: reference,
    state: 'Failed',
    bytes: 0,
    seconds: 0,
    lacks: [lack],
    error,
    cause: 'usage',
    code: 'CONTENT_LACKING',
  };
}
