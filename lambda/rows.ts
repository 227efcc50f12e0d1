import type { Item } from '../aws/items';
import { type Cursor, cursorAfter, pages, readRow } from '../aws/mirror-table';
import { mapWithin } from '../engine/gate';
import type { ParsedRow } from '../lib/model/mirror';
import { parseRow } from '../lib/model/mirror-row';
import type { World } from './world';

/** Rows that are planned together. */
export interface Lot {
  readonly rows: readonly ParsedRow[];
  /** Rows asked for that are not in the table. */
  readonly gone: readonly string[];
  /** Where this lot begins, and where the next one does if there is one. */
  readonly here: Place;
  readonly next?: Place;
}

/** A place in the table, or the rows that are left to do. */
export type Place = { readonly cursor?: Cursor } | { readonly sources: readonly string[] };

/** Rows of a lot that are named one by one: each is read by itself. */
const MOST_NAMED = 500;
const READS_AT_ONCE = 16;
/** Pages of the table that a lot is read from, of at most 1 MB each: rows may be much longer than rows are. */
const MOST_PAGES = 16;
/** Images that a row which selects tags may stand for, unless it says how many at most. */
const SELECTION = 200;

/**
 * Lots of all rows, or of just those that are named, from a place on.
 *
 * @param size images that a lot may want at destinations, as far as rows tell: each row one, or as many as it has destinations and
 * selects tags. Of rows that are named, at most {@link MOST_NAMED}.
 */
export async function* lots(world: World, from: Place, size: number): AsyncGenerator<Lot> {
  if (!('sources' in from)) return yield* scannedLots(world, from.cursor, size);
  const step = Math.min(size, MOST_NAMED);
  for (let at = 0; at < from.sources.length; at += step) yield namedLot(world, from.sources.slice(at), step);
}

async function* scannedLots(world: World, from: Cursor | undefined, size: number): AsyncGenerator<Lot> {
  let begin = from;
  let rows: ParsedRow[] = [];
  let weight = 0;
  let read = 0;
  for await (const page of pages(world.mirrors, { from, limit: size })) {
    read += 1;
    for (const [position, item] of page.rows.entries()) {
      const row = parsed(item, world);
      rows.push(row);
      weight += weightOf(row);
      const isLast = position === page.rows.length - 1;
      if (weight < size && !(isLast && read >= MOST_PAGES)) continue;
      const next = isLast ? page.next : cursorAfter(item);
      yield lotOf(rows, begin, next);
      [begin, rows, weight, read] = [next, [], 0, 0];
    }
  }
  if (rows.length > 0) yield lotOf(rows, begin, undefined);
}

function weightOf({ mirror }: ParsedRow): number {
  if (mirror === undefined) return 1;
  const { select, destinations } = mirror;
  const images = select.kind === 'tags' ? (select.selection.latest ?? SELECTION) : 1;
  return Math.max(1, images * destinations.length);
}

function lotOf(rows: readonly ParsedRow[], here: Cursor | undefined, next: Cursor | undefined): Lot {
  return {
    rows,
    gone: [],
    here: here === undefined ? {} : { cursor: here },
    ...(next === undefined ? {} : { next: { cursor: next } }),
  };
}

async function namedLot(world: World, sources: readonly string[], size: number): Promise<Lot> {
  const wanted = sources.slice(0, size);
  const rest = sources.slice(size);
  const found = await mapWithin(READS_AT_ONCE, wanted, (source) => readRow(world.mirrors, source));
  return {
    rows: found.flatMap((row) => (row === undefined ? [] : [parsed(row, world)])),
    gone: wanted.filter((_, position) => found[position] === undefined),
    here: { sources },
    ...(rest.length === 0 ? {} : { next: { sources: rest } }),
  };
}

export function parsed(row: Item, world: World): ParsedRow {
  return parseRow(row, { mapping: world.settings.mapping });
}
