import type { Copy } from './copy';
import { formatReference, formatRepository, type Repository } from './reference';
import { compareText } from './version';

export interface GroupOptions {
  /** No more groups than this; an array job has at most 10,000 children. @default 10000 */
  readonly maxGroups?: number;
  /** About how many destinations of copies one group is to serve; more when `maxGroups` asks for it. @default 50 */
  readonly copiesPerGroup?: number;
}

const MOST_GROUPS = 10_000;
const COPIES_PER_GROUP = 50;

/**
 * Packs copies into groups, one for each worker.
 *
 * Copies that share a source or a destination repository share layers, so they go together: one worker reads a layer
 * once and mounts it where it can. Only where such a cluster is bigger than a group is it cut, in the order of its
 * repositories, because one worker would otherwise have it all to itself while others wait. The pieces then go, biggest
 * first, each to the group that has least to do. The same copies in any order give the same groups.
 */
export function packGroups(copies: readonly Copy[], options: GroupOptions = {}): readonly (readonly Copy[])[] {
  if (copies.length === 0) return [];
  const most = Math.min(Math.max(1, options.maxGroups ?? MOST_GROUPS), MOST_GROUPS);
  const total = copies.reduce((sum, copy) => sum + weight(copy), 0);
  const size = Math.max(1, options.copiesPerGroup ?? COPIES_PER_GROUP, Math.ceil(total / most));
  const pieces = clusters([...copies].sort(byPlace)).flatMap((cluster) => cut(cluster, size));
  pieces.sort((a, b) => load(b) - load(a) || byPlace(a[0] as Copy, b[0] as Copy));
  return spread(pieces, Math.min(most, pieces.length, Math.ceil(total / size)));
}

function weight(copy: Copy): number {
  return copy.destinations.length;
}

function load(copies: readonly Copy[]): number {
  return copies.reduce((sum, copy) => sum + weight(copy), 0);
}

function byPlace(a: Copy, b: Copy): number {
  return (
    compareText(formatReference(a.source), formatReference(b.source)) ||
    compareText(
      a.destinations.map(({ reference }) => formatReference(reference)).join(),
      b.destinations.map(({ reference }) => formatReference(reference)).join(),
    )
  );
}

/** Copies that are linked by a repository, directly or by way of others, in the order given. */
function clusters(copies: readonly Copy[]): readonly (readonly Copy[])[] {
  const parent = copies.map((_, index) => index);
  const root = (index: number): number => {
    let at = index;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at] as number] as number;
      at = parent[at] as number;
    }
    return at;
  };
  const firstOf = new Map<string, number>();
  copies.forEach((copy, index) => {
    for (const repository of repositories(copy)) {
      const place = formatRepository(repository);
      const first = firstOf.get(place);
      if (first === undefined) firstOf.set(place, index);
      else join(parent, root(first), root(index));
    }
  });
  const found = new Map<number, Copy[]>();
  copies.forEach((copy, index) => {
    const cluster = found.get(root(index));
    if (cluster === undefined) found.set(root(index), [copy]);
    else cluster.push(copy);
  });
  return [...found.values()];
}

function join(parent: number[], a: number, b: number): void {
  parent[Math.max(a, b)] = Math.min(a, b);
}

function repositories(copy: Copy): readonly Repository[] {
  return [copy.source.repository, ...copy.destinations.map(({ reference }) => reference.repository)];
}

/** Even pieces of about `size`; a copy is never cut. */
function cut(cluster: readonly Copy[], size: number): readonly (readonly Copy[])[] {
  const total = load(cluster);
  const share = total / Math.ceil(total / size);
  const pieces: Copy[][] = [[]];
  let filled = 0;
  for (const copy of cluster) {
    const piece = pieces.at(-1) as Copy[];
    if (piece.length > 0 && filled >= share * pieces.length) pieces.push([copy]);
    else piece.push(copy);
    filled += weight(copy);
  }
  return pieces;
}

/** Each piece to the group with least to do, the first of equals: a heap, because there may be thousands of both. */
function spread(pieces: readonly (readonly Copy[])[], count: number): readonly (readonly Copy[])[] {
  const groups: Copy[][] = Array.from({ length: count }, () => []);
  const loads = new Array<number>(count).fill(0);
  const heap = groups.map((_, index) => index);
  const before = (a: number, b: number) => (loads[a] as number) - (loads[b] as number) || a - b;
  for (const piece of pieces) {
    const least = heap[0] as number;
    for (const copy of piece) groups[least]?.push(copy);
    loads[least] = (loads[least] as number) + load(piece);
    sink(heap, before);
  }
  return groups.filter((group) => group.length > 0);
}

/** Puts the first of a heap, which has grown, where it belongs. */
function sink(heap: number[], before: (a: number, b: number) => number): void {
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    const right = left + 1;
    let least = at;
    if (left < heap.length && before(heap[left] as number, heap[least] as number) < 0) least = left;
    if (right < heap.length && before(heap[right] as number, heap[least] as number) < 0) least = right;
    if (least === at) return;
    [heap[at], heap[least]] = [heap[least] as number, heap[at] as number];
    at = least;
  }
}
