import { formatRepository } from '../../lib/model/reference';
import { CREDENTIALS, type File, type Make, type PullOptions } from './kind';
import { type Place, type Prefix, prefixesOf } from './place';

/** Docker Hub is asked elsewhere than under its name. */
const SERVERS: Readonly<Record<string, string>> = { 'docker.io': 'registry-1.docker.io' };

/**
 * containerd's registry host configuration (docs/hosts.md): a folder a source registry. A mirror below a path needs
 * `/v2/` before it and `override_path`, or containerd puts it behind.
 */
export const containerd: Make = (places, options) => {
  const { prefixes, others } = prefixesOf(places);
  return { files: hostFiles(prefixes, 'etc/containerd/certs.d', options), notes: [...notesOf(others), CREDENTIALS] };
};

export function hostFiles(prefixes: readonly Prefix[], folder: string, options: PullOptions): File[] {
  return prefixes.map((prefix) => ({
    path: `${folder}/${prefix.registry}/hosts.toml`,
    text: hostsToml(prefix, options),
  }));
}

/** Repositories that are not below one path, as the mirror of their registry has to be. */
export function notesOf(others: readonly Place[]): string[] {
  const registries = [...new Set(others.map(({ source }) => source.registry))];
  return registries.map((registry) => {
    const one = others.find(({ source }) => source.registry === registry) as Place;
    return `${registry}: left out, because its repositories keep no common path (${formatRepository(one.source)} is at ${formatRepository(one.mirror)}); a mapping that keeps whole names would do`;
  });
}

function hostsToml({ registry, host, path }: Prefix, { fallback }: PullOptions): string {
  const api = path === '' ? `https://${host}` : `https://${host}/v2/${path}`;
  const lines = [
    // Whoever has no server asks the source; one that is the mirror keeps it from that.
    `server = ${quote(fallback ? `https://${SERVERS[registry] ?? registry}` : api)}`,
    ...(fallback || path === '' ? [] : ['override_path = true', 'capabilities = ["pull", "resolve"]']),
    '',
    `[host.${quote(api)}]`,
    '  capabilities = ["pull", "resolve"]',
    ...(path === '' ? [] : ['  override_path = true']),
  ];
  return `${lines.join('\n')}\n`;
}

/** A basic string of TOML, which JSON's are. */
export function quote(text: string): string {
  return JSON.stringify(text);
}
