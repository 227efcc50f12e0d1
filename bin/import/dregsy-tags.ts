import { compileTagPattern, tagPatternProblem } from '../../lib/model/tag-pattern';
import { type EntryTags, exactTag, type Harvest, wholeTag } from './harvest';

/** What is left of what any filter has found: `keep: PATTERN`, `keep: !PATTERN`, of which each must hold, and `keep: latest N`. */
interface Kept {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly latest?: number;
}

/**
 * dregsy's `tags`: tags, ranges and patterns are alternatives. Those that one `include` can hold are one selection, each of the
 * others is one of its own; together they are what they were there. What `keep` says counts for all of them.
 */
export function selectionsOf(filters: readonly string[], where: string, harvest: Harvest): readonly EntryTags[] {
  const parts = filters.map((filter) => /^(semver|regex|keep):\s*(.*)$/s.exec(filter.trim()) ?? [filter.trim()]);
  const named = (kind: string) => parts.flatMap(([, found, text = '']) => (found === kind ? [text.trim()] : []));
  const kept = keptOf(named('keep'), where, harvest);
  const verbatim = parts.flatMap(([text = '', kind]) => (kind === undefined ? [text] : []));
  const alternatives: EntryTags[] = [
    ...named('semver').map((semver) => ({ semver })),
    ...named('regex').flatMap((text) => (text.startsWith('!') ? [{ exclude: [wholeTag(text.slice(1))] }] : [])),
  ];
  const patterns = named('regex').flatMap((text) => (text.startsWith('!') ? [] : [wholeTag(text)]));
  const listed = [...verbatim.filter((tag) => isKept(tag, kept)).map(exactTag), ...patterns];
  if (verbatim.length + patterns.length > 0) alternatives.unshift({ include: listed });
  const all = alternatives.length === 0 ? [{}] : alternatives;
  const found = all.flatMap((one) => narrowed(one, { ...kept, isMatched: patterns.length === 0 }, where, harvest));
  if (kept.latest !== undefined && found.length > 1) {
    const message = `keep: latest ${kept.latest} counts for each of ${found.length} mirrors here, and for all that they select there`;
    harvest.note(where, message);
  }
  return found;
}

function keptOf(texts: readonly string[], where: string, harvest: Harvest): Kept {
  const newest = texts.flatMap((text) => /^latest\s+(\d+)$/.exec(text)?.[1] ?? []);
  const patterns = texts
    .filter((text) => !/^latest\s+\d+$/.test(text))
    .map((text) => ({ isLeft: text.startsWith('!'), pattern: wholeTag(text.replace(/^!/, '')) }))
    .filter(({ pattern }) => tagPatternProblem(pattern) === undefined);
  if (patterns.length + newest.length < texts.length)
    harvest.note(where, 'has a keep that is no expression here: what it leaves there is mirrored; one in RE2 would do');
  return {
    include: patterns.flatMap(({ isLeft, pattern }) => (isLeft ? [] : [pattern])),
    exclude: patterns.flatMap(({ isLeft, pattern }) => (isLeft ? [pattern] : [])),
    ...(newest.length === 0 ? {} : { latest: Math.min(...newest.map(Number)) }),
  };
}

function isKept(tag: string, { include }: Kept): boolean {
  return include.every((pattern) => compileTagPattern(pattern).matches(tag));
}

/** @param isMatched whether a list of tags was already held against what is kept */
function narrowed(
  { semver, include, exclude = [] }: EntryTags,
  kept: Kept & { readonly isMatched: boolean },
  where: string,
  harvest: Harvest,
): readonly EntryTags[] {
  const open = include === undefined ? kept.include : kept.isMatched ? [] : kept.include;
  const wanted = [...new Set([include ?? [], open].flat())];
  // Of several patterns a tag has to match one here, and there each of those that are kept.
  if (open.length > 1 || (open.length > 0 && include !== undefined)) {
    harvest.note(where, 'has tags match several patterns at once: not carried; one pattern for them would do');
    return [];
  }
  if (include?.length === 0) return [];
  const all = semver === undefined && wanted.length === 0 ? ['*'] : wanted;
  const left = [...exclude, ...kept.exclude];
  return [
    {
      ...(semver === undefined ? {} : { semver }),
      ...(all.length === 0 ? {} : { include: all }),
      ...(left.length === 0 ? {} : { exclude: left }),
      ...(kept.latest === undefined ? {} : { latest: kept.latest }),
    },
  ];
}
