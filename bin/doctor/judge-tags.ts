import { floats, isFixedTag, type TagMutability } from '../../lib/model/moving-tags';
import { formatRepository } from '../../lib/model/reference';
import { type Finding, warning } from './finding';
import { type DestinationPlace, tagWritten } from './places';

/** Tags that move by their form, which rows write where they may not: each move will be a conflict. */
export function judgeTags({ repository, rows }: DestinationPlace, mutability: TagMutability): readonly Finding[] {
  const tags = rows.flatMap((row) => {
    const tag = tagWritten(row);
    const moves = tag !== undefined && floats(row.mirror.select.kind === 'tag' ? row.mirror.select.tag : tag);
    const pinned = row.mirror.select.kind === 'digest' || row.mirror.onConflict === 'suffix';
    return moves && !pinned && isFixedTag(mutability, tag) ? [tag] : [];
  });
  if (tags.length === 0) return [];
  const named = [...new Set(tags)].join(', ');
  const saw = `${mutability.imageTagMutability}: when ${named} moves at the source, that is a conflict`;
  return [warning('DOCTOR-TAGS', formatRepository(repository), saw)];
}
