import { formatRepository } from '../../lib/model/reference';
import { CREDENTIALS, type File, type Make, type PullOptions } from './kind';
import type { Place } from './place';
import { type Endpoint, type Prefix, prefixesOf } from './prefix';

/** Docker Hub is asked elsewhere than under its name. */
const SERVERS: Readonly<Record<string, string>> = { 'docker.io': 'registry-1.docker.io' };

/**
 * containerd's registry host configuration (docs/hosts.md): a folder a source registry. A mirror below a path needs
 * `/v2/` before it and `override_path`, or containerd puts it behind.
 */
export const containerd: Make = (places, options) => {
  const { prefixes, others } = prefixesOf(places, options.hosts);
  return {
    files: hostFiles(prefixes, 'etc/containerd/certs.d', options),
    notes: [...notesOf(places, others), CREDENTIALS],
  };
};

export function hostFiles(prefixes: readonly Prefix[], folder: string, options: PullOptions): File[] {
  return prefixes.map((prefix) => ({
    path: `${folder}/${prefix.registry}/hosts.toml`,
    text: hostsToml(prefix, options),
  }));
}

/** Repositories that are not below one path, as the mirror of their registry has to be: a line for each registry and mirror. */
export function notesOf(places: readonly Place[], others: readonly Place[]): string[] {
  const several = new Set(
    places.flatMap(({ mirror, further }) => [mirror, ...further].map(({ registry }) => registry)),
  );
  const firsts = new Map(others.map((one) => [`${one.source.registry} at ${one.mirror.registry}`, one]));
  return [...firsts].map(([pair, one]) => {
    const what = several.size === 1 ? one.source.registry : pair;
    return `${what}: left out, because its repositories keep no common path (${formatRepository(one.source)} is at ${formatRepository(one.mirror)}); a mapping that keeps whole names would do`;
  });
}

/** In the order in which they are asked; `server` is asked last. */
function hostsToml({ registry, endpoints }: Prefix, { fallback }: PullOptions): string {
  const last = endpoints[endpoints.length - 1] as Endpoint;
  const lines = [
    // Whoever has no server asks the source; one that is the mirror keeps it from that.
    `server = ${quote(fallback ? `https://${SERVERS[registry] ?? registry}` : apiOf(last))}`,
    ...(fallback || last.path === '' ? [] : ['override_path = true', 'capabilities = ["pull", "resolve"]']),
    ...endpoints.flatMap((endpoint) => [
      '',
      `[host.${quote(apiOf(endpoint))}]`,
      '  capabilities = ["pull", "resolve"]',
      ...(endpoint.path === '' ? [] : ['  override_path = true']),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

/** Where the API of a mirror is: below a path it says so itself. */
export function apiOf({ host, path }: Endpoint): string {
  return path === '' ? `https://${host}` : `https://${host}/v2/${path}`;
}

/** A basic string of TOML, which JSON's are. */
export function quote(text: string): string {
  return JSON.stringify(text);
}
