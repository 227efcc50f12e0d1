import type { Case, Result } from './case';

/** What is said of a run as a whole. */
export interface Suite {
  readonly command: string;
  /** The file of mirrors. */
  readonly file: string;
  /** When it began, in milliseconds since the epoch. */
  readonly at: number;
  readonly seconds: number;
}

/** A report as JUnit's readers take it: one suite, a case a line. */
export function junitDocument({ command, file, at, seconds }: Suite, cases: readonly Case[]): string {
  const count = (kind: Result['kind']) => cases.filter(({ result }) => result.kind === kind).length;
  const counts = {
    tests: cases.length,
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
    time: time(seconds),
  };
  const name = `ecr-mirror ${command}`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name, ...counts })}>`,
    `<testsuite${attributes({ name: file, ...counts, timestamp: new Date(at).toISOString() })}>`,
    ...cases.map(caseLine),
    '</testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function caseLine({ row, name, seconds, result }: Case): string {
  const head = `<testcase${attributes({ classname: row, name, time: time(seconds) })}`;
  const body = bodyOf(result);
  return body === '' ? `${head}/>` : `${head}>${body}</testcase>`;
}

function bodyOf(result: Result): string {
  switch (result.kind) {
    case 'passed':
      return result.note === undefined ? '' : `<system-out>${escapeText(result.note)}</system-out>`;
    case 'skipped':
      return `<skipped${attributes({ message: result.message })}/>`;
    default: {
      const { kind, type, message, text = message } = result;
      return `<${kind}${attributes({ type, message })}>${escapeText(text)}</${kind}>`;
    }
  }
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeText(String(value)).replace(/[\t\n]/g, reference)}"`)
    .join('');
}

/** A reader makes a space of it in an attribute, and of a carriage return a line feed anywhere. */
function reference(character: string): string {
  return `&#${character.charCodeAt(0)};`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** XML 1.0 2.2: what is no character of it cannot be written in any way, and is replaced. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

function escapeText(text: string): string {
  return text
    .replace(FORBIDDEN, '\ufffd')
    .replace(/[&<>"'\r]/g, (character) => ESCAPES[character] ?? reference(character));
}

function time(seconds: number): string {
  return seconds.toFixed(3);
}
