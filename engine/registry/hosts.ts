import { isIP } from 'node:net';
import { parseEcrHost } from '../../lib/model/ecr-host';
import { DOCKER_HUB } from '../../lib/model/reference';
import { Refused } from '../errors';
import { addressKind } from './address';
import type { RegistryOptions } from './options';

/** Where registries are, and which hosts may be reached how. Made from trusted settings only. */
export interface Hosts {
  /** Base URL of a registry, without `/v2/` and without a trailing slash in its path. */
  endpoint(registry: string): URL;
  /** Whether plain http may be spoken to the host and port of this URL. */
  mayBePlain(url: URL): boolean;
  /** Whether a connection for this URL may go to this address. */
  mayConnect(url: URL, address: string): boolean;
}

export function hostsOf(options: Pick<RegistryOptions, 'endpoints' | 'plainHttp' | 'privateHosts'>): Hosts {
  const endpoints = new Map(Object.entries(options.endpoints ?? {}).map(([name, url]) => [name, new URL(url)]));
  const plain = new Set((options.plainHttp ?? []).map((host) => hostAndPort(new URL(`http://${host}`))));
  const own = new Set((options.privateHosts ?? []).map((host) => hostAndPort(new URL(`https://${host}`))));
  for (const url of endpoints.values()) {
    own.add(hostAndPort(url));
    if (url.protocol === 'http:') plain.add(hostAndPort(url));
  }
  const mayBePlain = (url: URL) => plain.has(hostAndPort(url));
  const mayBePrivate = (url: URL) => own.has(hostAndPort(url)) || mayBePlain(url) || isAmazonEcr(url);
  return {
    endpoint: (registry) => {
      const named = endpoints.get(registry);
      if (named !== undefined) return new URL(named);
      const host = registry === DOCKER_HUB ? 'registry-1.docker.io' : registry;
      const url = new URL(`http://${host}`);
      return mayBePlain(url) ? url : new URL(`https://${host}`);
    },
    mayBePlain,
    mayConnect: (url, address) => {
      const kind = addressKind(address);
      return kind === 'public' || (kind === 'private' && mayBePrivate(url));
    },
  };
}

const LAYER_BUCKET =
  /^prod-[a-z0-9-]+-starport-layer-bucket\.s3(?:-fips)?(?:\.dualstack)?[.-][a-z0-9-]+\.amazonaws\.(?:com|com\.cn|eu)$/;

/** Amazon ECR's own hosts and the buckets that it redirects to for layers: through PrivateLink both have private addresses. */
function isAmazonEcr(url: URL): boolean {
  return url.port === '' && (parseEcrHost(url.hostname) !== undefined || LAYER_BUCKET.test(url.hostname));
}

/** `example.com:443`: the port always there. IPv6 in brackets. */
function hostAndPort(url: URL): string {
  return `${url.hostname}:${portOf(url)}`;
}

export function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'http:' ? 80 : 443) : Number(url.port);
}

/** The host of a URL as Node connects to it: an IPv6 address without brackets. */
export function bareHostname(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

/**
 * Refuses what can be refused without looking a name up: another scheme, plain http to a host not named so, an address
 * written out that may not be connected to. Behind a proxy private addresses are the proxy's business.
 *
 * @throws Refused
 */
export function checkUrl(hosts: Hosts, url: URL, proxied: boolean): void {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new Refused('PLAIN_HTTP_REFUSED', `got ${url.protocol}//${url.host}; https would do`);
  }
  if (url.protocol === 'http:' && !hosts.mayBePlain(url)) {
    throw new Refused(
      'PLAIN_HTTP_REFUSED',
      `http://${url.host}: plain http is spoken only to hosts that settings name for it`,
    );
  }
  const host = bareHostname(url);
  if (isIP(host) === 0) return;
  const refused = proxied ? addressKind(host) === 'forbidden' : !hosts.mayConnect(url, host);
  if (refused) throw refusedAddress(url, host);
}

export function refusedAddress(url: URL, address: string): Refused {
  const remedy =
    addressKind(address) === 'private'
      ? `name ${hostAndPort(url)} as a private host if it is meant (--private-hosts)`
      : 'such an address is never connected to';
  const where = bareHostname(url) === address ? url.host : `${url.host} is at ${address}`;
  return new Refused('ADDRESS_REFUSED', `${where}: ${addressKind(address)} address; ${remedy}`);
}
