import { type DestinationTemplate, destinationReference, type Mirror, type ParsedRow } from '../lib/model/mirror';
import { formatReference, formatRepository } from '../lib/model/reference';
import { alwaysMeet, differenceOf } from '../lib/model/union';

/** Rows that write, or may write, what a row writes, and something else: each with the destination. Both would be refused. */
export function rivalsOf(
  mirror: Mirror,
  rows: readonly ParsedRow[],
): readonly { readonly key: string; readonly destination: string }[] {
  return rows.flatMap(({ key, mirror: other }) => {
    if (other === undefined || key === mirror.key) return [];
    const shared = mirror.destinations.flatMap((template) => {
      const met = other.destinations.some(
        (one) => mayMeet(mirror, template, other, one) && !areOne(mirror, template, other, one),
      );
      return met ? [written(mirror, template)] : [];
    });
    return shared.slice(0, 1).map((destination) => ({ key, destination }));
  });
}

/** Which tags a row selects is known only once it is planned: in one repository they may meet. */
function mayMeet(mirror: Mirror, template: DestinationTemplate, other: Mirror, one: DestinationTemplate): boolean {
  if (formatRepository(template.repository) !== formatRepository(one.repository)) return false;
  if (mirror.select.kind === 'tags' || other.select.kind === 'tags') return true;
  return written(mirror, template) === written(other, one);
}

/** Whether they want one copy wherever they meet. */
function areOne(mirror: Mirror, template: DestinationTemplate, other: Mirror, one: DestinationTemplate): boolean {
  return alwaysMeet([mirror, template], [other, one]) && differenceOf([mirror, other]) === undefined;
}

function written({ select }: Mirror, template: DestinationTemplate): string {
  return select.kind === 'tags'
    ? formatRepository(template.repository)
    : formatReference(destinationReference(template, select));
}
