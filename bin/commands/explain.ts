import { ERROR_CODES, ERRORS, type ErrorEntry, exitCodesOf, findErrorCode, retryOf } from '../../lib/model/errors';
import { show } from '../../lib/model/invalid';
import { nearMiss } from '../../lib/model/near-miss';
import { ExitCode } from '../../lib/model/outcome';
import { wrap } from '../../terminal/format';
import { paintFor } from '../../terminal/output';
import type { FlagValues } from '../arguments';
import { DOCTOR_CODES, type DoctorEntry } from '../doctor/codes';
import type { Io } from '../io';
import { tellJsonLine } from '../json-line';
import { UsageError } from '../usage';

/** A code of the catalogue, or of what `doctor` finds, which has less to say. */
type Explained = { readonly code: string } & (ErrorEntry | DoctorEntry);

/** `ecr-mirror explain [CODE…]`: what there is to say about codes. */
export async function explain(texts: readonly string[], { json }: FlagValues, io: Io): Promise<ExitCode> {
  const asked = texts.map(explained);
  if (json === true) tellCodes(asked.length === 0 ? allCodes() : asked, io);
  else if (asked.length === 0) listAll(io);
  else for (const [at, one] of asked.entries()) tellOne(one, at === 0, io);
  return ExitCode.OK;
}

/** Of the catalogue, and of what `doctor` finds. */
export function allCodes(): readonly Explained[] {
  const errors = ERROR_CODES.map((code) => ({ code, ...ERRORS[code] }));
  return [...errors, ...Object.entries(DOCTOR_CODES).map(([code, entry]) => ({ code, ...entry }))];
}

/** @throws UsageError for what is no code */
function explained(text: string): Explained {
  const known = allCodes();
  const code = findErrorCode(
    text,
    known.map(({ code }) => code),
  );
  const found = known.find((one) => one.code === code);
  if (found !== undefined) return found;
  const asked = text.toUpperCase();
  const meant =
    nearMiss(asked.replaceAll('-', '_'), ERROR_CODES) ??
    nearMiss(asked.replaceAll('_', '-'), Object.keys(DOCTOR_CODES));
  throw new UsageError(`explain: got ${show(text)}; ${meant ?? 'a code that ecr-mirror explain lists'} would do`);
}

/** One JSON document a code. */
export function tellCodes(shown: readonly Explained[], io: Pick<Io, 'stdout'>): void {
  for (const { code, ...entry } of shown) {
    const { meaning, remedy } = entry;
    const more = 'asks' in entry ? { look: entry.look, sides: entry.sides ?? [], exitCodes: exitCodesOf(entry) } : {};
    tellJsonLine(io, 'code', { code, meaning, remedy, ...more });
  }
}

const WIDTH = 80;
const INDENT = '  ';

function listAll(io: Io): void {
  const paint = paintFor(io.stdout, io.env);
  for (const { code, meaning } of allCodes()) {
    const lines = wrap(`${INDENT}${meaning}`, WIDTH, INDENT);
    io.stdout.write(`${[paint.bold(code), ...lines].join('\n')}\n`);
  }
}

function tellOne({ code, ...entry }: Explained, isFirst: boolean, io: Io): void {
  const paint = paintFor(io.stdout, io.env);
  const part = (title: string, text: string) => ['', paint.dim(title), ...wrap(`${INDENT}${text}`, WIDTH, INDENT)];
  const more =
    'asks' in entry
      ? [...part('Look', entry.look), ...part('Do', entry.remedy), ...part('And', rest(entry))]
      : part('Do', entry.remedy);
  const lines = [paint.bold(code), ...wrap(`${INDENT}${entry.meaning}`, WIDTH, INDENT), ...more];
  io.stdout.write(`${isFirst ? '' : '\n'}${lines.join('\n')}\n`);
}

function rest(entry: ErrorEntry): string {
  const codes = exitCodesOf(entry);
  return codes.length === 0 ? retryOf(entry) : `${retryOf(entry)} Exit code ${codes.join(' or ')}.`;
}
