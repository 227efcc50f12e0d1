import { posix } from 'node:path';
import type { Command, Place, Task, Tool, Wanted } from '../tool';
import { command, reference, versionOf, writeSettings } from './program';

/**
 * `skopeo copy` for one image, `skopeo sync` for many. Debian's 1.9 copies six blobs at once and one image after another;
 * `--image-parallel-copies` came later. What it learns about where blobs are it keeps between commands (as root in
 * `/var/lib/containers/cache`, whatever its home), and mounts by it.
 */
export const skopeo: Tool = {
  name: 'skopeo',
  version: () => versionOf('skopeo', ['--version'], /version (\S+)/),
  async commands(task, folder) {
    // It knows nothing of referrers, and `sync --dry-run` says what would be copied without asking the destination.
    if (task.referrers || task.kind === 'plan') return undefined;
    const [image, ...others] = task.wanted;
    if (image === undefined) return undefined;
    return others.length === 0 ? copyEach(image, task, folder) : syncAll(task, folder);
  },
};

/** Every platform, the manifests byte for byte or not at all. */
const WHOLE = ['--all', '--preserve-digests'];

function copyEach({ source, destinations }: Wanted, task: Task, folder: string): Command[] {
  const plain = task.certificate === undefined ? ['--src-tls-verify=false', '--dest-tls-verify=false'] : [];
  return destinations.map((destination) => {
    const ends = [`docker://${reference(source)}`, `docker://${reference(destination)}`];
    return command('skopeo', ['--insecure-policy', 'copy', '--quiet', ...WHOLE, ...plain, ...ends], task, folder);
  });
}

/**
 * A command for each place that images go to. `skopeo sync` names a destination by the last component of the source's
 * repository alone (`--scoped` would put the source's `host:port` into the repository's name, where no colon may be), and
 * tags as they were.
 */
function syncAll(task: Task, folder: string): Command[] | undefined {
  const groups = new Map<string, Place[]>();
  for (const { source, destinations } of task.wanted) {
    for (const destination of destinations) {
      const place = syncPlace(source, destination);
      if (place === undefined) return undefined;
      const group = groups.get(place) ?? [];
      group.push(source);
      groups.set(place, group);
    }
  }
  return [...groups].map(([place, sources], index) => {
    const file = writeSettings(folder, `skopeo-${index}.yaml`, syncSources(sources, task));
    const plain = task.certificate === undefined ? ['--dest-tls-verify=false'] : [];
    const ends = ['--src', 'yaml', '--dest', 'docker', file, place];
    return command('skopeo', ['--insecure-policy', 'sync', ...WHOLE, ...plain, ...ends], task, folder);
  });
}

function syncPlace(source: Place, destination: Place): string | undefined {
  const { dir, base } = posix.parse(destination.repository);
  if (base !== posix.basename(source.repository) || destination.tag !== source.tag) return undefined;
  return dir === '' ? destination.registry : `${destination.registry}/${dir}`;
}

function syncSources(sources: readonly Place[], task: Task): object {
  const settings: Record<string, { images: Record<string, string[]>; 'tls-verify': boolean }> = {};
  for (const { registry, repository, tag } of sources) {
    settings[registry] ??= { images: {}, 'tls-verify': task.certificate !== undefined };
    const { images } = settings[registry];
    images[repository] = [...(images[repository] ?? []), tag];
  }
  return settings;
}
