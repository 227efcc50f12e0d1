import { lookup as lookUp } from 'node:dns';
import * as http from 'node:http';
import * as https from 'node:https';
import type { LookupFunction } from 'node:net';
import type { ByteStream } from '../content';
import { exchange, type HttpAnswer, type HttpRequest } from './exchange';
import { bareHostname, checkUrl, type Hosts, portOf, refusedAddress } from './hosts';
import type { RegistryOptions } from './options';
import { trustedAuthorities } from './trust';

/** Connections to any number of hosts, kept alive, each made only to an address that settings allow. */
export interface Transport {
  /** One request and its answer: no redirects, no second try. @throws Refused, or whatever Node says of the connection */
  exchange(request: HttpRequest): Promise<HttpAnswer>;
  /** Ends idle connections; those in use end with their request. */
  close(): void;
}

export type { ByteStream, HttpAnswer, HttpRequest };

export const DEFAULT_IDLE_TIMEOUT = 60_000;
const DEFAULT_USER_AGENT = 'ecr-mirror';
/** Of a connection nobody uses: below what load balancers commonly allow, so that it is ours to end it. */
const KEPT_ALIVE = 30_000;
/**
 * Bytes of a connection that are held in either direction. What comes in while something else is done is then handed on in one
 * piece: the cost is that of pieces, above all with TLS, whose pieces are of 16 KiB.
 */
const BUFFERED = 256 * 1024;
const HEADER_CEILING = 64 * 1024;
/** Milliseconds to wait for one address of several before the next is tried; Node's 250 are too few across oceans. */
const ADDRESS_ATTEMPT = 1_000;

export function openTransport(hosts: Hosts, options: RegistryOptions): Transport {
  const kept = {
    keepAlive: true,
    timeout: KEPT_ALIVE,
    autoSelectFamilyAttemptTimeout: ADDRESS_ATTEMPT,
    highWaterMark: BUFFERED,
  };
  const plain = new http.Agent(kept);
  const secure = new https.Agent({ ...kept, ...trustedAuthorities(options.ca) });
  const idleTimeout = options.idleTimeout ?? DEFAULT_IDLE_TIMEOUT;
  const userAgent = options.userAgent ?? DEFAULT_USER_AGENT;

  return {
    async exchange(request) {
      request.signal?.throwIfAborted();
      const { url } = request;
      const proxy = options.agent?.(url);
      checkUrl(hosts, url, proxy !== undefined);
      const isPlain = url.protocol === 'http:';
      const open = isPlain ? http.request : https.request;
      return exchange(request, idleTimeout, (headers) =>
        open({
          protocol: url.protocol,
          hostname: bareHostname(url),
          port: portOf(url),
          path: `${url.pathname}${url.search}`,
          method: request.method,
          headers: { 'user-agent': userAgent, 'accept-encoding': 'identity', ...headers },
          maxHeaderSize: HEADER_CEILING,
          agent: proxy ?? (isPlain ? plain : secure),
          ...(proxy === undefined ? { lookup: allowedAddresses(hosts, url) } : {}),
        }),
      );
    },
    close() {
      for (const agent of [plain, secure]) {
        agent.maxFreeSockets = 0;
        for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
      }
    },
  };
}

/** Looks a name up and lets pass only what may be connected to, so that what was checked is what is used. */
function allowedAddresses(hosts: Hosts, url: URL): LookupFunction {
  return (hostname, options, callback) => {
    lookUp(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '', 0);
      const allowed = addresses.filter(({ address }) => hosts.mayConnect(url, address));
      const first = allowed[0];
      if (first === undefined) return callback(refusedAddress(url, addresses[0]?.address ?? 'no address'), '', 0);
      if (options.all === true) return callback(null, allowed);
      callback(null, first.address, first.family);
    });
  };
}
