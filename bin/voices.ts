import type { Copy, CopyReason, Skipped } from '../lib/model/copy';
import { printable, printableJson } from '../lib/model/invalid';
import type { FailureCause, Outcome } from '../lib/model/outcome';
import { formatPlatform } from '../lib/model/platform';
import type { Price } from '../lib/model/price';
import { formatReference, type Reference } from '../lib/model/reference';
import type { Figures } from '../terminal/figures';
import { count, formatBytes, formatSeconds, wrap } from '../terminal/format';
import { columnsOf, type Paint, paintFor } from '../terminal/output';
import { priceLines } from '../terminal/price';
import { type Failure, failureLines, planLines, summaryLines, type Tally } from '../terminal/summary';
import type { ImageSize } from './image-size';
import type { Io } from './io';

/** How images ended, and why those that failed did. */
export interface Counts extends Tally {
  /** Of a plan: what would be copied, and how much that is where sizes were asked for. */
  planned: number;
  size: ImageSize;
  copied: number;
  upToDate: number;
  skipped: number;
  failed: number;
  /** Not done, because the run was told to stop. */
  left: number;
  /** Of those that were skipped: their sources let nothing more be pulled for now. */
  putOff: number;
  readonly causes: (FailureCause | undefined)[];
}

/** How things are told, to people or to machines. */
export interface Voice {
  warn(what: string, message: string): void;
  trouble(message: string): void;
  planned(copy: Copy, size?: ImageSize): void;
  priced(price: Price): void;
  copied(copy: Copy, outcome: Outcome): void;
  skipped(skipped: Skipped): void;
  failed(failure: Failure, about: Skipped | (Outcome & { readonly mirrors: readonly string[] })): void;
  summary(counts: Counts, figures: Figures, failures: readonly Failure[], seconds: number): void;
}

export interface VoiceOptions {
  readonly quiet: boolean;
  /** @default false */
  readonly planning?: boolean;
  /** What is under way is shown: failures wait for the closing lines, and what is up to date needs none. @default false */
  readonly hasBars?: boolean;
}

export function jsonVoice(io: Io, { planning }: Pick<VoiceOptions, 'planning'> = {}): Voice {
  const tell = (event: string, fields: object) =>
    io.stdout.write(`${printableJson(JSON.stringify({ event, ...fields }))}\n`);
  return {
    warn: (about, message) => tell('warning', { about, message }),
    trouble: (error) => tell('error', { error }),
    planned({ source, mirrors, destinations }, size) {
      for (const { reference, why } of destinations) {
        tell('copy', { ...places(source, reference), digest: source.digest, why, mirrors, ...size });
      }
    },
    priced: (price) => tell('price', price),
    copied: ({ mirrors }, { source, destination, tag, kept, platforms, bytes, seconds, ...held }) => {
      const part = { digest: held.digest ?? source.digest, platforms: platforms?.map(formatPlatform) };
      tell('copied', { ...places(source, destination), ...part, tag, kept, mirrors, bytes, seconds });
    },
    skipped: ({ mirror, source, destination, reason, detail }) =>
      tell('skipped', { mirror, ...places(source, destination), reason, detail }),
    failed({ error }, about) {
      const { source, destination, cause } = about;
      const rest =
        'mirror' in about
          ? { mirror: about.mirror, reason: about.reason }
          : { mirrors: about.mirrors, reason: FAILURES[about.state] };
      tell('failed', { ...places(source, destination), ...rest, error: printable(error), cause });
    },
    summary({ planned, copied, upToDate, skipped, failed, left, putOff }, figures, _failures, seconds) {
      tell('summary', {
        ...(planning === true ? { planned } : {}),
        copied,
        upToDate,
        skipped,
        failed,
        left,
        putOff,
        ...figures,
        seconds,
      });
    },
  };
}

function places(source?: Reference, destination?: Reference) {
  const text = (reference?: Reference) => (reference === undefined ? undefined : formatReference(reference));
  return { source: text(source), destination: text(destination) };
}

/** Columns of the word that a line begins with. */
const LABEL = 9;
/** Of what a plan costs, wherever it goes: it is a summary. */
const PRICE_COLUMNS = 80;

/** Lines for people: results on stdout, what went wrong on stderr. */
export function lineVoice(io: Io, { quiet, planning, hasBars = false }: VoiceOptions): Voice {
  const paint = paintFor(io.stdout, io.env);
  const alarm = paintFor(io.stderr, io.env);
  const put = (line: string) => io.stdout.write(`${line}\n`);
  const putWrong = (line: string) => io.stderr.write(`${line}\n`);
  const say = (paintWord: Painter, word: string, text: string) => {
    if (!quiet) for (const line of labelled(paintWord, word, text, columnsOf(io.stdout))) put(line);
  };
  const sayWrong = (paintWord: Painter, word: string, text: string) => {
    for (const line of labelled(paintWord, word, text, columnsOf(io.stderr))) putWrong(line);
  };
  return {
    warn: (what, message) => quiet || sayWrong(alarm.yellow, 'warning', `${what}: ${message}`),
    trouble: (message) => sayWrong(alarm.red, 'failed', message),
    planned(copy, size) {
      for (const { reference, why } of copy.destinations) {
        say(paint.green, 'copy', `${copyText(copy.source, reference)} (${WHY[why]}${sizeText(size)})`);
      }
    },
    priced(price) {
      for (const { word, text, finding } of priceLines(price)) {
        if (quiet) continue;
        for (const line of labelled(finding ? paint.yellow : paint.dim, word, text, PRICE_COLUMNS)) put(line);
      }
    },
    copied: (_copy, outcome) => say(paint.green, 'copied', copiedText(outcome)),
    skipped(skipped) {
      // A plan is about the others; on a terminal the closing lines say enough.
      const isUsual = skipped.reason === 'up-to-date' && (planning === true || hasBars);
      if (!isUsual) say(paint.dim, 'skipped', skippedText(skipped));
    },
    failed({ what, error }, about) {
      const isRow = 'reason' in about && about.reason === 'invalid';
      const line = !isRow && error.includes(what) ? error : `${what}: ${error}`;
      const word = 'state' in about && about.state === 'Quarantined' ? 'unsigned' : 'failed';
      if (!hasBars) sayWrong(alarm.red, word, line);
    },
    summary(counts, figures, failures, seconds) {
      if (hasBars && failures.length > 0) {
        putWrong(alarm.red(`${count(failures.length, 'failure')}:`));
        for (const line of failureLines(failures, io.stderr.columns)) putWrong(line);
      }
      if (counts.left > 0) sayWrong(alarm.yellow, 'stopped', `${counts.left} not done; run it again to go on`);
      if (counts.putOff > 0) {
        sayWrong(alarm.yellow, 'put off', `${counts.putOff} until they may be pulled; run it again then`);
      }
      if (quiet) return;
      const lines = planning === true ? planLines(counts, figures, seconds) : summaryLines(counts, figures, seconds);
      for (const line of lines) put(paintSummary(paint, line));
    },
  };
}

type Painter = (text: string) => string;

/** A word and what it is said of. */
function labelled(paintWord: Painter, word: string, text: string, columns: number): string[] {
  const [first, ...rest] = wrap(printable(text), columns - LABEL);
  const indent = ' '.repeat(LABEL);
  return [`${paintWord(word)}${indent.slice(word.length)}${first}`, ...rest.map((line) => `${indent}${line}`)];
}

const WHY: Readonly<Record<CopyReason, string>> = {
  missing: 'missing',
  changed: 'changed',
  referrers: 'referrers missing',
  verify: 'to be verified',
};

const FAILURES: Readonly<Record<Outcome['state'], string | undefined>> = {
  Mirrored: undefined,
  Failed: 'copy-failed',
  Conflict: 'conflict',
  Quarantined: 'quarantined',
};

function sizeText(size: ImageSize | undefined): string {
  return size === undefined ? '' : `, ${formatBytes(size.bytes)}, ${count(size.pulls, 'pull')}`;
}

function copiedText({ source, destination, bytes, seconds, tag, kept }: Outcome): string {
  const beside = tag === undefined ? '' : `, as ${tag} beside what is there`;
  const before = kept === undefined ? '' : `, what it was is ${kept}`;
  return `${copyText(source, destination)} (${formatBytes(bytes)}, ${formatSeconds(seconds)}${beside}${before})`;
}

/** A copy in one line; a source that has a tag is known by it. */
export function copyText(source: Reference, destination: Reference): string {
  const { digest, ...named } = source;
  return `${formatReference(named.tag === undefined ? { ...named, digest } : named)} -> ${formatReference(destination)}`;
}

function skippedText(skipped: Skipped): string {
  const why = skipped.reason.replaceAll('-', ' ');
  return `${nameOf(skipped)}: ${why}${skipped.detail === undefined ? '' : `: ${skipped.detail}`}`;
}

function paintSummary(paint: Paint, line: string): string {
  return /\b[1-9]\d* failed$/.test(line) ? paint.bold(line) : line;
}

/** What a skipped thing is called: the nearest to what was wanted. */
export function nameOf({ destination, source, mirror }: Skipped): string {
  const reference = destination ?? source;
  return reference === undefined ? mirror : formatReference(reference);
}
