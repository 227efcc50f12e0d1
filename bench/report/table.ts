import { ratiosOf } from './ratios';
import { figuresOf, MEASURES, type Outcome, type Report, type Result } from './report';
import { formatRatio } from './statistics';

export type Row = readonly string[];

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const HEADINGS = ['wall, s', 'CPU, s', 'peak, MiB', 'requests', 'from source, MiB', 'to destination, MiB'];
const UNITS = [1, 1, MIB, 1, MIB, MIB];
const RATIO = 'ours to the best peer';
const NOTHING = '–';

/** Three digits that count: `0.214`, `21.4`, `2140`. */
export function digits(value: number): string {
  if (value === 0) return '0';
  const whole = Math.floor(Math.log10(Math.abs(value))) + 1;
  return value.toFixed(Math.min(3, Math.max(0, 3 - whole)));
}

/** Headings, a row for each tool, and one for the ratios. */
export function tableOf(result: Result, { tools, tls }: Pick<Report, 'tools' | 'tls'>): Row[] {
  const ratios = ratiosOf(result, tools[0]?.name ?? '');
  const closing = MEASURES.map((measure) => optional(ratios[measure]));
  const rows = [
    ['', ...HEADINGS],
    ...result.outcomes.map((outcome) => [outcome.tool, ...cells(outcome)]),
    [RATIO, ...closing],
  ];
  if (!tls) return rows;
  return rows.map((row, at) => [...row, at === 0 ? 'CPU, s/GiB' : perGib(result.outcomes[at - 1])]);
}

/** What went wrong, a line for each. */
export function failuresOf({ outcomes }: Result): string[] {
  return outcomes.flatMap((outcome) => ('failed' in outcome ? [`${outcome.tool} failed: ${outcome.failed}`] : []));
}

/** Ratios alone: a row for each scenario and network. */
export function summaryOf({ results, tools }: Report): Row[] {
  const rows = results.map((result) => {
    const ratios = ratiosOf(result, tools[0]?.name ?? '');
    return [result.scenario, result.network, ...MEASURES.map((measure) => optional(ratios[measure]))];
  });
  return [['scenario', 'network', ...HEADINGS.map((heading) => heading.replace(/,.*/, ''))], ...rows];
}

function cells(outcome: Outcome): string[] {
  const figures = figuresOf(outcome);
  if (figures === undefined) return ['failed' in outcome ? 'failed' : NOTHING, ...MEASURES.slice(1).map(() => '')];
  return MEASURES.map((measure, at) => {
    const value = figures[measure] / (UNITS[at] ?? 1);
    return measure === 'requests' ? String(value) : digits(value);
  });
}

function perGib(outcome: Outcome | undefined): string {
  const figures = figuresOf(outcome);
  return figures === undefined || figures.received === 0 ? '' : digits(figures.cpu / (figures.received / GIB));
}

const optional = (ratio: number | undefined) => (ratio === undefined ? NOTHING : formatRatio(ratio));

/** For a terminal: the first column to the left, numbers to the right. */
export function plainTable(rows: readonly Row[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: Row) =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}

export function markdownTable([headings = [], ...rows]: readonly Row[]): string {
  const line = (row: Row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = `|${headings.map((_, at) => (at === 0 ? '---' : '--:')).join('|')}|`;
  return [line(headings), rule, ...rows.map(line)].join('\n');
}
