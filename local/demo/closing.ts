import { printable } from '../../lib/model/invalid';
import { CopyAttribute } from '../../lib/model/names';
import { count, formatBytes, formatSeconds, wrap } from '../../terminal/format';
import type { RunningRegistry } from '../registry';
import type { Attributes } from '../stack/rows';

/** One item of the table, as text. */
interface Row {
  /** State, digest, bytes, age. */
  readonly cells: readonly string[];
  readonly source: string;
  /** Where it went, or why not. */
  readonly end: string;
}

const HEAD: Row = { cells: ['State', 'Digest', 'Bytes', 'Age'], source: 'Source', end: '' };
const GAP = '  ';

/** The table of copies as text: state, digest, bytes, age, and what went where or why not. What is too long goes below. */
export function copiesTable(copies: readonly Attributes[], now: number, columns: number): string[] {
  const rows = [HEAD, ...copies.map((item) => rowOf(item, now))];
  const widths = HEAD.cells.map((_, at) => longest(rows.map(({ cells }) => cells[at] ?? '')));
  const indent = ' '.repeat(widths.reduce((sum, width) => sum + width + GAP.length, 0));
  const room = columns - indent.length;
  const sources = longest(rows.map(({ source }) => source));
  const fits = sources + GAP.length + longest(rows.map(({ end }) => (isError(end) ? '' : end))) <= room;
  return rows.flatMap(({ cells, source, end }) => {
    const head = cells.map((cell, at) => `${cell.padEnd(widths[at] ?? 0)}${GAP}`).join('');
    const place = fits ? `${source.padEnd(sources)}${GAP}${end}`.trimEnd() : source;
    if (fits && place.length <= room) return [`${head}${place}`];
    // Below the digest, where there is more room.
    const below = ' '.repeat((widths[0] ?? 0) + GAP.length);
    return [
      `${head}${source}`,
      ...wrap(end, columns - below.length, GAP).flatMap((line) => (end === '' ? [] : [`${below}${line}`])),
    ];
  });
}

function longest(texts: readonly string[]): number {
  return Math.max(...texts.map((text) => text.length));
}

const ARROW = '→ ';

function isError(end: string): boolean {
  return !end.startsWith(ARROW);
}

function rowOf(item: Attributes, now: number): Row {
  const text = (name: string) => (item[name] === undefined ? '' : printable(String(item[name])));
  const mirrored = text(CopyAttribute.LAST_MIRRORED);
  const error = text(CopyAttribute.ERROR);
  return {
    cells: [
      text(CopyAttribute.STATE),
      text(CopyAttribute.DIGEST).slice('sha256:'.length, 'sha256:'.length + 12),
      item[CopyAttribute.BYTES] === undefined ? '' : formatBytes(Number(item[CopyAttribute.BYTES])),
      mirrored === '' ? '' : formatSeconds((now - Date.parse(mirrored)) / 1000),
    ],
    source: abbreviate(text(CopyAttribute.SOURCE)),
    end: error === '' ? `${ARROW}${abbreviate(text(CopyAttribute.DESTINATION))}` : abbreviate(error),
  };
}

/** Account and region are the same everywhere here. */
function abbreviate(text: string): string {
  return text.replace(/\b\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com/g, 'ecr');
}

/** What was asked of each registry, in requests and bytes, reading back for the checks included. */
export function registryFigures(registries: Readonly<Record<string, RunningRegistry>>): string[] {
  return Object.entries(registries).map(([name, { requests }]) => {
    const sum = (side: 'received' | 'sent') => requests.reduce((total, request) => total + request[side], 0);
    return `${abbreviate(name)}: ${count(requests.length, 'request')}, ${formatBytes(sum('sent'))} read, ${formatBytes(sum('received'))} written`;
  });
}
