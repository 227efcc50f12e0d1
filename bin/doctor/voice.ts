import { printable } from '../../lib/model/invalid';
import { count, wrap } from '../../terminal/format';
import { type Paint, pageColumns, paintFor } from '../../terminal/output';
import type { Io } from '../io';
import { tellJsonLine } from '../json-line';
import type { Finding } from './finding';

/** How many findings there are of each kind. */
export interface Diagnosis {
  ok: number;
  warnings: number;
  errors: number;
  unknown: number;
}

/** Tells people or machines what was found, what is wrong last, where a terminal shows it. */
export interface DoctorVoice {
  readonly diagnosis: Diagnosis;
  found(findings: readonly Finding[]): void;
  /** The closing lines. */
  close(): void;
}

const COUNTED = { ok: 'ok', warning: 'warnings', error: 'errors', unknown: 'unknown' } as const;

export function openDoctorVoice(
  io: Pick<Io, 'stdout' | 'env'>,
  { json, quiet, all }: { readonly json: boolean; readonly quiet: boolean; readonly all: boolean },
): DoctorVoice {
  const diagnosis: Diagnosis = { ok: 0, warnings: 0, errors: 0, unknown: 0 };
  const kept: Finding[] = [];
  return {
    diagnosis,
    found(findings) {
      for (const finding of findings) {
        diagnosis[COUNTED[finding.verdict]] += 1;
        if (json) tellJsonLine(io, 'finding', finding);
        else kept.push(finding);
      }
    },
    close() {
      if (json) tellJsonLine(io, 'diagnosis', diagnosis);
      else for (const line of pageOf(kept, diagnosis, { io, quiet, all })) io.stdout.write(`${line}\n`);
    },
  };
}

const ORDER: readonly Finding['verdict'][] = ['ok', 'unknown', 'warning', 'error'];
const WORDS = { ok: 'ok', unknown: 'unknown', warning: 'warning', error: 'error' } as const;
const INDENT = 9;

interface Page {
  readonly io: Pick<Io, 'stdout' | 'env'>;
  readonly quiet: boolean;
  readonly all: boolean;
}

function pageOf(findings: readonly Finding[], diagnosis: Diagnosis, { io, quiet, all }: Page): readonly string[] {
  const paint = paintFor(io.stdout, io.env);
  const width = Math.max(40, pageColumns(io.stdout));
  const sorted = ORDER.flatMap((verdict) => findings.filter((finding) => finding.verdict === verdict));
  const shown = sorted.filter((finding) => isShown(finding, quiet, all));
  const left = quiet ? 0 : sorted.length - shown.length;
  const hidden =
    left === 0 ? [] : [`${count(left, 'thing')} that nobody documents and only use would show; --all lists them`];
  return [
    ...shown.flatMap((finding) => linesOf(finding, width, paint)),
    ...(quiet ? [] : [...hidden, closing(diagnosis)]),
  ];
}

function isShown({ verdict, code }: Finding, quiet: boolean, all: boolean): boolean {
  if (quiet) return verdict === 'error' || verdict === 'warning';
  return all || verdict !== 'unknown' || code !== 'DOCTOR-BEHAVIOUR';
}

const PAINTS = { ok: 'green', unknown: 'dim', warning: 'yellow', error: 'red' } as const;

function linesOf(
  { verdict, place, saw, remedy, code, errorCode }: Finding,
  width: number,
  paint: Paint,
): readonly string[] {
  const margin = ' '.repeat(INDENT);
  const [first = '', ...rest] = wrap(`${margin}${printable(`${place}: ${saw}`)}`, width, margin);
  const head = `${paint[PAINTS[verdict]](WORDS[verdict].padEnd(INDENT))}${first.slice(INDENT)}`;
  if (verdict === 'ok') return [head, ...rest];
  const codes = `[${errorCode === undefined ? code : `${code}, ${errorCode}`}]`;
  const does = remedy === undefined ? codes : `→ ${printable(remedy)} ${codes}`;
  return [head, ...rest, ...wrap(`${margin}${does}`, width, `${margin}  `).map((line) => paint.dim(line))];
}

function closing({ ok, warnings, errors, unknown }: Diagnosis): string {
  return `${ok} ok, ${count(warnings, 'warning')}, ${count(errors, 'error')}, ${unknown} not checked`;
}
