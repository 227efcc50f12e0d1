import type { CopyReason, Skipped } from '../lib/model/copy';
import { printable } from '../lib/model/invalid';
import type { Outcome } from '../lib/model/outcome';
import { formatReference, type Reference } from '../lib/model/reference';
import { count, formatBytes, formatSeconds, wrap } from '../terminal/format';
import { columnsOf, type Paint, paintFor } from '../terminal/output';
import { priceLines } from '../terminal/price';
import { bracketed, failureLines, planLines, summaryLines } from '../terminal/summary';
import { widthOf } from '../terminal/width';
import type { ImageSize } from './image-size';
import type { Io } from './io';
import { nameOf, type Voice, type VoiceOptions } from './voices';

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
  const sayCopy = (word: string, source: Reference, destination: Reference, rest: string) => {
    if (quiet) return;
    for (const line of copyLines(paint.green, word, [source, destination, rest], columnsOf(io.stdout))) put(line);
  };
  const sayWrong = (paintWord: Painter, word: string, text: string) => {
    for (const line of labelled(paintWord, word, text, columnsOf(io.stderr))) putWrong(line);
  };
  return {
    warn: (what, message) => quiet || sayWrong(alarm.yellow, 'warning', `${what}: ${message}`),
    trouble: (message, code) => sayWrong(alarm.red, 'failed', `${message}${bracketed(code)}`),
    planned(copy, size) {
      for (const { reference, why } of copy.destinations) {
        sayCopy('copy', copy.source, reference, `(${WHY[why]}${sizeText(size)})`);
      }
    },
    priced(price) {
      for (const { word, text, finding } of priceLines(price)) {
        if (quiet) continue;
        for (const line of labelled(finding ? paint.yellow : paint.dim, word, text, PRICE_COLUMNS)) put(line);
      }
    },
    copied: (_copy, outcome) => sayCopy('copied', outcome.source, outcome.destination, copiedText(outcome)),
    skipped(skipped) {
      // A plan is about the others; on a terminal the closing lines say enough.
      const isUsual = skipped.reason === 'up-to-date' && (planning === true || hasBars);
      if (!isUsual) say(paint.dim, 'skipped', skippedText(skipped));
    },
    failed({ what, error, code }, about) {
      const isRow = 'reason' in about && about.reason === 'invalid';
      const line = !isRow && error.includes(what) ? error : `${what}: ${error}`;
      const word = 'state' in about && about.state === 'Quarantined' ? 'unsigned' : 'failed';
      if (!hasBars) sayWrong(alarm.red, word, `${line}${bracketed(code)}`);
    },
    failures(failures) {
      if (!hasBars || failures.length === 0) return;
      for (const line of ['', alarm.red(`${count(failures.length, 'failure')}:`)]) putWrong(line);
      for (const line of failureLines(failures, columnsOf(io.stderr))) {
        putWrong(line.startsWith(' ') ? line : alarm.bold(line));
      }
    },
    summary(counts, figures, seconds) {
      if (hasBars && !quiet && io.stdout.isTTY === true) put('');
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
export function labelled(paintWord: Painter, word: string, text: string, columns: number): string[] {
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

function sizeText(size: ImageSize | undefined): string {
  return size === undefined ? '' : `, ${formatBytes(size.bytes)}, ${count(size.pulls, 'pull')}`;
}

function copiedText({ bytes, seconds, tag, kept }: Outcome): string {
  const beside = tag === undefined ? '' : `, as ${tag} beside what is there`;
  const before = kept === undefined ? '' : `, what it was is ${kept}`;
  return `(${formatBytes(bytes)}, ${formatSeconds(seconds)}${beside}${before})`;
}

/** A copy in one line; a source that has a tag is known by it. */
export function copyText(source: Reference, destination: Reference): string {
  return `${sourceText(source)} -> ${formatReference(destination)}`;
}

function sourceText({ digest, ...named }: Reference): string {
  return formatReference(named.tag === undefined ? { ...named, digest } : named);
}

/** A copy and what is said of it, in one line where there is room; else its destination has a line of its own. */
export function copyLines(
  paintWord: Painter,
  word: string,
  [source, destination, rest]: readonly [Reference, Reference, string],
  columns: number,
): string[] {
  const behind = rest === '' ? '' : ` ${rest}`;
  const whole = `${copyText(source, destination)}${behind}`;
  const [first, second] = [`${sourceText(source)}${behind}`, `-> ${formatReference(destination)}`];
  if (LABEL + widthOf(whole) <= columns) return labelled(paintWord, word, whole, columns);
  return [...labelled(paintWord, word, first, columns), ...labelled(paintWord, '', second, columns)];
}

function skippedText(skipped: Skipped): string {
  const why = skipped.reason.replaceAll('-', ' ');
  return `${nameOf(skipped)}: ${why}${skipped.detail === undefined ? '' : `: ${skipped.detail}`}`;
}

const COUNTED: Readonly<Record<string, keyof Paint>> = {
  copied: 'green',
  'to copy': 'green',
  whole: 'green',
  lacking: 'red',
  failed: 'red',
};

/** Numbers that matter stand out, and those that are nought step back. */
export function paintSummary(paint: Paint, line: string): string {
  return line.replace(
    /\b(\d+) (copied|to copy|up to date|whole|repaired|lacking|skipped|failed)\b/g,
    (text, number, word) => (number === '0' ? paint.dim(text) : paint[COUNTED[word] ?? 'bold'](text)),
  );
}
