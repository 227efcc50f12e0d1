import { InvalidValue, show } from '../lib/model/invalid';
import { parseRow, problemLine } from '../lib/model/mirror-row';
import { formatReference, parseReference } from '../lib/model/reference';
import type { FlagValues } from './arguments';
import { tagsOf } from './tag-flags';
import { UsageError } from './usage';

/** A row of the table, as plain values: what the arguments and flags of `add` say. @throws UsageError */
export function rowOf([source, ...destinations]: readonly string[], flags: FlagValues): Record<string, unknown> {
  if (source === undefined) throw new UsageError('add: got nothing; SOURCE, or -f FILE, would do');
  const others = attributesOf(flags.row);
  const tags = tagsOf(flags);
  const to = destinations.flatMap((one) => one.split(',')).filter((one) => one.trim() !== '');
  return {
    // The construct writes canonical keys too: the same image is the same row.
    Source: others.From === undefined ? canonical(source) : source,
    ...others,
    ...(to.length === 0 ? {} : { Destination: to.join(',') }),
    ...(tags === undefined ? {} : { Tags: tags }),
    ...(typeof flags.expires === 'string' ? { Expires: expiryOf(flags.expires) } : {}),
  };
}

/** @throws UsageError */
export function canonical(source: string): string {
  try {
    return formatReference(parseReference(source));
  } catch (error) {
    throw error instanceof InvalidValue ? new UsageError(`add: ${error.message}`) : error;
  }
}

/** Epoch seconds, read as a file of mirrors has them. */
export function expiryOf(text: string): number {
  const expires = /^\d+$/.test(text) ? Number(text) : text;
  const { mirror, problems } = parseRow(
    { source: 'registry.example.com/a:1', expires },
    {
      mapping: { registry: 'registry.example.com' },
      spelling: 'file',
    },
  );
  if (mirror?.expires !== undefined) return mirror.expires;
  const [problem] = problems;
  throw new UsageError(`--expires: ${problem === undefined ? `got ${show(text)}` : problem.message}`);
}

function attributesOf(text: string | true | undefined): Record<string, unknown> {
  if (typeof text !== 'string') return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Told below.
  }
  throw new UsageError(`--row: got ${show(text)}; a JSON object such as '{"Every":"6h"}' would do`);
}

/** What is wrong with a row as it was parsed, in one line; undefined when nothing is. */
export function errorsOf({ problems }: ReturnType<typeof parseRow>): string | undefined {
  const errors = problems.filter(({ severity }) => severity === 'error').map(problemLine);
  return errors.length === 0 ? undefined : errors.join(' · ');
}
