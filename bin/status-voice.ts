import { printable } from '../lib/model/invalid';
import { ROW_ITEM } from '../lib/model/names';
import { count, formatAge, wrap } from '../terminal/format';
import { columnsOf, type Paint, paintFor } from '../terminal/output';
import { bracketed } from '../terminal/summary';
import { layOut } from '../terminal/table';
import type { Io } from './io';
import { tellJsonLine } from './json-line';
import type { CopyStatus, Statuses } from './statuses';

/** One JSON document a line: each copy, the controller, the numbers of all. */
export function tellJson(shown: readonly CopyStatus[], { counts, controller }: Statuses, io: Pick<Io, 'stdout'>): void {
  for (const copy of shown) {
    const { verdict, row, rows, source, destination, facts, staleFor, why } = copy;
    const { state, digest, sourceDigest, bytes, failures, error } = facts ?? {};
    const times = {
      lastMirrored: instant(facts?.lastMirrored),
      lastChecked: instant(copy.checked),
      staleSince: instant(facts?.staleSince),
    };
    const said = { verdict, state, row, rows, source, ...(destination === ROW_ITEM ? {} : { destination }) };
    tellJsonLine(io, 'status', {
      ...said,
      digest,
      sourceDigest,
      ...times,
      staleFor,
      bytes,
      failures,
      why,
      error,
      code: codeOfStatus(copy),
    });
  }
  const { lastRun, lastWholeRun, silentFor } = controller;
  tellJsonLine(io, 'controller', {
    lastRun: instant(lastRun?.started),
    lastWholeRun: instant(lastWholeRun?.started),
    silentFor,
    ...(silentFor === undefined ? {} : { code: 'CONTROLLER_SILENT' }),
    errors: lastRun?.errors,
  });
  tellJsonLine(io, 'counts', counts);
}

function instant(time: number | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString();
}

const COLUMNS = [
  { title: 'STATE' },
  { title: 'SOURCE', flexible: true },
  { title: 'DESTINATION', flexible: true },
  { title: 'MIRRORED' },
  { title: 'CHECKED' },
  { title: 'DIGEST' },
];

/** A table for people, below each copy that is not well why; then the numbers of all. */
export function tellTable(shown: readonly CopyStatus[], statuses: Statuses, io: Io, quiet: boolean): void {
  const paint = paintFor(io.stdout, io.env);
  const width = columnsOf(io.stdout);
  const registry = commonRegistry(shown);
  const rows = shown.map((copy) => cellsOf(copy, registry, statuses.now));
  const layout = layOut(COLUMNS, rows, width);
  const say = (line: string) => io.stdout.write(`${line}\n`);
  if (shown.length > 0 && registry !== '') say(`destinations are in ${printable(registry.slice(0, -1))}`);
  if (shown.length > 0) say(paint.bold(layout.header));
  for (const [at, copy] of shown.entries()) {
    say(painted(paint, copy, layout.line(rows[at] ?? [])));
    for (const line of explained(copy, width)) say(line);
  }
  if (quiet) return;
  for (const line of closing(shown, statuses)) for (const part of wrap(line, width)) say(part);
}

function cellsOf(copy: CopyStatus, registry: string, now: number): readonly string[] {
  const { facts, destination } = copy;
  const digest = facts?.sourceDigest ?? facts?.digest;
  const ago = (time: number | undefined) => (time === undefined ? '-' : formatAge((now - time) / 1000));
  const to = destination.startsWith(registry) ? destination.slice(registry.length) : destination;
  return [
    stateOf(copy),
    copy.source,
    to,
    ago(facts?.lastMirrored),
    ago(copy.checked),
    digest?.split(':')[1]?.slice(0, 7) ?? '-',
  ];
}

/** The word for a copy: what it is in, unless that sounds better than it is. */
export function stateOf({ verdict, facts }: Pick<CopyStatus, 'verdict' | 'facts'>): string {
  if (verdict === 'stale') return 'Stale';
  if (verdict === 'idle') return 'Idle';
  const waits = facts?.state === 'Queued' || facts?.state === 'Copying';
  return verdict === 'failed' && waits ? 'Failed' : (facts?.state ?? 'Stale');
}

/** The registry that all destinations share, with its slash; empty when they do not. */
export function commonRegistry(shown: readonly CopyStatus[]): string {
  const registries = new Set(
    shown.flatMap(({ destination }) =>
      destination === ROW_ITEM ? [] : [destination.slice(0, destination.indexOf('/') + 1)],
    ),
  );
  const [only] = registries;
  return registries.size === 1 ? (only ?? '') : '';
}

const PAINTS = { failed: 'red', stale: 'yellow' } as const;

/** Of what is wrong the state alone: a line of yellow is hard to read on a light terminal. */
function painted(paint: Paint, { verdict }: CopyStatus, line: string): string {
  if (verdict === 'idle') return paint.dim(line);
  return verdict === 'failed' || verdict === 'stale' ? line.replace(/^\S+/, paint[PAINTS[verdict]]) : line;
}

function explained(copy: CopyStatus, width: number): readonly string[] {
  const text = printable(reasonOf(copy));
  return text === '' ? [] : wrap(`  ${text}`, width, '  ');
}

/** What is the matter with a copy is called: what it failed of, or else what was found. */
function codeOfStatus({ verdict, facts, code }: CopyStatus): string | undefined {
  return verdict === 'fresh' || verdict === 'idle' ? undefined : (facts?.code ?? code);
}

/** Since when and why a copy is not what its source is, in one line; empty for one that is well. */
export function reasonOf(copy: CopyStatus): string {
  const { verdict, facts, why, staleFor } = copy;
  if (verdict === 'fresh') return '';
  const since =
    facts?.staleSince === undefined ? '' : ` since ${new Date(facts.staleSince).toISOString().slice(0, 16)}Z`;
  const stale = staleFor === undefined || verdict === 'idle' ? '' : `stale for ${formatAge(staleFor)}${since}`;
  const tries = (facts?.failures ?? 0) > 1 ? `failed ${facts?.failures} times` : '';
  const line = [stale, why ?? '', tries, verdict === 'idle' ? '' : (facts?.error ?? '')]
    .filter((part) => part !== '')
    .join('; ');
  return line === '' ? '' : `${line}${bracketed(codeOfStatus(copy))}`;
}

function closing(shown: readonly CopyStatus[], { copies, counts, controller, now }: Statuses): readonly string[] {
  const { failed, stale, waiting, fresh, idle } = counts;
  const of = shown.length === copies.length ? '' : `${shown.length} shown of `;
  const numbers = `${failed} failed, ${stale} stale, ${waiting} waiting, ${fresh} fresh, ${idle} idle`;
  const { lastRun } = controller;
  const run =
    lastRun === undefined
      ? []
      : [
          `last run ${formatAge((now - lastRun.started) / 1000)} ago (${lastRun.trigger}, ${count(lastRun.rows, 'row')})`,
        ];
  return [`${of}${count(copies.length, 'copy', 'copies')}: ${numbers}`, ...run];
}
