import type { Agent } from 'node:http';
import { isIP } from 'node:net';
import { trustedAuthorities } from '../engine/registry/trust';
import { UsageError } from './usage';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that the environment names for a URL: `HTTPS_PROXY`, `HTTP_PROXY` or `ALL_PROXY`, in lower case too, unless
 * `NO_PROXY` exempts it. This machine itself is never reached through a proxy. @throws UsageError
 */
export function proxyFor(url: URL, env: Env): URL | undefined {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))) return undefined;
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const [variable, text] = firstSet(env, [name, 'ALL_PROXY']);
  if (text === undefined || isExempt(host, portOf(url), firstSet(env, ['NO_PROXY'])[1] ?? '')) return undefined;
  return parseProxy(variable, text);
}

/** Agents through the environment's proxies, one kept for each; undefined when it names none. */
export async function proxyAgents(env: Env, ca?: string): Promise<((url: URL) => Agent | undefined) | undefined> {
  if (firstSet(env, ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY'])[1] === undefined) return undefined;
  const [{ HttpsProxyAgent }, { HttpProxyAgent }] = await Promise.all([
    import('https-proxy-agent'),
    import('http-proxy-agent'),
  ]);
  const agents = new Map<string, Agent>();
  return (url) => {
    const proxy = proxyFor(url, env);
    if (proxy === undefined) return undefined;
    const key = `${url.protocol} ${proxy.href}`;
    const known = agents.get(key);
    if (known !== undefined) return known;
    const options = { keepAlive: true, ...trustedAuthorities(ca) };
    const made = url.protocol === 'https:' ? new HttpsProxyAgent(proxy, options) : new HttpProxyAgent(proxy, options);
    // What is trusted of the proxy is trusted of the host behind it: the package passes only the request's own options on.
    Object.assign(made.options, trustedAuthorities(ca));
    agents.set(key, made);
    return made;
  };
}

function firstSet(env: Env, names: readonly string[]): [string, string | undefined] {
  for (const name of names.flatMap((upper) => [upper, upper.toLowerCase()])) {
    const value = env[name]?.trim();
    if (value !== undefined && value !== '') return [name, value];
  }
  return [names[0] ?? '', undefined];
}

/** The value may hold a password, so it is not shown. */
function parseProxy(variable: string, text: string): URL {
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  if (URL.canParse(whole)) {
    const url = new URL(whole);
    if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  }
  throw new UsageError(`${variable}: got no address of a proxy; http://proxy.example.com:3128 would do`);
}

/** `*`, `example.com` and `.example.com` (with what is below), `host:port`, an address, or a range `10.0.0.0/8`. */
function isExempt(host: string, port: string, list: string): boolean {
  const rules = list
    .split(/[\s,]+/)
    .filter((rule) => rule !== '')
    .map((rule) => rule.toLowerCase());
  return rules.some((rule) => {
    if (rule === '*') return true;
    if (rule.includes('/')) return isInRange(host, rule);
    const [, name = rule, rulePort] = /^(\[[^\]]+\]|[^:]+):(\d+)$/.exec(rule) ?? [];
    if (rulePort !== undefined && rulePort !== port) return false;
    const bare = name.replace(/^\[|\]$/g, '').replace(/^\*?\./, '');
    return host === bare || (isIP(host) === 0 && host.endsWith(`.${bare}`));
  });
}

/** Of IPv4 addresses; a name is not resolved for this. */
function isInRange(host: string, rule: string): boolean {
  const [network = '', bits = ''] = rule.split('/');
  if (isIP(host) !== 4 || isIP(network) !== 4 || !/^\d{1,2}$/.test(bits) || Number(bits) > 32) return false;
  const mask = Number(bits) === 0 ? 0 : (~0 << (32 - Number(bits))) >>> 0;
  return (numberOf(host) & mask) >>> 0 === (numberOf(network) & mask) >>> 0;
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function portOf(url: URL): string {
  return url.port !== '' ? url.port : url.protocol === 'https:' ? '443' : '80';
}
