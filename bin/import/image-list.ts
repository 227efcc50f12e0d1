import { parseReference } from '../../lib/model/reference';
import { below, exactTag, type Harvest, listAt, mapAt, type Target, textAt, textsAt } from './harvest';

/** A list that repositories and copies are made from alike: `images: [{source, tags: [tag, …]}]`. */
export function fromImageList(document: Readonly<Record<string, unknown>>, target: Target, harvest: Harvest): void {
  harvest.noteKeys(document, '', { images: undefined });
  for (const [i, value] of listAt(document.images, 'images', harvest).entries()) {
    const where = `images[${i}]`;
    const image = mapAt(value, where, harvest);
    harvest.noteKeys(image, where, {
      source: undefined,
      name: undefined,
      tags: undefined,
      destination: undefined,
      platforms: undefined,
    });
    const source = textAt(image.source, `${where}.source`, harvest);
    const path = source === undefined ? undefined : pathOf(source);
    if (source === undefined || path === undefined) {
      harvest.note(`${where}.source`, 'is no image repository: not carried');
      continue;
    }
    const own = textAt(image.destination, `${where}.destination`, harvest);
    const place = own === undefined ? below(target, path) : { destination: own };
    const platforms = textsAt(image.platforms, `${where}.platforms`, harvest);
    const rest = { ...place, ...(platforms.length === 0 ? {} : { platforms }) };
    const tags = textsAt(image.tags, `${where}.tags`, harvest);
    if (tags.length === 0) harvest.add({ source, ...rest });
    else if (tags.length === 1 && /^[\w.-]+$/.test(tags[0] ?? ''))
      harvest.add({ source: `${source}:${tags[0]}`, ...rest });
    else
      harvest.add({ source, ...rest, tags: { include: tags.map((tag) => (tag.includes('*') ? tag : exactTag(tag))) } });
  }
}

function pathOf(source: string): string | undefined {
  try {
    return parseReference(source).repository.name;
  } catch {
    return undefined;
  }
}
