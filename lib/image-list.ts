import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { parseDocument } from 'yaml';
import type { MirroredImage } from './mirrored-image';
import { type ListedImage, type ListedTags, readImageList } from './model/image-list';
import { show } from './model/invalid';
import type { TagSelection as Selection } from './model/tag-selection';
import { PropsInvalid } from './props-invalid';
import { TagSelection } from './tag-selection';

const LARGEST_FILE = 10 * 1024 * 1024;
/** Uses of anchors: what a person writes, and far from what exhausts memory. */
const MOST_ALIASES = 1000;

/**
 * Images that are listed in a file, in YAML or JSON: one list for whoever knows the images and not this app.
 *
 * @example
 *
 * new EcrMirror(this, 'Mirror', { images: ImageList.fromFile('images.yaml') });
 */
export class ImageList {
  /**
   * Reads `images: [{source, tags, destination, platforms}]`. `tags` is a tag, a list of tags, globs and `/regular expressions/`, a
   * range of versions (`'>=1.25 <2'`), or a map of `semver`, `include`, `exclude`, `latest` and `min`; each tag that is named as
   * such has to be there. `destination` is the repository's name in the own registry.
   *
   * The same file is what `ecr-mirror import` takes.
   *
   * @param path relative to the folder that the app runs in
   * @throws Error naming the file, the entry, what was got and what would do
   */
  public static fromFile(path: string): MirroredImage[] {
    const name = basename(path);
    const { images, problems } = readImageList(parse(read(path), path));
    const [problem] = problems;
    if (problem !== undefined) throw new PropsInvalid(`${name}: ${problem.where}: ${problem.message}`);
    return images.flatMap((image) => mirrored(image, name));
  }

  private constructor() {}
}

function read(path: string): string {
  let size = 0;
  try {
    size = statSync(path).size;
    if (size <= LARGEST_FILE) return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new PropsInvalid(`ImageList: read ${show(path)}: got ${code}; a list of images in YAML or JSON would do`);
  }
  throw new PropsInvalid(`ImageList: read ${show(path)}: got ${size} bytes; at most ${LARGEST_FILE} would do`);
}

function parse(text: string, path: string): unknown {
  const document = parseDocument(text, { version: '1.2', uniqueKeys: true, logLevel: 'error' });
  const [error] = document.errors;
  if (error !== undefined) throw notYaml(path, error);
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (tooMany) {
    throw notYaml(path, tooMany as Error);
  }
}

function notYaml(path: string, { message }: Error): Error {
  const [line = ''] = message.split('\n');
  return new PropsInvalid(`ImageList: read ${show(path)}: got ${line.replace(/:$/, '')}; YAML 1.2 or JSON would do`);
}

/** One image, or one for each tag that is named. */
function mirrored(image: ListedImage, file: string): MirroredImage[] {
  const { source, tags, platforms } = image;
  const rest = {
    ...(platforms === undefined ? {} : { platforms: [...platforms] }),
    ...repositoryOf(image, file),
  };
  if (tags?.kind === 'named') return tags.tags.map((tag) => ({ source: `${source}:${tag}`, ...rest }));
  return [{ source, ...(tags === undefined ? {} : { tags: selectionOf(tags) }), ...rest }];
}

function repositoryOf({ where, destination }: ListedImage, file: string): Pick<MirroredImage, 'repositoryName'> {
  if (destination === undefined) return {};
  if (/^[a-z0-9._/-]+$/.test(destination) && !/^[^/]*\.[^/]*\//.test(destination))
    return { repositoryName: destination };
  throw new PropsInvalid(
    `${file}: ${where}.destination: got ${show(destination)}; the name of a repository in the own registry would do: mirror/nginx`,
  );
}

function selectionOf({ selection }: Extract<ListedTags, { kind: 'selected' }>): TagSelection {
  const { semver, include, exclude, latest, min = 0 }: Selection = selection;
  let made = semver === undefined ? TagSelection.all() : TagSelection.semver(semver);
  if (include !== undefined) made = made.include(...include);
  if (exclude !== undefined) made = made.exclude(...exclude);
  if (latest !== undefined) made = made.latest(latest);
  return min === 0 ? made : made.min(min);
}
