import type { Copy, Skipped } from '../lib/model/copy';
import { printable } from '../lib/model/invalid';
import type { FailureCause, Outcome } from '../lib/model/outcome';
import { formatReference, type Reference } from '../lib/model/reference';
import type { Figures } from '../terminal/figures';
import { count, formatBytes, formatSeconds } from '../terminal/format';
import { type Paint, paintFor } from '../terminal/output';
import type { Progress } from '../terminal/progress';
import { type Failure, failureLines, summaryLines, type Tally } from '../terminal/summary';
import type { Io } from './io';

/** How images ended, and why those that failed did. */
export interface Counts extends Tally {
  copied: number;
  upToDate: number;
  skipped: number;
  failed: number;
  /** Not done, because the run was told to stop. */
  left: number;
  readonly causes: (FailureCause | undefined)[];
}

/** How things are told, to people or to machines. */
export interface Voice {
  warn(what: string, message: string): void;
  trouble(message: string): void;
  copied(copy: Copy, outcome: Outcome): void;
  skipped(skipped: Skipped): void;
  failed(failure: Failure, about: Skipped | (Outcome & { readonly mirrors: readonly string[] })): void;
  summary(counts: Counts, figures: Figures, failures: readonly Failure[], seconds: number): void;
}

export function jsonVoice(io: Io): Voice {
  const tell = (event: string, fields: object) => io.stdout.write(`${JSON.stringify({ event, ...fields })}\n`);
  return {
    warn: (about, message) => tell('warning', { about, message }),
    trouble: (error) => tell('error', { error }),
    copied: ({ mirrors }, { source, destination, bytes, seconds }) =>
      tell('copied', { ...places(source, destination), digest: source.digest, mirrors, bytes, seconds }),
    skipped: ({ mirror, source, destination, reason, detail }) =>
      tell('skipped', { mirror, ...places(source, destination), reason, detail }),
    failed({ error }, about) {
      const { source, destination, cause } = about;
      const rest =
        'mirror' in about
          ? { mirror: about.mirror, reason: about.reason }
          : { mirrors: about.mirrors, reason: about.state === 'Conflict' ? 'conflict' : 'copy-failed' };
      tell('failed', { ...places(source, destination), ...rest, error: printable(error), cause });
    },
    summary({ copied, upToDate, skipped, failed, left }, figures, _failures, seconds) {
      tell('summary', { copied, upToDate, skipped, failed, left, ...figures, seconds });
    },
  };
}

function places(source?: Reference, destination?: Reference) {
  const text = (reference?: Reference) => (reference === undefined ? undefined : formatReference(reference));
  return { source: text(source), destination: text(destination) };
}

/** Lines for people: results on stdout, what went wrong on stderr. With bars, failures wait for the closing lines. */
export function lineVoice(io: Io, quiet: boolean, progress: Progress | undefined): Voice {
  const paint = paintFor(io.stdout, io.env);
  const alarm = paintFor(io.stderr, io.env);
  const say = (line: string) => {
    if (quiet) return;
    if (progress === undefined || io.stdout.isTTY !== true) io.stdout.write(`${line}\n`);
    else progress.print(line);
  };
  const sayWrong = (line: string) => (progress === undefined ? io.stderr.write(`${line}\n`) : progress.print(line));
  return {
    warn: (what, message) => quiet || sayWrong(`${alarm.yellow('warning')}  ${printable(`${what}: ${message}`)}`),
    trouble: (message) => sayWrong(`${alarm.red('failed')}   ${printable(message)}`),
    copied: (_copy, outcome) => say(`${paint.green('copied')}   ${copiedText(outcome)}`),
    // On a terminal the bars and the closing lines say enough.
    skipped: (skipped) => progress ?? say(`${paint.dim('skipped')}  ${skippedText(skipped)}`),
    failed({ what, error }, about) {
      const isRow = 'reason' in about && about.reason === 'invalid';
      const line = !isRow && error.includes(what) ? error : `${what}: ${error}`;
      if (progress === undefined) sayWrong(`${alarm.red('failed')}   ${printable(line)}`);
    },
    summary(counts, figures, failures, seconds) {
      if (progress !== undefined && failures.length > 0) {
        sayWrong(alarm.red(`${count(failures.length, 'failure')}:`));
        for (const line of failureLines(failures, io.stderr.columns)) sayWrong(line);
      }
      if (counts.left > 0) sayWrong(`${alarm.yellow('stopped')}  ${counts.left} not done; run it again to go on`);
      for (const line of summaryLines(counts, figures, seconds)) say(paintSummary(paint, line));
    },
  };
}

function copiedText({ source, destination, bytes, seconds }: Outcome): string {
  return `${copyText(source, destination)} (${formatBytes(bytes)}, ${formatSeconds(seconds)})`;
}

/** A copy in one line; a source that has a tag is known by it. */
export function copyText(source: Reference, destination: Reference): string {
  const { digest, ...named } = source;
  return `${formatReference(named.tag === undefined ? { ...named, digest } : named)} -> ${formatReference(destination)}`;
}

function skippedText(skipped: Skipped): string {
  const why = skipped.reason.replaceAll('-', ' ');
  return printable(`${nameOf(skipped)}: ${why}${skipped.detail === undefined ? '' : `: ${skipped.detail}`}`);
}

function paintSummary(paint: Paint, line: string): string {
  return /\b[1-9]\d* failed$/.test(line) ? paint.bold(line) : line;
}

/** What a skipped thing is called: the nearest to what was wanted. */
export function nameOf({ destination, source, mirror }: Skipped): string {
  const reference = destination ?? source;
  return reference === undefined ? mirror : formatReference(reference);
}
