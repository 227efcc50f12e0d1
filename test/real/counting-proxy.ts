import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request that was answered through the proxy. */
export interface Seen {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly status: number;
  /** Bytes of the answer's body that were passed on. */
  readonly bytes: number;
}

export interface CountingProxy {
  /** `127.0.0.1:port`: how the registry behind it is named by whoever should be counted. */
  readonly host: string;
  readonly url: string;
  readonly seen: readonly Seen[];
  /** Requests that have begun, answered or not. */
  readonly begun: number;
  /** Forgets what was seen. */
  reset(): void;
  close(): Promise<void>;
}

export interface ProxyOptions {
  /** Milliseconds before a request is passed on, so that a copy lasts longer than starting a process. @default 0 */
  readonly delay?: number;
  /** Headers to add to an answer, or to a refusal (429) in place of it. @default - none */
  readonly meter?: (method: string, path: string) => Metered | undefined;
}

export interface Metered {
  readonly headers: Readonly<Record<string, string>>;
  readonly refused: boolean;
}

export async function countingProxy(target: string, options: ProxyOptions = {}): Promise<CountingProxy> {
  const seen: Seen[] = [];
  let begun = 0;
  const agent = new Agent({ keepAlive: true });
  const server = createServer((incoming, outgoing) => {
    begun += 1;
    const note = (entry: Seen) => seen.push(entry);
    const metered = options.meter?.(incoming.method ?? 'GET', incoming.url ?? '/');
    if (metered?.refused === true) {
      note({ method: incoming.method ?? 'GET', path: incoming.url ?? '/', status: 429, bytes: 0 });
      return void outgoing.writeHead(429, metered.headers).end();
    }
    const forward = () => pass(incoming, outgoing, { target, agent, note, headers: metered?.headers });
    if (options.delay === undefined) forward();
    else setTimeout(forward, options.delay);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    url: `http://${host}`,
    seen,
    get begun() {
      return begun;
    },
    reset() {
      seen.length = 0;
      begun = 0;
    },
    close() {
      agent.destroy();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

interface Passing {
  readonly target: string;
  readonly agent: Agent;
  readonly note: (entry: Seen) => void;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Passes one request on with its own Host header, so that a registry's absolute locations lead back through the proxy. */
function pass(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { target, agent, note, headers = {} }: Passing,
): void {
  const path = incoming.url ?? '/';
  const method = incoming.method ?? 'GET';
  const sent = request(new URL(path, target), { method, headers: incoming.headers, agent }, (answer) => {
    let bytes = 0;
    const status = answer.statusCode ?? 502;
    answer.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    answer.once('close', () => note({ method, path, status, bytes }));
    outgoing.writeHead(status, [...withoutThose(answer.rawHeaders, headers), ...Object.entries(headers).flat()]);
    answer.pipe(outgoing);
    outgoing.once('close', () => answer.destroy());
  });
  sent.once('error', () => outgoing.destroy());
  incoming.once('error', () => sent.destroy());
  outgoing.once('close', () => sent.destroy());
  incoming.pipe(sent);
}

/** Names and values in turn, but those that others replace. */
function withoutThose(raw: readonly string[], headers: Readonly<Record<string, string>>): readonly string[] {
  return raw.filter((_, at) => headers[(raw[at - (at % 2)] ?? '').toLowerCase()] === undefined);
}

const MANIFEST = /\/v2\/(.+)\/manifests\/([^?]+)$/;
const BLOB = /\/v2\/(.+)\/blobs\/(sha256:[a-f0-9]+)(?:\?|$)/;

/** How often each blob's bytes were sent: by digest. */
export function blobReads(seen: readonly Seen[]): Map<string, number> {
  const reads = new Map<string, number>();
  for (const { method, path, status } of seen) {
    const digest = BLOB.exec(path)?.[2];
    if (method === 'GET' && status < 300 && digest !== undefined) reads.set(digest, (reads.get(digest) ?? 0) + 1);
  }
  return reads;
}

/** What kind of request it is: the words that the counts are made in. */
export function kindOf({ method, path }: Seen): string {
  if (/^\/v2\/?$/.test(path)) return 'ping';
  if (/\/tags\/list/.test(path)) return 'tags';
  if (/\/referrers\//.test(path)) return 'referrers';
  const reference = MANIFEST.exec(path)?.[2];
  if (reference !== undefined && /^sha(256|512)-[a-f0-9]+(\.\w+)?$/.test(reference)) return `${method} referrers-tag`;
  if (reference !== undefined) return `${method} manifest`;
  return BLOB.test(path) ? `${method} blob` : `${method} upload`;
}

export function countKinds(seen: readonly Seen[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const entry of seen) counts[kindOf(entry)] = (counts[kindOf(entry)] ?? 0) + 1;
  return counts;
}
