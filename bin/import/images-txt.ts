import { parseReference } from '../../lib/model/reference';
import { below, type Harvest, type Target } from './harvest';

/**
 * One image a line, with the architecture behind it: `cr.root.io/nginx:1.27 [amd64|arm64]`. Whoever wrote such a list compared
 * images by their configs, and copied one platform.
 */
export function fromImagesTxt(text: string, target: Target, harvest: Harvest): void {
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const [reference, architecture, ...rest] = line
      .replace(/(?:^|\s)#.*$/, '')
      .trim()
      .split(/\s+/);
    if (reference === undefined || reference === '') continue;
    const where = `line ${index + 1}`;
    if (rest.length > 0) harvest.note(where, 'has more than an image and an architecture; the rest is not carried');
    const path = pathOf(reference);
    if (path === undefined) {
      harvest.note(where, 'is no image reference, and is not carried');
      continue;
    }
    const platforms = platformsOf(architecture, where, harvest);
    harvest.add({ source: reference, ...below(target, path), ...platforms, compare: 'config' });
  }
}

function pathOf(reference: string): string | undefined {
  try {
    return parseReference(reference).repository.name;
  } catch {
    return undefined;
  }
}

function platformsOf(architecture: string | undefined, where: string, harvest: Harvest): { platforms?: string[] } {
  if (architecture === undefined) return {};
  const name = architecture.replace(/^\[|\]$/g, '').replace(/^linux\//, '');
  if (/^[a-z0-9]+(?:\/v\d+)?$/.test(name)) return { platforms: [`linux/${name}`] };
  harvest.note(where, 'names an architecture that is none: all of them are mirrored');
  return {};
}
