import type { Platform } from './descriptor';
import { show } from './invalid';
import { formatPlatform, parsePlatform } from './platform';
import { attempt, type RowReader, readList } from './row-reader';

const PLATFORMS = 'Platforms';

/** Attribute `Platforms` of a row, each once, in one order: a set of texts has none of its own. */
export function readPlatforms(reader: RowReader): readonly Platform[] | undefined {
  const texts = readList(reader, PLATFORMS, 'a list of platforms such as [linux/amd64, linux/arm64]');
  const found = new Map<string, Platform>();
  for (const text of texts ?? []) {
    const platform = attempt(reader, PLATFORMS, () => parsePlatform(text));
    if (platform === undefined) continue;
    const name = formatPlatform(platform);
    if (found.has(name)) reader.warn(PLATFORMS, `got ${show(text)}, which names ${name} again; once would do`);
    found.set(name, platform);
  }
  if (found.size === 0) return undefined;
  return [...found.keys()].sort().map((name) => found.get(name) as Platform);
}
