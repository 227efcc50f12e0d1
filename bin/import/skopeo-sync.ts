import { below, exactTag, type Harvest, mapAt, type Target, textAt, textsAt } from './harvest';

type Map = Readonly<Record<string, unknown>>;

const KEYS = {
  images: undefined,
  'images-by-tag-regex': undefined,
  'images-by-semver': undefined,
  credentials: 'credentials are not carried: `docker login`, or `credentials` of the construct, would do',
  'tls-verify': undefined,
  'cert-dir': 'is not carried: --ca FILE would do',
} as const;

/** skopeo's file for `sync --src yaml`: registries, with their repositories. */
export function fromSkopeoSync(document: Map, target: Target, harvest: Harvest): void {
  for (const [registry, value] of Object.entries(document)) {
    const part = mapAt(value, registry, harvest);
    harvest.noteKeys(part, registry, KEYS);
    if (part['tls-verify'] === false) {
      harvest.note(
        `${registry}.tls-verify`,
        'unverified TLS is not carried: --ca FILE, or --plain-http=HOST, would do',
      );
    }
    addImages(registry, part.images, target, harvest);
    for (const [name, where, patterns] of each(part, registry, 'images-by-tag-regex', harvest)) {
      const include = patterns.map((pattern) => `/${pattern}/`);
      if (include.length === 0) harvest.note(where, 'has no pattern: not carried');
      else harvest.add({ source: `${registry}/${name}`, ...below(target, name), tags: { include } });
    }
    for (const [name, where, ranges] of each(part, registry, 'images-by-semver', harvest)) {
      // A comma is an "and" there, as a space is here.
      const semver = ranges.map((range) => range.replace(/\s*,\s*/g, ' ')).join(' || ');
      if (semver === '') harvest.note(where, 'has no range: not carried');
      else harvest.add({ source: `${registry}/${name}`, ...below(target, name), tags: { semver } });
    }
  }
}

function each(part: Map, registry: string, key: string, harvest: Harvest): [string, string, readonly string[]][] {
  const images = mapAt(part[key], `${registry}.${key}`, harvest);
  return Object.entries(images).map(([name, value]) => {
    const where = `${registry}.${key}.${name}`;
    const text = textAt(value, where, harvest);
    return [name, where, text === undefined ? [] : [text]];
  });
}

/** Tags and digests; without any, every tag. */
function addImages(registry: string, value: unknown, target: Target, harvest: Harvest): void {
  const images = mapAt(value, `${registry}.images`, harvest);
  for (const [name, list] of Object.entries(images)) {
    const wanted = textsAt(list, `${registry}.images.${name}`, harvest);
    const place = below(target, name);
    const source = `${registry}/${name}`;
    const isDigest = (text: string) => /^[a-z0-9]+:/.test(text);
    const tags = wanted.filter((text) => !isDigest(text));
    for (const digest of wanted.filter(isDigest)) harvest.add({ source: `${source}@${digest}`, ...place });
    if (tags.length === 1) harvest.add({ source: `${source}:${tags[0]}`, ...place });
    else if (tags.length > 1) harvest.add({ source, ...place, tags: { include: tags.map(exactTag) } });
    else if (wanted.length === 0) harvest.add({ source, ...place, tags: { include: ['*'] } });
  }
}
