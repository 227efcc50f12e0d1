import type { Credential } from './ports';

/** Docker's config.json, as `docker login` and `podman login` write it. Parsing alone: files and helpers are the shell's. */

/** The credential is kept by a helper program, `docker-credential-<helper>`. The name comes from the document: check it. */
export interface CredentialHelper {
  readonly helper: string;
  /** What the document itself holds, for a helper that knows nothing of the registry. */
  readonly otherwise?: Credential;
}

/**
 * What a config.json says about a registry, in Docker's order: `credHelpers`, `credsStore`, `auths`. Entries for a part of
 * a registry (`quay.io/our-organisation`, as podman writes them) count when a repository is asked for; the longest wins.
 *
 * @param document the parsed JSON; anything that is not of its shape says nothing
 * @param registry `docker.io`, or a repository in it, `quay.io/our-organisation/app`
 */
export function credentialFromDockerConfig(
  document: unknown,
  registry: string,
): Credential | CredentialHelper | undefined {
  const config = asMap(document);
  const inline = credentialFromEntry(bestEntry(asMap(config.auths), registry));
  const helper = bestEntry(asMap(config.credHelpers), registry) ?? config.credsStore;
  if (typeof helper !== 'string' || helper === '') return inline;
  return inline === undefined ? { helper } : { helper, otherwise: inline };
}

function bestEntry(entries: Record<string, unknown>, registry: string): unknown {
  let best: { readonly length: number; readonly value: unknown } | undefined;
  for (const [key, value] of Object.entries(entries)) {
    const place = placeOf(key);
    const matches = registry === place || registry.startsWith(`${place}/`);
    if (matches && place.length > (best?.length ?? 0)) best = { length: place.length, value };
  }
  return best?.value;
}

/** `https://index.docker.io/v1/` is `docker.io`; `https://host:5000/v2/` is `host:5000`. */
function placeOf(key: string): string {
  const [host = '', ...path] = key
    .replace(/^https?:\/\//i, '')
    .replace(/\/+$/, '')
    .split('/');
  const registry = DOCKER_HUB_HOSTS.has(host.toLowerCase()) ? 'docker.io' : host.toLowerCase();
  return path.length === 0 || /^v[12]$/.test(path.join('/')) ? registry : [registry, ...path].join('/');
}

const DOCKER_HUB_HOSTS = new Set(['index.docker.io', 'registry-1.docker.io', 'docker.io']);

/** Docker's marker for a password that is an identity token. */
const TOKEN_USER = '<token>';

function credentialFromEntry(value: unknown): Credential | undefined {
  const entry = asMap(value);
  if (isText(entry.identitytoken)) return { kind: 'identity', token: entry.identitytoken };
  if (isText(entry.registrytoken)) return { kind: 'bearer', token: entry.registrytoken };
  if (isText(entry.auth)) return credentialFromPair(Buffer.from(entry.auth, 'base64').toString('utf8'));
  if (isText(entry.username) && isText(entry.password)) return basic(entry.username, entry.password);
  return undefined;
}

/** `user:password`. The user holds no colon, the password may. */
export function credentialFromPair(text: string): Credential | undefined {
  const colon = text.indexOf(':');
  // Old versions of Docker pad with NUL.
  const password = text.slice(colon + 1).replace(/\0+$/, '');
  return colon < 1 || password === '' ? undefined : basic(text.slice(0, colon), password);
}

function basic(username: string, password: string): Credential {
  return username === TOKEN_USER ? { kind: 'identity', token: password } : { kind: 'basic', username, password };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function asMap(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
