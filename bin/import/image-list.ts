import { type ListedImage, readImageList } from '../../lib/model/image-list';
import { parseRepository } from '../../lib/model/reference';
import { below, type EntryTags, exactTag, type Harvest, type Target } from './harvest';

/** A list that repositories and copies are made from alike: `images: [{source, tags}]`, as `ImageList` of the construct reads it. */
export function fromImageList(document: Readonly<Record<string, unknown>>, target: Target, harvest: Harvest): void {
  const { images, problems } = readImageList(document);
  for (const { where, message } of problems) harvest.note(where, `${message}: not carried`);
  for (const image of images) {
    const { source, tags, platforms } = image;
    const rest = { ...placeOf(image, target, harvest), ...(platforms === undefined ? {} : { platforms }) };
    const [only, ...others] = tags?.kind === 'named' ? tags.tags : [];
    if (tags === undefined) harvest.add({ source, ...rest });
    else if (tags.kind === 'selected') harvest.add({ source, ...rest, tags: writtenTags(tags.selection) });
    else if (others.length === 0) harvest.add({ source: `${source}:${only}`, ...rest });
    else harvest.add({ source, ...rest, tags: { include: tags.tags.map(exactTag) } });
  }
}

function writtenTags({ include, exclude, semver, latest, min }: EntryTags): EntryTags {
  return {
    ...(include === undefined ? {} : { include }),
    ...(exclude === undefined ? {} : { exclude }),
    ...(semver === undefined ? {} : { semver }),
    ...(latest === undefined ? {} : { latest }),
    ...(min === undefined ? {} : { min }),
  };
}

/** A destination without a registry is below the place that the user named. */
function placeOf({ where, path, destination }: ListedImage, target: Target, harvest: Harvest) {
  if (destination === undefined) return below(target, path);
  if (hasRegistry(destination)) return { destination };
  if (target.destination === undefined) {
    harvest.note(`${where}.destination`, 'names no registry: not carried; --destination would do');
  }
  return below(target, destination);
}

function hasRegistry(destination: string): boolean {
  try {
    return parseRepository(destination).registry !== 'docker.io' || destination.startsWith('docker.io/');
  } catch {
    // Said of the file of mirrors that is written.
    return true;
  }
}
