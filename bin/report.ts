import type { Observer } from '../engine/ports';
import type { Copy, Skipped, SkipReason } from '../lib/model/copy';
import { printable } from '../lib/model/invalid';
import type { Mirror } from '../lib/model/mirror';
import type { FailureCause, Outcome } from '../lib/model/outcome';
import { formatReference, type Reference } from '../lib/model/reference';
import { countInto, type Figures, newFigures, tellAll } from '../terminal/figures';
import { count, formatBytes, formatSeconds } from '../terminal/format';
import { type Paint, paintFor } from '../terminal/output';
import { type Progress, showProgress } from '../terminal/progress';
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

/** Tells people or machines what is happening, and counts. */
export interface Report {
  /** To be given to whatever copies. */
  readonly observer: Observer;
  readonly counts: Counts;
  /** Something about a row, or the file, that does not stop it. */
  warn(what: string, message: string): void;
  /** Something that went wrong beside the copies, such as a file that cannot be read now. */
  trouble(message: string): void;
  /** So many images are about to be copied. */
  expect(copies: number): void;
  skip(skipped: Skipped, mirror?: Mirror): void;
  end(copy: Copy, outcome: Outcome): void;
  /** The closing lines; counting starts anew. */
  close(): void;
}

export interface ReportOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Reasons that are not worth a line. @default - none */
  readonly silent?: readonly SkipReason[];
  readonly now: () => number;
}

const FAILURES: readonly SkipReason[] = ['invalid', 'not-allowed', 'contested', 'source-failed', 'destination-failed'];

/** Whether a row or image that is left alone is a failure: an empty selection is one where the row says how many there must be. */
export function isFailure({ reason }: Skipped, mirror?: Mirror): boolean {
  if (reason !== 'nothing-selected') return FAILURES.includes(reason);
  return mirror?.select.kind === 'tags' && mirror.select.selection.min !== undefined;
}

export function openReport(io: Io, options: ReportOptions): Report {
  const counts = newCounts();
  const figures = newFigures();
  const failures: Failure[] = [];
  let started = options.now();
  const progress = progressFor(io, options);
  const voice = options.json ? jsonVoice(io) : lineVoice(io, options, progress);

  return {
    observer: tellAll(countInto(figures), progress?.observer),
    counts,
    warn: (what, message) => voice.warn(what, message),
    trouble: (message) => voice.trouble(message),
    expect: (copies) => progress?.expect(copies),
    skip(skipped, mirror) {
      if (skipped.cause === 'stopped') counts.left += 1;
      else if (isFailure(skipped, mirror)) {
        const failure = { what: nameOf(skipped), error: skipped.detail ?? skipped.reason };
        fail(counts, failures, failure, skipped.cause ?? (skipped.reason === 'invalid' ? 'usage' : undefined));
        voice.failed(failure, skipped);
      } else {
        if (skipped.reason === 'up-to-date') counts.upToDate += 1;
        else counts.skipped += 1;
        if (!(options.silent ?? []).includes(skipped.reason)) voice.skipped(skipped);
      }
    },
    end(copy, outcome) {
      if (outcome.state === 'Mirrored') {
        counts.copied += 1;
        voice.copied(copy, outcome);
      } else if (outcome.cause === 'stopped' && io.signal?.aborted === true) {
        counts.left += 1;
      } else {
        const failure = { what: formatReference(outcome.destination), error: outcome.error ?? outcome.state };
        fail(counts, failures, failure, outcome.cause);
        voice.failed(failure, { ...outcome, mirrors: copy.mirrors });
      }
    },
    close() {
      progress?.end();
      const now = options.now();
      voice.summary(counts, figures, failures, (now - started) / 1000);
      Object.assign(counts, { ...newCounts(), causes: counts.causes });
      counts.causes.length = 0;
      Object.assign(figures, newFigures());
      failures.length = 0;
      started = now;
    },
  };
}

function newCounts(): Counts {
  return { copied: 0, upToDate: 0, skipped: 0, failed: 0, left: 0, causes: [] };
}

function fail(counts: Counts, failures: Failure[], failure: Failure, cause: FailureCause | undefined): void {
  counts.failed += 1;
  counts.causes.push(cause);
  failures.push(failure);
}

/** What a skipped thing is called: the nearest to what was wanted. */
function nameOf({ destination, source, mirror }: Skipped): string {
  const reference = destination ?? source;
  return reference === undefined ? mirror : formatReference(reference);
}

function progressFor(io: Io, { json, quiet }: ReportOptions): Progress | undefined {
  const wanted = io.stderr.isTTY === true && !json && !quiet && io.env.TERM !== 'dumb' && !io.env.CI;
  return wanted ? showProgress(io.stderr) : undefined;
}

interface Voice {
  warn(what: string, message: string): void;
  trouble(message: string): void;
  copied(copy: Copy, outcome: Outcome): void;
  skipped(skipped: Skipped): void;
  failed(failure: Failure, about: Skipped | (Outcome & { readonly mirrors: readonly string[] })): void;
  summary(counts: Counts, figures: Figures, failures: readonly Failure[], seconds: number): void;
}

function jsonVoice(io: Io): Voice {
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
function lineVoice(io: Io, { quiet }: ReportOptions, progress: Progress | undefined): Voice {
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
