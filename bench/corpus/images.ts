import { type CorpusImage, multiPlatform, singlePlatform } from './image';
import type { Layer } from './layer';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Part of the name of the folder where a corpus is kept: another one for every change of what is in it. */
export const CORPUS_VERSION = 1;

/** An image with the places it has in a registry. */
export interface Stored {
  readonly repository: string;
  readonly tags: readonly string[];
  build(): Promise<CorpusImage>;
}

/** One layer of 384 MiB and four of 32. */
export function large(): Promise<CorpusImage> {
  const layers = [384, 32, 32, 32, 32].map((size, at) => ({ seed: `large/${at}`, size: size * MIB }));
  return singlePlatform({ name: 'large', layers });
}

const PLATFORMS = [
  { os: 'linux', architecture: 'amd64' },
  { os: 'linux', architecture: 'arm64', variant: 'v8' },
  { os: 'linux', architecture: 'ppc64le' },
  { os: 'linux', architecture: 's390x' },
];

/**
 * Four platforms of six layers, two of which all share, and two attestations: 170 MiB. Releases differ in one layer of each
 * platform.
 */
export async function multi(release: 1 | 2): Promise<CorpusImage> {
  const shared = [30, 12].map((size, at) => ({ seed: `multi/shared/${at}`, size: size * MIB }));
  const images: CorpusImage[] = [];
  for (const platform of PLATFORMS) {
    const seed = `multi/${platform.architecture}`;
    const own: Layer[] = [20, 3, 1].map((size, at) => ({ seed: `${seed}/${at}`, size: size * MIB }));
    const app = { seed: `${seed}/app/${release}`, size: 8 * MIB };
    images.push(await singlePlatform({ name: `multi/${release}`, layers: [...shared, ...own, app], platform }));
  }
  return multiPlatform(images, 2);
}

const LAYERS = 80;

/** Eighty layers of 32 to 256 KiB. */
export function many(): Promise<CorpusImage> {
  const sizes = Array.from({ length: LAYERS }, (_, at) => 32 + Math.round((at * (256 - 32)) / (LAYERS - 1)));
  return singlePlatform({
    name: 'many',
    layers: sizes.map((size, at) => ({ seed: `many/${at}`, size: size * KIB })),
  });
}

const BASE: readonly Layer[] = [4, 2, 1].map((size, at) => ({ seed: `base/${at}`, size: size * MIB }));

/** An image over the base that all of them share, with 112 KiB of its own. */
function small(name: string): Promise<CorpusImage> {
  const own = [96, 16].map((size, at) => ({ seed: `${name}/${at}`, size: size * KIB }));
  return singlePlatform({ name, layers: [...BASE, ...own] });
}

/** 200 tags of one repository, and 100 repositories of one tag. */
export function bulk(): Stored[] {
  const tags = Array.from({ length: 200 }, (_, at) => `1.${at}`);
  const services = Array.from({ length: 100 }, (_, at) => `bulk/service-${String(at).padStart(2, '0')}`);
  return [
    ...tags.map((tag) => ({ repository: 'bulk/app', tags: [tag], build: () => small(`app/${tag}`) })),
    ...services.map((repository) => ({ repository, tags: ['v1'], build: () => small(repository) })),
  ];
}
