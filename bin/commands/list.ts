import { formatEvery } from '../../lib/model/every';
import type { Mirror } from '../../lib/model/mirror';
import { problemLine } from '../../lib/model/mirror-row';
import { ExitCode } from '../../lib/model/outcome';
import { formatRepository } from '../../lib/model/reference';
import { count, wrap } from '../../terminal/format';
import { columnsOf, paintFor } from '../../terminal/output';
import { layOut } from '../../terminal/table';
import type { FlagValues } from '../arguments';
import type { Io } from '../io';
import { tellJsonLine } from '../json-line';
import { plain } from '../row-voice';
import { readSettings } from '../settings';
import { openStack, readRows, type WrittenRow } from '../stack';
import { namedBy } from '../wanted-sources';

/** `ecr-mirror list [SOURCE…]`: the rows of the table of mirrors. */
export async function list(sources: readonly string[], flags: FlagValues, io: Io): Promise<ExitCode> {
  const settings = readSettings(flags, io);
  const stack = await openStack('list', flags, settings, io);
  try {
    const rows = (await readRows(stack)).filter(({ row }) => namedBy(sources, { row: row.key, source: row.key }));
    if (settings.json) tellRows(rows, io);
    else showRows(settings.quiet ? rows.filter(isWrong) : rows, io, settings.quiet);
    return rows.some(isWrong) ? ExitCode.FAILED : ExitCode.OK;
  } finally {
    stack.close();
  }
}

function isWrong({ row }: WrittenRow): boolean {
  return row.mirror === undefined;
}

/** One JSON document a row, with what is odd about it. */
export function tellRows(rows: readonly WrittenRow[], io: Pick<Io, 'stdout'>): void {
  for (const { item, row } of rows) {
    const problems = row.problems.map((problem) => ({ severity: problem.severity, message: problemLine(problem) }));
    tellJsonLine(io, 'row', { row: plain(item), problems });
  }
}

const COLUMNS = [
  { title: 'SOURCE', flexible: true },
  { title: 'DESTINATIONS', flexible: true },
  { title: 'TAGS', flexible: true },
  { title: 'AND' },
];

function showRows(rows: readonly WrittenRow[], io: Io, quiet: boolean): void {
  const paint = paintFor(io.stdout, io.env);
  const width = columnsOf(io.stdout);
  const cells = rows.map(cellsOf);
  const layout = layOut(COLUMNS, cells, width);
  if (rows.length > 0) io.stdout.write(`${paint.bold(layout.header)}\n`);
  for (const [at, { row }] of rows.entries()) {
    const line = layout.line(cells[at] ?? []);
    io.stdout.write(`${row.mirror === undefined ? paint.red(line) : line}\n`);
    for (const problem of row.problems) {
      const text = `  ${problem.severity}: ${problemLine(problem)}`;
      for (const part of wrap(text, width, '  ')) io.stdout.write(`${part}\n`);
    }
  }
  if (!quiet) io.stdout.write(`${count(rows.length, 'row')}\n`);
}

function cellsOf({ row: { key, mirror } }: WrittenRow): readonly string[] {
  if (mirror === undefined) return [key, '-', '-', 'invalid'];
  const to = mirror.destinations.map(
    ({ repository, tag }) => `${formatRepository(repository)}${tag === undefined ? '' : `:${tag}`}`,
  );
  return [key, to.join(','), tagsText(mirror), restText(mirror)];
}

function tagsText({ select }: Mirror): string {
  if (select.kind === 'tag') return select.tag;
  if (select.kind === 'digest') return select.digest.slice(0, 'sha256:1234567'.length);
  const { include, exclude, semver, latest, min } = select.selection;
  const parts = [
    semver ?? '',
    (include ?? []).join(','),
    ...(exclude ?? []).map((glob) => `not ${glob}`),
    latest === undefined ? '' : `latest ${latest}`,
    min === undefined ? '' : `min ${min}`,
  ];
  return parts.filter((part) => part !== '').join(' ') || 'all';
}

function restText({ every, paused, expires, owner }: Mirror): string {
  const parts = [
    paused ? 'paused' : '',
    every === undefined ? '' : `every ${formatEvery(every)}`,
    expires === undefined ? '' : `until ${new Date(expires * 1000).toISOString().slice(0, 10)}`,
    owner === undefined ? '' : 'declared',
  ];
  return parts.filter((part) => part !== '').join(', ') || '-';
}
