import type { Place, Task, Tool } from '../tool';
import { command, registries, versionOf, writeSettings } from './program';

/**
 * All by one file, because `ocync copy` speaks https only. Tags without a wildcard are not looked up in a list. Concurrency
 * adapts by itself (50 images at once, a window for each registry and action), and its cache starts empty, beside the file.
 */
export const ocync: Tool = {
  name: 'ocync',
  version: () => versionOf('ocync', ['version'], /ocync v?(\S+)/),
  async commands(task, folder) {
    const renamed = task.wanted.some(({ source, destinations }) => destinations.some(({ tag }) => tag !== source.tag));
    if (renamed) return undefined;
    const settings = writeSettings(folder, 'ocync.yaml', ocyncSettings(task));
    // Its dry run resolves mappings and tags; it compares nothing with the destination.
    const dry = task.kind === 'plan' ? ['--dry-run'] : [];
    return [command('ocync', ['--quiet', 'sync', '--config', settings, ...dry], task, folder)];
  },
};

interface Mapping {
  readonly source: string;
  readonly targets: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly tags: { readonly glob: string[] };
}

function ocyncSettings(task: Task): object {
  const scheme = task.certificate === undefined ? 'http' : 'https';
  const names = new Map(registries(task).map((registry, index) => [registry, `registry-${index}`]));
  const named = ({ registry }: Place) => names.get(registry) as string;
  const mappings = new Map<string, Mapping>();
  for (const { source, destinations } of task.wanted) {
    for (const destination of destinations) {
      const ends = { source: named(source), targets: [named(destination)] };
      const mapping = { ...ends, from: source.repository, to: destination.repository };
      const key = JSON.stringify(mapping);
      const known = mappings.get(key) ?? { ...mapping, tags: { glob: [] } };
      known.tags.glob.push(source.tag);
      mappings.set(key, known);
    }
  }
  return {
    registries: Object.fromEntries([...names].map(([host, name]) => [name, registrySettings(`${scheme}://${host}`)])),
    defaults: { artifacts: { enabled: task.referrers } },
    mappings: [...mappings.values()],
  };
}

/** `head_first`: what is up to date is found by HEAD alone. */
const registrySettings = (url: string) => ({ url, auth_type: 'anonymous', head_first: true });
