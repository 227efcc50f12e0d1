import type { DestinationTemplate, Mirror } from './mirror';
import { destinationReference } from './mirror';
import { formatPlatforms } from './platform';
import { formatReference, type Reference, sameRepository } from './reference';
import type { SignatureRequirement } from './signature-requirement';

/** Rows that put one image at one destination: that is one copy, which keeps to what each of them asks for. */

/** What of a row is kept that says that it writes a destination: enough to tell what it writes there, and how. */
export type Claimant = Pick<
  Mirror,
  | 'key'
  | 'source'
  | 'select'
  | 'destinations'
  | 'referrers'
  | 'artifactTypes'
  | 'platforms'
  | 'compare'
  | 'minAge'
  | 'keepPrevious'
  | 'requireSignature'
  | 'onConflict'
>;

/** What one copy heeds for all of its rows. */
export type Terms = Pick<Mirror, 'artifactTypes' | 'platforms' | 'minAge' | 'keepPrevious' | 'requireSignature'>;

/** Without what is for people, or about the row alone. */
export function claimantOf(mirror: Claimant): Claimant {
  const { key, source, select, destinations, referrers, onConflict } = mirror;
  return {
    ...{ key, source, select, destinations, referrers },
    ...termsOf(mirror),
    ...(mirror.compare === undefined ? {} : { compare: mirror.compare }),
    ...(onConflict === undefined ? {} : { onConflict }),
  };
}

function termsOf({ artifactTypes, platforms, minAge, keepPrevious, requireSignature }: Claimant): Terms {
  return {
    ...(artifactTypes === undefined ? {} : { artifactTypes }),
    ...(platforms === undefined ? {} : { platforms }),
    ...(minAge === undefined ? {} : { minAge }),
    ...(keepPrevious === undefined ? {} : { keepPrevious }),
    ...(requireSignature === undefined ? {} : { requireSignature }),
  };
}

/**
 * Whether a row that writes a destination writes this image there, and can write no other.
 *
 * @param image as rows ask for it: a pin by its digest, with its tag if it has one; else by its tag
 */
export function putsThere(
  { source, select, destinations }: Claimant,
  image: Reference,
  destination: Reference,
): boolean {
  if (!sameRepository(source, image.repository)) return false;
  if (select.kind === 'digest') return select.digest === image.digest && select.tag === image.tag;
  if (image.digest !== undefined) return false;
  if (select.kind === 'tag') return select.tag === image.tag;
  const written = formatReference(destination);
  return destinations.some(
    (template) => keepsTag(template) && formatReference(destinationReference(template, image)) === written,
  );
}

/** A row, and one of its destinations. */
type Writer = readonly [row: Claimant, template: DestinationTemplate];

/** Whether two rows that write one repository put the same image there wherever they meet, whatever tags they select. */
export function alwaysMeet(one: Writer, other: Writer): boolean {
  const [[row, from], [rival, to]] = one[0].select.kind === 'tags' ? [other, one] : [one, other];
  if (!sameRepository(row.source, rival.source)) return false;
  if (row.select.kind === 'tags') return keepsTag(from) && from.tag === to.tag;
  const image = { repository: row.source, ...row.select };
  return putsThere({ ...rival, destinations: [to] }, image, destinationReference(from, image));
}

/** Whether the destination's tag tells the source's. */
function keepsTag({ tag }: DestinationTemplate): boolean {
  return tag === undefined || tag.includes('{tag}');
}

/** In what rows must not differ: a destination has one of it. What is there for one row would not do for the other. */
const ONE_OF: readonly (readonly [difference: string, of: (row: Claimant) => string | undefined])[] = [
  ['other platforms', ({ platforms }) => (platforms === undefined ? '' : formatPlatforms(platforms))],
  ['other referrers', ({ referrers, artifactTypes }) => (referrers ? [...(artifactTypes ?? ['*'])].sort().join() : '')],
  ['another way to compare', ({ compare }) => compare ?? 'manifest'],
  ['another way out of conflicts', ({ onConflict }) => onConflict ?? 'report'],
  // Who asks for no signature lets himself be content with any.
  ['other signers', ({ requireSignature }) => requireSignature && signersOf(requireSignature)],
];

/** Any of some keys will do: their order says nothing. */
function signersOf(requirement: SignatureRequirement): string {
  return JSON.stringify('keys' in requirement ? [...requirement.keys].sort() : requirement);
}

/** In what rows differ, and which of them differ from one. */
export interface Difference {
  /** `other platforms` */
  readonly what: string;
  rivalsOf(row: Claimant): Iterable<Claimant>;
}

/** In what rows differ that put one image at one destination; undefined when one copy can keep to all of them. */
export function differenceOf(rows: readonly Claimant[]): Difference | undefined {
  for (const [what, of] of ONE_OF) {
    const kinds = new Map<string, Claimant[]>();
    for (const row of rows) {
      const text = of(row);
      if (text === undefined) continue;
      const known = kinds.get(text);
      if (known === undefined) kinds.set(text, [row]);
      else known.push(row);
    }
    if (kinds.size > 1) return { what, rivalsOf: (row) => othersThan(of(row), kinds, rows) };
  }
  return undefined;
}

function* othersThan(
  own: string | undefined,
  kinds: ReadonlyMap<string, readonly Claimant[]>,
  rows: readonly Claimant[],
): Iterable<Claimant> {
  if (own === undefined) yield* rows;
  else for (const [text, some] of kinds) if (text !== own) yield* some;
}

/**
 * What one copy heeds for all of its rows: each is at least as well served as by a copy of its own. The longest quarantine, the
 * signature that any of them asks for, and what was there is kept when any of them wants that.
 *
 * @param rows that do not differ, at least one
 */
export function unite(rows: readonly Claimant[]): Terms {
  const ages = rows.flatMap(({ minAge }) => minAge ?? []);
  const requireSignature = rows.find((row) => row.requireSignature !== undefined)?.requireSignature;
  const { artifactTypes, platforms } = rows[0] ?? {};
  return {
    // Of the first, letter by letter: two copies that differ in the order of a list would be two.
    ...(artifactTypes === undefined ? {} : { artifactTypes }),
    ...(platforms === undefined ? {} : { platforms }),
    ...(ages.length === 0 ? {} : { minAge: Math.max(...ages) }),
    ...(rows.some(({ keepPrevious }) => keepPrevious === true) ? { keepPrevious: true } : {}),
    ...(requireSignature === undefined ? {} : { requireSignature }),
  };
}
