import type { PartDigests } from '../engine/part-digests';
import { partKey } from '../engine/part-digests';
import type { Wish } from '../engine/plan';
import type { Copy } from '../lib/model/copy';
import { type Digest, isDigest } from '../lib/model/digest';
import type { Outcome } from '../lib/model/outcome';

/** What parts of images come to, remembered: an index that was read once need not be read again. */
export interface PartMemory {
  /** Answers what is remembered, and asks for the rest. */
  readonly digests: (ask: PartDigests) => PartDigests;
  /** A part was copied. */
  readonly note: (copy: Copy, outcome: Outcome) => void;
  /** What of it was of use to a row, by its key: the rest may be forgotten. */
  readonly usedBy: (row: string) => Parts | undefined;
}

/** By source digest and platforms. */
export type Parts = Readonly<Record<string, Digest>>;

/** @param remembered of each row */
export function partMemory(remembered: Iterable<unknown>): PartMemory {
  const known = new Map([...remembered].flatMap(entriesOf));
  const used = new Map<string, Map<string, Digest>>();
  const keep = (row: string, key: string, digest: Digest) => {
    known.set(key, digest);
    used.set(row, (used.get(row) ?? new Map<string, Digest>()).set(key, digest));
  };
  return {
    digests: (ask) => async (parts) => {
      const unknown = parts.filter(({ wish }) => !known.has(keyOf(wish)));
      const answers = new Map((await ask(unknown)).map((answer, i) => [unknown[i], answer]));
      return parts.map((part) => {
        const key = keyOf(part.wish);
        const answer = known.get(key) ?? answers.get(part);
        if (isDigest(answer)) keep(part.wish.mirror.key, key, answer);
        return answer;
      });
    },
    note: (copy, { state, digest, destination }) => {
      const { mirrors, root, platforms, compare } = copy;
      if (state !== 'Mirrored' || (platforms === undefined && compare === undefined)) return;
      for (const row of mirrors) keep(row, partKey(root.digest, copy, destination), digest ?? root.digest);
    },
    usedBy: (row) => {
      const parts = used.get(row);
      return parts === undefined ? undefined : Object.fromEntries(parts);
    },
  };
}

function keyOf({ image, mirror, destination }: Wish): string {
  return partKey(image.root.digest, mirror, destination);
}

function entriesOf(parts: unknown): [string, Digest][] {
  if (typeof parts !== 'object' || parts === null) return [];
  return Object.entries(parts).flatMap(([key, digest]) => (isDigest(digest) ? [[key, digest]] : []));
}
