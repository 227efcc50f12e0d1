import { type Built, image, multiPlatform, signatureReferrer, together } from '../../local/images';
import type { RegistryState } from '../../local/registry';

/** One mirror of the file, and what is upstream for it. */
export interface SoakRow {
  readonly name: string;
  /** Where its image comes from and goes to; repositories. */
  readonly source: string;
  readonly destinations: readonly string[];
  /** Tags that it can have upstream; a row with more than one selects them by a pattern. */
  readonly tags: readonly string[];
}

const MOVING = ['stable'];
const MANY = ['v1', 'v2', 'v3', 'v4', 'v5'];
/** Bytes of a layer; every fiftieth image has a big one. */
const LAYER = 3_000;
const BIG_LAYER = 1_000_000;

/** Rows as people have them: most follow one tag, some a list of tags, some feed two repositories. */
export function rowsOf(count: number): SoakRow[] {
  return Array.from({ length: count }, (_, i) => {
    const name = `app-${String(i).padStart(4, '0')}`;
    return {
      name,
      source: `team/${name}`,
      destinations: i % 10 === 6 ? [`mirror/${name}`, `backup/${name}`] : [`mirror/${name}`],
      tags: i % 10 === 3 ? MANY : MOVING,
    };
  });
}

/** The file of mirrors that `serve` reads, as JSON. */
export function mirrorsOf(rows: readonly SoakRow[], source: string, destination: string): string {
  const mirrors = rows.map((row) => ({
    source: `${source}/${row.source}${row.tags === MOVING ? ':stable' : ''}`,
    destinations: row.destinations.map((repository) => `${destination}/${repository}`),
    ...(row.tags === MOVING ? {} : { tags: { include: ['v*'] } }),
  }));
  return `${JSON.stringify({ mirrors }, undefined, 1)}\n`;
}

/** Images upstream whose tags move. */
export interface Upstream {
  /** Gives the next row in turn another image. */
  change(): void;
  /** How often that was done. */
  readonly changes: () => number;
}

/** Places the first image of each row. */
export function openUpstream(rows: readonly SoakRow[], state: RegistryState): Upstream {
  const versions = new Map<string, number>();
  const place = (row: SoakRow, number: number) => {
    const version = versions.get(row.name) ?? 0;
    versions.set(row.name, version + 1);
    state.place(row.source, imageOf(number, version), row.tags[version % row.tags.length] as string);
  };
  for (const [i, row] of rows.entries()) place(row, i);
  let changes = 0;
  return {
    change() {
      // A stride that is prime to any number of rows up to a thousand: neighbours do not change one after another.
      const i = (changes * 7_919) % rows.length;
      changes++;
      place(rows[i] as SoakRow, i);
    },
    changes: () => changes,
  };
}

/** A base that twenty rows share, a layer of its own; every fourth with two platforms, every fifth signed. */
function imageOf(number: number, version: number): Built {
  const seed = `${number}/${version}`;
  const layerSize = number % 50 === 49 ? BIG_LAYER : LAYER;
  const options = { seed, layers: [`base/${number % 20}`, seed], layerSize };
  const built = number % 4 === 1 ? multiPlatform(options) : image(options);
  if (number % 5 !== 0) return built;
  return { ...together(signatureReferrer(built.root.descriptor), built), root: built.root };
}
