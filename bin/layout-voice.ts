import type { LayoutImage } from '../engine/layout-contents';
import { isManifest } from '../lib/model/descriptor';
import { printable } from '../lib/model/invalid';
import { count, formatBytes } from '../terminal/format';
import { columnsOf, paintFor } from '../terminal/output';
import { layOut } from '../terminal/table';
import type { Io } from './io';
import { tellJsonLine } from './json-line';

/** What a layout holds, for people and for machines. */

const COLUMNS = [
  { title: 'IMAGE', flexible: true },
  { title: 'DIGEST' },
  { title: 'SIZE' },
  { title: 'REFERRERS' },
  { title: 'AND', flexible: true },
];

/** Whether nothing of it can be copied without what is elsewhere. */
export function isBroken({ problem, lacks }: LayoutImage): boolean {
  return problem !== undefined || lacks.some(({ mediaType }) => isManifest(mediaType));
}

export function showContents(images: readonly LayoutImage[], io: Io, quiet: boolean): void {
  const paint = paintFor(io.stdout, io.env);
  const shown = quiet ? images.filter(isBroken) : images;
  const cells = shown.map(cellsOf);
  const layout = layOut(COLUMNS, cells, columnsOf(io.stdout));
  if (shown.length > 0) io.stdout.write(`${paint.bold(layout.header)}\n`);
  for (const [at, image] of shown.entries()) {
    const line = layout.line(cells[at] ?? []);
    io.stdout.write(`${isBroken(image) ? paint.red(line) : line}\n`);
  }
  if (quiet) return;
  io.stdout.write(`${count(images.length, 'image')}, ${formatBytes(heldBytes(images))}\n`);
}

export function tellContents(images: readonly LayoutImage[], io: Io): void {
  for (const image of images) {
    const { name, root, annotations, referrers, problem } = image;
    const lacks = image.lacks.map(({ digest }) => digest);
    const told = { image: name, digest: root.digest, bytes: bytesOf(image), referrers, lacks };
    const more = { annotations, ...(problem === undefined ? {} : { error: printable(problem) }) };
    tellJsonLine(io, 'image', { ...told, ...more });
  }
}

function cellsOf(image: LayoutImage): readonly string[] {
  const { name, root, referrers } = image;
  return [
    name,
    root.digest.slice(0, 'sha256:0123456789ab'.length),
    formatBytes(bytesOf(image)),
    `${referrers}`,
    rest(image),
  ];
}

function rest({ lacks, problem }: LayoutImage): string {
  if (problem !== undefined) return problem;
  return lacks.length === 0 ? '-' : `${count(lacks.length, 'blob')} in an earlier export, or lost`;
}

/** Of all that it consists of, there or not. */
function bytesOf({ content }: LayoutImage): number {
  return content.reduce((sum, { size }) => sum + size, 0);
}

/** Of what is there, each once. */
function heldBytes(images: readonly LayoutImage[]): number {
  const held = new Map<string, number>();
  for (const { content } of images) for (const { digest, size } of content) held.set(digest, size);
  for (const { lacks } of images) for (const { digest } of lacks) held.delete(digest);
  return [...held.values()].reduce((sum, size) => sum + size, 0);
}
