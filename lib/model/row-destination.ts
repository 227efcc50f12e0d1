import { InvalidValue, show } from './invalid';
import { type DestinationMapping, mapRepository } from './mapping';
import { type DestinationTemplate, destinationReference, type Selection } from './mirror';
import { formatReference, formatRepository, isTag, parseReference, type Repository, sameRepository } from './reference';
import { attempt, type RowReader, readList } from './row-reader';

const DESTINATION = 'Destination';
const SOURCE_TAG = '{tag}';

/**
 * A destination as people write it: `registry/repository`, `registry/repository:tag`, `registry/repository:{tag}-mirror`.
 *
 * @throws InvalidValue naming what is wrong.
 */
export function parseDestination(text: string): DestinationTemplate {
  const fail = (remedy: string): never => {
    throw new InvalidValue('reference', text, remedy);
  };
  if (text.includes('@')) fail('a repository or repository:tag would do; the digest is the source’s');
  const colon = text.lastIndexOf(':');
  const hasTag = colon > text.lastIndexOf('/');
  const [name, tag] = hasTag ? [text.slice(0, colon), text.slice(colon + 1)] : [text, undefined];
  if (/[{}]/.test(name)) fail('{tag} in the tag alone would do: registry/repository:{tag}');
  if (tag === undefined || !/[{}]/.test(tag)) {
    const { repository, tag: fixed } = parseReference(text);
    return fixed === undefined ? { repository } : { repository, tag: fixed };
  }
  const unknown = (tag.match(/\{[^{}]*\}?|\}/g) ?? []).find((one) => one !== SOURCE_TAG);
  if (unknown !== undefined) fail('{tag} is the only template: registry/repository:{tag}-mirror would do');
  if (!isTag(tag.replaceAll(SOURCE_TAG, 'x'))) {
    fail('around {tag}, letters, digits, dots, dashes and underscores would do, not starting with . or -, 128 in all');
  }
  const { repository } = parseReference(name);
  return tag === SOURCE_TAG ? { repository } : { repository, tag };
}

/** The destinations of a row, each once; what is wrong with them is told to the reader. */
export function readDestinations(
  reader: RowReader,
  mapping: DestinationMapping,
  source: Repository | undefined,
  select: Selection | undefined,
): readonly DestinationTemplate[] {
  const templates = reader.has(DESTINATION) ? writtenDestinations(reader) : mappedDestination(reader, mapping, source);
  if (source === undefined || select === undefined) return templates;
  for (const template of templates) {
    const message = ownSource(template, source, select) ?? manyIntoOne(template, select) ?? tooLong(template, select);
    if (message !== undefined) reader.error(DESTINATION, message);
  }
  return withoutDuplicates(reader, templates, select);
}

function writtenDestinations(reader: RowReader): readonly DestinationTemplate[] {
  const texts = readList(reader, DESTINATION, 'registry/repository:tag, or a list of such,') ?? [];
  return texts.flatMap((text) => attempt(reader, DESTINATION, () => parseDestination(text)) ?? []);
}

function mappedDestination(
  reader: RowReader,
  mapping: DestinationMapping,
  source: Repository | undefined,
): readonly DestinationTemplate[] {
  if (source === undefined) return [];
  const repository = mapRepository(mapping, source);
  if (repository === undefined) {
    reader.error(DESTINATION, 'got nothing; registry/repository:tag, or a mapping with a registry, would do');
    return [];
  }
  const checked = attempt(reader, DESTINATION, () => parseReference(formatRepository(repository)).repository);
  return checked === undefined ? [] : [{ repository: checked }];
}

/** Writing where one reads: at best nothing to do, at worst a tag made from a tag made from a tag. */
function ownSource(template: DestinationTemplate, source: Repository, select: Selection): string | undefined {
  if (!sameRepository(template.repository, source)) return undefined;
  const got = `got ${formatRepository(source)}${template.tag === undefined ? '' : `:${template.tag}`}`;
  if (select.kind === 'tags') return `${got}, the repository of the source; another repository would do`;
  const written = destinationReference(template, select).tag;
  const same = written === select.tag || (select.kind === 'digest' && template.tag === undefined);
  return same ? `${got}, which is the source itself; another repository or tag would do` : undefined;
}

function manyIntoOne(template: DestinationTemplate, select: Selection): string | undefined {
  if (select.kind !== 'tags' || template.tag === undefined || template.tag.includes(SOURCE_TAG)) return undefined;
  const { latest, include } = select.selection;
  const single = latest === 1 || (include?.length === 1 && isTag(include[0] ?? ''));
  if (single) return undefined;
  return `got the one tag ${template.tag} while Tags may select many; ${formatRepository(template.repository)}:{tag} would do`;
}

function tooLong(template: DestinationTemplate, select: Selection): string | undefined {
  if (select.kind === 'tags') return undefined;
  const { tag } = destinationReference(template, select);
  return tag === undefined || isTag(tag)
    ? undefined
    : `got the tag ${show(tag)}; one of at most 128 characters would do`;
}

function withoutDuplicates(
  reader: RowReader,
  templates: readonly DestinationTemplate[],
  select: Selection,
): readonly DestinationTemplate[] {
  const seen = new Map<string, DestinationTemplate>();
  for (const template of templates) {
    const written =
      select.kind === 'tags'
        ? `${formatRepository(template.repository)}:${template.tag ?? SOURCE_TAG}`
        : formatReference(destinationReference(template, select));
    if (seen.has(written)) reader.warn(DESTINATION, `got ${written} more than once; once would do`);
    else seen.set(written, template);
  }
  return [...seen.values()];
}
