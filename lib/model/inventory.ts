import { nextDue } from './every';
import { type CopyFacts, DEFAULT_STALE_AFTER } from './freshness';
import { destinationReference, type Every, type Mirror, type ParsedRow } from './mirror';
import { problemLine } from './mirror-row';
import { ROW_ITEM } from './names';
import { formatReference, formatRepository, parseReference, type Reference } from './reference';
import { selectTags } from './tag-selection';

/** What is known of a row as a whole. */
export interface RowFacts {
  /** What is wrong with it. @default - nothing */
  readonly problem?: { readonly state: 'Invalid' | 'Failed'; readonly error: string; readonly code?: string };
  /** When it was last looked at, where its `Every` counts from that. Milliseconds since the epoch. */
  readonly lastChecked?: number;
  readonly staleSince?: number;
}

/** A copy that a row wants, or that is there; or what is to be said of a row as a whole. */
export interface Entry {
  /** Key of the row that wants it; absent when none does. Of several the one by which it is to be fresh soonest. */
  readonly row?: string;
  /** All that want it. Present when they are several. */
  readonly rows?: readonly string[];
  /** Canonical, with its tag; of a row as a whole its key. */
  readonly source: string;
  /** Canonical, with its tag; `-` for a row as a whole. */
  readonly destination: string;
  /** @default - nothing is known of it yet */
  readonly facts?: CopyFacts;
  readonly every?: Every;
  /** Seconds for which its row lets it be behind. @default - the row does not say */
  readonly staleAfter?: number;
  /** Why nobody wants it to be fresh now. */
  readonly idle?: string;
  /** What is wrong with its row, and since when: it was not looked at as it should be. */
  readonly rowFacts?: RowFacts;
}

/**
 * Joins what rows want with what is known of copies: each copy that is wanted, each that is known, and each row of which nothing
 * else can be said. Which tags a row selects is told by the tags that it was seen to select: a tag that a newer one has displaced is
 * wanted no longer.
 */
export function inventory(
  rows: readonly ParsedRow[],
  copies: readonly CopyFacts[],
  status: ReadonlyMap<string, RowFacts>,
  now: number,
): Entry[] {
  const known = new Map(copies.map((facts) => [pairText(facts.source, facts.destination), facts]));
  const bySource = groupBySource(copies);
  const entries = new Map<string, Entry>();
  const aboutRows: Entry[] = [];
  for (const row of rows) {
    const rowFacts = factsOf(row, status);
    const wanted = row.mirror === undefined ? [] : wantedBy(row.mirror, known, bySource);
    const idle = row.mirror === undefined ? undefined : idleness(row.mirror, now);
    const common = {
      row: row.key,
      ...(row.mirror?.every === undefined ? {} : { every: row.mirror.every }),
      ...(row.mirror?.staleAfter === undefined ? {} : { staleAfter: row.mirror.staleAfter }),
      ...(idle === undefined ? {} : { idle }),
      ...(rowFacts === undefined ? {} : { rowFacts }),
    };
    const troubled = rowFacts?.problem !== undefined && idle === undefined;
    // Why there is nothing yet is what the row's own line says.
    for (const pair of wanted.filter(({ facts }) => facts !== undefined || !troubled)) {
      const key = pairText(pair.source, pair.destination);
      const entry = { ...common, ...pair };
      const known = entries.get(key);
      entries.set(key, known === undefined ? entry : forBoth(known, entry, now));
    }
    if (troubled || wanted.length === 0) aboutRows.push({ ...common, ...aboutRow(row, rowFacts, troubled) });
  }
  for (const facts of copies) {
    const key = pairText(facts.source, facts.destination);
    const { source, destination } = facts;
    if (!entries.has(key)) entries.set(key, { source, destination, facts, idle: 'no row wants it' });
  }
  return [...aboutRows, ...entries.values()];
}

/** What two rows want is judged by the stricter of them: by one that is in force, and is looked at sooner. */
function forBoth(one: Entry, other: Entry, now: number): Entry {
  const due = ({ idle, every }: Entry) =>
    idle !== undefined ? Infinity : every === undefined ? now : nextDue(every, now);
  const stricter = due(other) < due(one) ? other : one;
  const rows = [one, other].flatMap(({ rows, row }) => rows ?? row ?? []);
  const inForce = [one, other].filter(({ idle }) => idle === stricter.idle);
  const allowed = inForce.map(({ staleAfter }) => staleAfter ?? DEFAULT_STALE_AFTER);
  return {
    ...stricter,
    rows,
    ...(inForce.some((entry) => entry.staleAfter) ? { staleAfter: Math.min(...allowed) } : {}),
  };
}

type Wanted = Pick<Entry, 'source' | 'destination' | 'facts'>;

function wantedBy(
  mirror: Mirror,
  known: ReadonlyMap<string, CopyFacts>,
  bySource: ReadonlyMap<string, readonly Reference[]>,
): readonly Wanted[] {
  const find = (image: Reference, destination: Reference): Wanted => {
    const pair = { source: formatReference(image), destination: formatReference(destination) };
    const facts = known.get(pairText(pair.source, pair.destination));
    return facts === undefined ? pair : { ...pair, facts };
  };
  const { select, source: repository } = mirror;
  if (select.kind !== 'tags') {
    const { tag } = select;
    const image =
      tag === undefined && select.kind === 'digest' ? { repository, digest: select.digest } : { repository, tag };
    return mirror.destinations.map((template) => find(image, destinationReference(template, select)));
  }
  const { min: _, ...selection } = select.selection;
  const images = bySource.get(formatRepository(repository)) ?? [];
  return mirror.destinations.flatMap((template) => {
    const there = images
      .filter(({ tag }) => tag !== undefined)
      .map((image) => [image.tag ?? '', find(image, destinationReference(template, image))] as const)
      .filter(([, { facts }]) => facts !== undefined);
    const selected = new Set(
      selectTags(
        there.map(([tag]) => tag),
        selection,
      ).selected,
    );
    return there.filter(([tag]) => selected.has(tag)).map(([, wanted]) => wanted);
  });
}

function groupBySource(copies: readonly CopyFacts[]): ReadonlyMap<string, readonly Reference[]> {
  const images = new Map<string, Map<string, Reference>>();
  for (const source of new Set(copies.map((copy) => copy.source))) {
    const image = readable(source);
    if (image === undefined) continue;
    const repository = formatRepository(image.repository);
    const known = images.get(repository) ?? new Map<string, Reference>();
    images.set(repository, known.set(source, image));
  }
  return new Map([...images].map(([repository, found]) => [repository, [...found.values()]]));
}

/** What somebody else wrote into the table may be no reference. */
function readable(text: string): Reference | undefined {
  try {
    return parseReference(text);
  } catch {
    return undefined;
  }
}

function idleness({ paused, expires }: Mirror, now: number): string | undefined {
  if (expires !== undefined && expires * 1000 <= now) return `expired ${new Date(expires * 1000).toISOString()}`;
  return paused ? 'paused' : undefined;
}

/** A row that cannot be understood is wrong now, whatever was written when a run looked at it. */
function factsOf(row: ParsedRow, status: ReadonlyMap<string, RowFacts>): RowFacts | undefined {
  const written = status.get(row.key);
  if (row.mirror !== undefined) return written;
  const lines = row.problems.filter(({ severity }) => severity === 'error').map(problemLine);
  return { ...written, problem: { state: 'Invalid', error: lines.join(' · '), code: 'ROW_INVALID' } };
}

function aboutRow(row: ParsedRow, rowFacts: RowFacts | undefined, troubled: boolean): Wanted {
  const pair = { source: row.key, destination: ROW_ITEM };
  if (!troubled || rowFacts?.problem === undefined) return pair;
  const { problem, staleSince } = rowFacts;
  return { ...pair, facts: { ...pair, ...problem, ...(staleSince === undefined ? {} : { staleSince }) } };
}

function pairText(source: string, destination: string): string {
  return `${source} ${destination}`;
}
