import type { Agent } from 'node:http';
import * as http from 'node:http';
import * as https from 'node:https';
import type { ByteStream } from '../content';
import { dialerOf } from './dial';
import { exchange, type HttpAnswer, type HttpRequest } from './exchange';
import { bareHostname, checkUrl, type Hosts, portOf } from './hosts';
import { nodeRequest } from './node-request';
import type { RegistryOptions } from './options';
import type { Headers, Open } from './outgoing';
import { Pool } from './wire/pool';
import { HEAD_CEILING } from './wire/reader';
import type { Turn } from './wire/turn';

/** Connections to any number of hosts, kept alive, each made only to an address that settings allow. */
export interface Transport {
  /** One request and its answer: no redirects, no second try. @throws Refused, or whatever Node says of the connection */
  exchange(request: HttpRequest): Promise<HttpAnswer>;
  /** Opens connections to an origin ahead, until there are so many. What is wrong with them, the first request tells. */
  expect(origin: URL, connections: number): void;
  /** Ends idle connections; those in use end with their request. */
  close(): void;
}

export type { ByteStream, HttpAnswer, HttpRequest };

export const DEFAULT_IDLE_TIMEOUT = 60_000;
const DEFAULT_USER_AGENT = 'ecr-mirror';

export function openTransport(hosts: Hosts, options: RegistryOptions): Transport {
  const pool = new Pool(dialerOf(hosts, options.ca));
  const idleTimeout = options.idleTimeout ?? DEFAULT_IDLE_TIMEOUT;
  const ours = { 'user-agent': options.userAgent ?? DEFAULT_USER_AGENT, 'accept-encoding': 'identity' };

  return {
    async exchange(request) {
      request.signal?.throwIfAborted();
      const { url } = request;
      const proxy = options.agent?.(url);
      checkUrl(hosts, url, proxy !== undefined);
      const asked = { ...request, headers: { ...ours, ...request.headers } };
      return proxy === undefined
        ? direct(pool, asked, idleTimeout)
        : exchange(asked, idleTimeout, through(proxy, asked));
    },
    expect(origin, connections) {
      try {
        if (options.agent?.(origin) !== undefined) return;
        checkUrl(hosts, origin, false);
        pool.expect(origin, connections);
      } catch {
        // Nothing was promised.
      }
    },
    close: () => pool.close(),
  };
}

/** On a connection of our own. One that was kept and turns out to be closed is replaced, where the request can be sent again. */
async function direct(pool: Pool, request: HttpRequest, idleTimeout: number): Promise<HttpAnswer> {
  const { method, url, body, signal } = request;
  const turns: Turn[] = [];
  const open: Open = (headers, listener) => {
    const turn = pool.request(method, url, headers, listener, turns.length > 0);
    turns.push(turn);
    return turn;
  };
  try {
    return await exchange(request, idleTimeout, open);
  } catch (cause) {
    const repeatable = body === undefined || body instanceof Uint8Array;
    if (turns[0]?.stale !== true || !repeatable) throw cause;
    signal?.throwIfAborted();
    return exchange(request, idleTimeout, open);
  }
}

/** By Node's own client, with an agent that knows a proxy. */
function through(agent: Agent, { method, url }: HttpRequest): Open {
  const request = url.protocol === 'http:' ? http.request : https.request;
  return (headers: Headers, listener) =>
    nodeRequest(
      request({
        protocol: url.protocol,
        hostname: bareHostname(url),
        port: portOf(url),
        path: `${url.pathname}${url.search}`,
        method,
        headers,
        maxHeaderSize: HEAD_CEILING,
        agent,
      }),
      listener,
    );
}
