import { printable } from '../../lib/model/invalid';
import { CopyAttribute } from '../../lib/model/names';
import { count, formatBytes, formatSeconds } from '../../terminal/format';
import type { RunningRegistry } from '../registry';
import type { Attributes } from '../stack/rows';

/** The table of copies as text: state, digest, bytes, age, and what went where or why not. */
export function copiesTable(copies: readonly Attributes[], now: number, columns: number): string[] {
  const head = ['State', 'Digest', 'Bytes', 'Age', 'Source', ''];
  const rows = copies.map((item) => rowOf(item, now));
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)));
  return [head, ...rows].map((row) => {
    const line = row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd();
    return line.length > columns ? `${line.slice(0, columns - 1)}…` : line;
  });
}

function rowOf(item: Attributes, now: number): string[] {
  const text = (name: string) => (item[name] === undefined ? '' : printable(String(item[name])));
  const mirrored = text(CopyAttribute.LAST_MIRRORED);
  const destination = text(CopyAttribute.DESTINATION);
  const error = text(CopyAttribute.ERROR);
  return [
    text(CopyAttribute.STATE),
    text(CopyAttribute.DIGEST).slice('sha256:'.length, 'sha256:'.length + 12),
    item[CopyAttribute.BYTES] === undefined ? '' : formatBytes(Number(item[CopyAttribute.BYTES])),
    mirrored === '' ? '' : formatSeconds((now - Date.parse(mirrored)) / 1000),
    abbreviate(text(CopyAttribute.SOURCE)),
    error === '' ? `→ ${abbreviate(destination)}` : error,
  ];
}

/** Account and region are the same everywhere here. */
function abbreviate(reference: string): string {
  return reference.replace(/^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com/, 'ecr');
}

/** What was asked of each registry, in requests and bytes, reading back for the checks included. */
export function registryFigures(registries: Readonly<Record<string, RunningRegistry>>): string[] {
  return Object.entries(registries).map(([name, { requests }]) => {
    const sum = (side: 'received' | 'sent') => requests.reduce((total, request) => total + request[side], 0);
    return `${name}: ${count(requests.length, 'request')}, ${formatBytes(sum('sent'))} read, ${formatBytes(sum('received'))} written`;
  });
}
