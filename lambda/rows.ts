import type { EcrPush } from '../aws/events';
import type { Item } from '../aws/items';
import { type Cursor, pages, readRow } from '../aws/mirror-table';
import { claimsOf } from '../engine/make-plan';
import { standing } from '../engine/plan';
import { type Claims, createClaims } from '../lib/model/claims';
import { parseEcrHost } from '../lib/model/ecr-host';
import type { Mirror, ParsedRow } from '../lib/model/mirror';
import { parseRow } from '../lib/model/mirror-row';
import { permits } from '../lib/model/permissions';
import { selectTags } from '../lib/model/tag-selection';
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

/** Lots of all rows, or of just those that are named, from a place on. */
export async function* lots(world: World, from: Place, size: number): AsyncGenerator<Lot> {
  if ('sources' in from) {
    for (let at = 0; at < from.sources.length; at += size) yield namedLot(world, from.sources.slice(at), size);
    return;
  }
  let cursor = from.cursor;
  for await (const { rows, next } of pages(world.mirrors, { from: cursor, limit: size })) {
    const here = cursor === undefined ? {} : { cursor };
    yield {
      rows: rows.map((row) => read(row, world)),
      gone: [],
      here,
      ...(next === undefined ? {} : { next: { cursor: next } }),
    };
    cursor = next;
  }
}

async function namedLot(world: World, sources: readonly string[], size: number): Promise<Lot> {
  const wanted = sources.slice(0, size);
  const rest = sources.slice(size);
  const found = await Promise.all(wanted.map((source) => readRow(world.mirrors, source)));
  return {
    rows: found.flatMap((row) => (row === undefined ? [] : [read(row, world)])),
    gone: wanted.filter((_, position) => found[position] === undefined),
    here: { sources },
    ...(rest.length === 0 ? {} : { next: { sources: rest } }),
  };
}

function read(row: Item, world: World): ParsedRow {
  return parseRow(row, { mapping: world.settings.mapping });
}

/** What one look at all rows tells. */
export interface Overview {
  /** Who writes which destination, as far as the rows in force say. */
  readonly claims: Claims;
  /** Keys of the rows that a push concerns. */
  readonly concerned: readonly string[];
}

/** Reads the whole table, a page at a time, before any row is acted upon. */
export async function surveyRows(world: World, options: { push?: EcrPush; consistent?: boolean }): Promise<Overview> {
  const claims = createClaims();
  const concerned: string[] = [];
  for await (const { rows } of pages(world.mirrors, { consistent: options.consistent === true })) {
    for (const row of rows) {
      const mirror = inForce(read(row, world), world);
      if (mirror === undefined) continue;
      claimsOf([mirror], claims);
      if (options.push !== undefined && concerns(mirror, options.push)) concerned.push(mirror.key);
    }
  }
  return { claims, concerned };
}

/** A row that mirrors now, with the destinations that it may write: what it may not write it cannot claim. */
function inForce(row: ParsedRow, world: World): Mirror | undefined {
  const mirror = standing(row, world.clock.now());
  if ('reason' in mirror) return undefined;
  const { permissions } = world.settings;
  const destinations = mirror.destinations.filter(
    ({ repository }) => permits(permissions, mirror.source, repository) === undefined,
  );
  return { ...mirror, destinations };
}

/** Whether a row mirrors what was pushed, whichever of the registry's host names it uses. */
export function concerns({ source, select }: Mirror, push: EcrPush): boolean {
  const host = parseEcrHost(source.registry);
  if (host?.account !== push.account || host.region !== push.region || source.name !== push.repository) return false;
  if (select.kind === 'tag') return select.tag === push.tag;
  if (select.kind === 'digest') return select.digest === push.digest;
  // How many there must be, and which are newest, is for planning to find out.
  const { latest: _, min: __, ...selection } = select.selection;
  return selectTags([push.tag], selection).selected.length > 0;
}
