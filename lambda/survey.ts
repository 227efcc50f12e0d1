import type { EcrPush } from '../aws/events';
import { type Filter, mentioning, pages, readRow } from '../aws/mirror-table';
import { mapWithin } from '../engine/gate';
import { standing } from '../engine/plan';
import { questionOf } from '../engine/resolve';
import { type Claims, createClaims } from '../lib/model/claims';
import { parseEcrHost } from '../lib/model/ecr-host';
import { destinationReference, type Mirror, type ParsedRow } from '../lib/model/mirror';
import { permits } from '../lib/model/permissions';
import { formatReference, formatRepository, type Reference } from '../lib/model/reference';
import { eligibleTags } from '../lib/model/tag-selection';
import type { PushedImage } from '../lib/model/webhook';
import { mixtures, repeats } from './overlaps';
import { parsed } from './rows';
import type { World } from './world';

/** What one look at all rows tells. */
export interface Overview {
  /** Who writes the destinations that more than one row may write. Of others nothing is kept. */
  readonly claims: Claims;
  /** Whether several rows ask the same of a source: its answer is worth keeping. */
  readonly isShared: (question: string) => boolean;
}

export interface SurveyOptions {
  /** @default false */
  readonly consistent?: boolean;
  /** Rows that are to be planned: of the others only those count that may write what these write. @default - all rows are */
  readonly planned?: readonly Mirror[];
}

/**
 * Reads the whole table, a page at a time, before any row is acted upon. A destination is remembered in eight bytes; only when
 * two rows seem to write the same one is the table read again, for the rows that write that.
 */
export async function surveyRows(world: World, { consistent, planned }: SurveyOptions): Promise<Overview> {
  if (planned?.length === 0) return { claims: createClaims(), isShared: () => false };
  const filter = planned === undefined ? undefined : mentioning(planned.flatMap(namesWritten));
  const scan = () => mirrorsInForce(world, { consistent: consistent === true, ...(filter && { filter }) });
  const [claims, questions, repositories, destinations] = [createClaims(), repeats(), mixtures(), repeats()];
  for await (const mirror of scan()) {
    repositories.see(mirror);
    if (mirror.select.kind !== 'tags') questions.see(questionOf(mirror.source, mirror.select));
    for (const text of new Set(fixedDestinations(mirror).map(formatReference))) destinations.see(text);
  }
  if (destinations.any || repositories.any) {
    for await (const mirror of scan()) {
      if (mirror.select.kind === 'tags' && mirror.destinations.some(repositories.has)) claims.claimRepositories(mirror);
      for (const destination of fixedDestinations(mirror)) {
        if (destinations.has(formatReference(destination)) || repositories.has(destination)) {
          claims.claim(destination, mirror);
        }
      }
    }
  }
  return { claims, isShared: questions.has };
}

/** Destinations that a row names by itself; a selection of tags is known only once it is made. */
function fixedDestinations({ destinations, select }: Mirror): readonly Reference[] {
  return select.kind === 'tags' ? [] : destinations.map((template) => destinationReference(template, select));
}

/** Whatever row writes into the same repository has the last part of its name somewhere: in its destination, or in the source that is mapped. */
function namesWritten({ destinations }: Mirror): readonly string[] {
  return destinations.map(({ repository }) => repository.name.split('/').at(-1) ?? '');
}

async function* mirrorsInForce(
  world: World,
  options: { readonly consistent?: boolean; readonly filter?: Filter },
): AsyncGenerator<Mirror> {
  for await (const { rows } of pages(world.mirrors, options)) {
    for (const row of rows) {
      const mirror = inForce(parsed(row, world), world);
      if (mirror !== undefined) yield mirror;
    }
  }
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

const READS_AT_ONCE = 16;
/** More rows than this are not looked at one by one before all are. */
const MOST_NAMED = 100;

/** The overview for some rows, by their `Source`. */
export async function surveyFor(
  sources: readonly string[],
  world: World,
  options: { readonly consistent?: boolean } = {},
): Promise<Overview> {
  if (sources.length > MOST_NAMED) return surveyRows(world, options);
  const found = await mapWithin(READS_AT_ONCE, sources, (source) => readRow(world.mirrors, source));
  const planned = found.flatMap((row) => (row === undefined ? [] : (inForce(parsed(row, world), world) ?? [])));
  return surveyRows(world, { ...options, planned });
}

/** Keys of the rows that a push concerns. */
export async function rowsConcerned(push: EcrPush, world: World): Promise<readonly string[]> {
  const filter = mentioning([push.repository]);
  const keys: string[] = [];
  for await (const mirror of mirrorsInForce(world, filter === undefined ? {} : { filter })) {
    if (concerns(mirror, push)) keys.push(mirror.key);
  }
  return keys;
}

/** Whether a row mirrors what was pushed, whichever of the registry's host names it uses. */
export function concerns({ source, select }: Mirror, push: EcrPush): boolean {
  const host = parseEcrHost(source.registry);
  if (host?.account !== push.account || host.region !== push.region || source.name !== push.repository) return false;
  return selects(select, push);
}

/** Keys of the rows that mirror one of these images: their order is the table's. */
export async function rowsOfPushes(pushes: readonly PushedImage[], world: World): Promise<readonly string[]> {
  const byRepository = new Map<string, PushedImage[]>();
  for (const push of pushes) {
    const name = `${push.registry}/${push.repository}`;
    byRepository.set(name, [...(byRepository.get(name) ?? []), push]);
  }
  // As a row may write it: `nginx` is `docker.io/library/nginx`.
  const filter = mentioning(pushes.map(({ repository }) => repository.split('/').at(-1) ?? ''));
  const keys: string[] = [];
  for await (const { source, select, key } of mirrorsInForce(world, filter === undefined ? {} : { filter })) {
    const pushed = byRepository.get(formatRepository(source)) ?? [];
    if (pushed.some((push) => selects(select, push))) keys.push(key);
  }
  return keys;
}

function selects(select: Mirror['select'], push: { readonly tag: string; readonly digest?: string }): boolean {
  if (select.kind === 'tag') return select.tag === push.tag;
  if (select.kind === 'digest') return select.digest === push.digest;
  return eligibleTags([push.tag], select.selection).length > 0;
}
