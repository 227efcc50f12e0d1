import { below, exactTag, type Harvest, hasTemplate, mapAt, parted, type Target, textsAt } from './harvest';

type Map = Readonly<Record<string, unknown>>;

/** image-syncer's images: `source[:tag,…]` to one destination or several, or the older file with `auth` beside `images`. */
export function fromImageSyncer(document: Map, target: Target, harvest: Harvest): void {
  const isWhole = 'images' in document && typeof document.images === 'object';
  if (isWhole) {
    harvest.noteKeys(document, '', {
      images: undefined,
      auth: 'credentials are not carried: `docker login`, or `credentials` of the construct, would do',
    });
  }
  const images = isWhole ? mapAt(document.images, 'images', harvest) : document;
  for (const [source, value] of Object.entries(images)) addRule(source.trim(), value, target, harvest);
}

function addRule(source: string, value: unknown, target: Target, harvest: Harvest): void {
  const destinations = textsAt(value, source, harvest).map((one) => one.trim());
  if ([source, ...destinations].some(hasTemplate)) {
    harvest.note(source, 'has a template, which is not evaluated: not carried');
    return;
  }
  const { repository, tags, pattern } = sourceOf(source);
  const last = repository.slice(repository.lastIndexOf('/') + 1);
  const named = destinations.filter((one) => one !== '');
  const place = named.length === 0 ? below(target, last) : { destination: named.length === 1 ? named[0] : named };
  if (named.length === 0 && target.destination === undefined) {
    harvest.note(
      source,
      'has an empty destination: --destination REGISTRY/PREFIX would do; the mapping of the file decides',
    );
  }
  const entry = { ...(place.destination === undefined ? {} : { destination: place.destination }) };
  if (source.includes('@')) {
    harvest.add({ source, ...entry });
    return;
  }
  if (pattern !== undefined) {
    harvest.add({ source: repository, ...entry, tags: { include: [pattern] } });
    return;
  }
  if (tags.length === 1) {
    harvest.add({ source: `${repository}:${tags[0]}`, ...entry });
    return;
  }
  const include = tags.length === 0 ? ['*'] : tags.map(exactTag);
  harvest.add({ source: repository, ...entry, tags: { include } });
}

interface Source {
  readonly repository: string;
  readonly tags: readonly string[];
  readonly pattern?: string;
}

/** `a/b`, `a/b:1,2`, or `a/b:/pattern/`. */
function sourceOf(source: string): Source {
  const regular = /^(.*?):(\/.+\/)$/.exec(source);
  if (regular !== null) return { repository: regular[1] ?? '', tags: [], pattern: regular[2] ?? '' };
  const [first = '', ...others] = source.split(',');
  const { name, tag } = parted(first);
  return { repository: name, tags: [...(tag === undefined ? [] : [tag]), ...others].map((one) => one.trim()) };
}
