import { show } from './invalid';
import type { Problem } from './mirror';
import { formatPlatform, parsePlatform } from './platform';
import { isTag, parseReference } from './reference';
import { isMap, readRow } from './row-reader';
import { readTags } from './row-tags';
import { tagPatternProblems } from './tag-pattern';
import type { TagSelection } from './tag-selection';
import { rangeProblem } from './version-range';

/** An entry of a list of images: `images: [{source, tags, destination, platforms}]`. */
export interface ListedImage {
  /** `images[3]` */
  readonly where: string;
  /** As it was written. With a tag or digest of its own only where there are no `tags`. */
  readonly source: string;
  /** The path of the source in its registry. */
  readonly path: string;
  readonly tags?: ListedTags;
  readonly destination?: string;
  readonly platforms?: readonly string[];
}

/** Tags as they are called, each of which has to be there; or those that a selection finds. */
export type ListedTags =
  | { readonly kind: 'named'; readonly tags: readonly string[] }
  | { readonly kind: 'selected'; readonly selection: TagSelection };

export interface ListProblem {
  /** `images[3].tags` */
  readonly where: string;
  readonly message: string;
}

/** What could be read, and what is wrong with the rest. */
export interface ImageListRead {
  readonly images: readonly ListedImage[];
  readonly problems: readonly ListProblem[];
}

const KEYS = ['source', 'name', 'tags', 'destination', 'platforms'];
/** More is a mistake, or an attack by way of YAML aliases. */
const MOST_IMAGES = 100_000;
/** What a semver range begins with, and no tag. */
const RANGE = /^[<>=~^]/;

/** Reads a document that YAML or JSON has already parsed. `name` is for people; keys with `x-` before them are anybody's. */
export function readImageList(document: unknown): ImageListRead {
  const problems: ListProblem[] = [];
  if (!isMap(document) || !Array.isArray(document.images)) {
    const got = isMap(document) ? show(document.images) : show(document);
    const message = `got ${got}; a list would do: images: [{source: registry/repository, tags: ["1.27"]}]`;
    return { images: [], problems: [{ where: 'images', message }] };
  }
  noteUnknown(document, ['images'], '', problems);
  if (document.images.length > MOST_IMAGES) {
    const message = `got a list of ${document.images.length}; at most ${MOST_IMAGES} would do`;
    return { images: [], problems: [{ where: 'images', message }] };
  }
  const images = document.images.flatMap((entry, i) => readImage(entry, `images[${i}]`, problems) ?? []);
  return { images, problems };
}

type Values = Readonly<Record<string, unknown>>;

function readImage(entry: unknown, where: string, problems: ListProblem[]): ListedImage | undefined {
  if (!isMap(entry)) {
    problems.push({ where, message: `got ${show(entry)}; a map such as {source: registry/repository} would do` });
    return undefined;
  }
  noteUnknown(entry, KEYS, where, problems);
  const named = readSource(entry, `${where}.source`, problems);
  if (named === undefined) return undefined;
  const { tags, platforms } = {
    tags: readListedTags(entry.tags, where, problems),
    platforms: readPlatforms(entry.platforms, `${where}.platforms`, problems),
  };
  if (tags !== undefined && named.isTagged) {
    const message = `got ${show(named.source)} with tags; a source without tag and digest would do`;
    problems.push({ where: `${where}.source`, message });
    return undefined;
  }
  const destination = readDestination(entry.destination, `${where}.destination`, problems);
  return {
    where,
    source: named.source,
    path: named.path,
    ...(tags === undefined ? {} : { tags }),
    ...(destination === undefined ? {} : { destination }),
    ...(platforms.length === 0 ? {} : { platforms }),
  };
}

function noteUnknown(values: Values, known: readonly string[], within: string, problems: ListProblem[]): void {
  for (const key of Object.keys(values)) {
    if (known.includes(key) || key.startsWith('x-')) continue;
    const where = within === '' ? key : `${within}.${key}`;
    problems.push({ where, message: `is not known in a list of images; ${known.join(', ')} would do` });
  }
}

function readSource({ source }: Values, where: string, problems: ListProblem[]) {
  try {
    const text = typeof source === 'string' ? source.trim() : '';
    const { repository, tag, digest } = parseReference(text);
    return { source: text, path: repository.name, isTagged: tag !== undefined || digest !== undefined };
  } catch {
    problems.push({ where, message: `got ${show(source)}, which is no image; registry/repository would do` });
    return undefined;
  }
}

function readDestination(value: unknown, where: string, problems: ListProblem[]): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && value.trim() !== '') return value.trim();
  problems.push({ where, message: `got ${show(value)}; a repository's name would do` });
  return undefined;
}

function readPlatforms(value: unknown, where: string, problems: ListProblem[]): readonly string[] {
  const values = value === undefined || value === null ? [] : [value].flat();
  return values.flatMap((one) => {
    try {
      return formatPlatform(parsePlatform(String(one)));
    } catch {
      problems.push({ where, message: `got ${show(one)}; linux/amd64 would do` });
      return [];
    }
  });
}

/** A tag, a list of tags and patterns, a range of versions, or a map as rows have it. */
function readListedTags(value: unknown, within: string, problems: ListProblem[]): ListedTags | undefined {
  if (value === undefined || value === null) return undefined;
  const where = `${within}.tags`;
  if (isMap(value)) return readMap(value, within, problems);
  const texts = textsOf([value].flat(), where, problems);
  if (texts.length === 0) {
    if (Array.isArray(value) && value.length === 0) problems.push({ where, message: 'got no tags; one would do' });
    return undefined;
  }
  if (texts.every((text) => isTag(text))) return { kind: 'named', tags: [...new Set(texts)] };
  const ranges = texts.filter((text) => RANGE.test(text));
  const [range] = ranges;
  if (range === undefined) return readPatterns(texts, where, problems);
  const problem = texts.length > 1 ? `got a range among other tags; an entry of its own would do` : rangeProblem(range);
  if (problem === undefined) return { kind: 'selected', selection: { semver: range } };
  problems.push({ where, message: problem });
  return undefined;
}

function readPatterns(include: readonly string[], where: string, problems: ListProblem[]): ListedTags | undefined {
  const found = tagPatternProblems(include);
  for (const message of found) problems.push({ where, message });
  return found.length > 0 ? undefined : { kind: 'selected', selection: { include } };
}

function readMap(tags: Values, within: string, problems: ListProblem[]): ListedTags | undefined {
  const found: Problem[] = [];
  const selection = readTags(readRow({ tags }, 'file', found), found);
  for (const { attribute = 'tags', message } of found) problems.push({ where: `${within}.${attribute}`, message });
  return selection === undefined || found.length > 0 ? undefined : { kind: 'selected', selection };
}

/** YAML takes `1.10` for a number, which is 1.1. */
function textsOf(values: readonly unknown[], where: string, problems: ListProblem[]): readonly string[] {
  return values.flatMap((value, i) => {
    if (typeof value === 'string' && value.trim() !== '') return [value.trim()];
    const remedy = typeof value === 'number' ? 'the same in quotes' : 'a tag, a glob or a range of versions';
    problems.push({ where: `${where}[${i}]`, message: `got ${show(value)}; ${remedy} would do` });
    return [];
  });
}
