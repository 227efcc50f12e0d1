import { Agent, request as ask, type OutgoingHttpHeaders } from 'node:http';
import { type Asked, bodyOf, type Host, startHost } from './host';
import { type Target, targetOf } from './target';

/** An answer on its way; its body is whole. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** One request that arrived at a registry, and what can be done with it. */
export interface Exchange extends Asked {
  readonly target: Target;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** Its body, read once. */
  body(): Promise<Buffer>;
  /** What the registry itself answers; `changes` replace parts of the request, an undefined header takes it away. */
  forward(changes?: {
    readonly path?: string;
    readonly headers?: Readonly<Record<string, string | undefined>>;
  }): Promise<Answer>;
  /** Answers as HTTP has it. */
  reply(answer: Partial<Answer> & { readonly status: number }): void;
  /** Writes to the connection, past HTTP; false when the peer is gone or takes no more. */
  write(bytes: string | Uint8Array): boolean;
  /** Ends the connection once all is written. */
  end(): void;
  /** Ends the connection at once. */
  drop(): void;
}

/** What a proxy does with a request: undefined lets it pass. */
export type Strike = (exchange: Exchange) => void | Promise<void>;

/** A registry's front: whoever asks is asked of the registry behind, except where `choose` has another idea. */
export async function startProxy(
  name: string,
  registry: string,
  choose: (exchange: Exchange) => Strike | undefined,
  passed: (target: Target, answer: Answer) => void = () => undefined,
): Promise<Host> {
  const agent = new Agent({ keepAlive: true });
  const host = await startHost(name, async (asked) => {
    const exchange = exchangeOf(asked, registry, agent, passed);
    const strike = choose(exchange);
    if (strike === undefined) exchange.reply(await exchange.forward());
    else await strike(exchange);
  });
  return {
    ...host,
    async close() {
      await host.close();
      agent.destroy();
    },
  };
}

function exchangeOf(
  asked: Asked,
  registry: string,
  agent: Agent,
  passed: (target: Target, answer: Answer) => void,
): Exchange {
  const { request, response, seen } = asked;
  const { socket } = request;
  const method = request.method ?? 'GET';
  const path = request.url ?? '/';
  const target = targetOf(method, path);
  let read: Promise<Buffer> | undefined;
  const body = () => {
    read ??= bodyOf(request);
    return read;
  };
  return {
    ...asked,
    target,
    method,
    path,
    body,
    async forward(changes = {}) {
      const bytes = await body();
      if (target === 'token') seen.text += `\n${bytes}`;
      const headers: OutgoingHttpHeaders = { ...request.headers, ...changes.headers };
      for (const [key, value] of Object.entries(headers)) if (value === undefined) delete headers[key];
      const answer = await askOf(registry, agent, method, changes.path ?? path, headers, bytes);
      passed(target, answer);
      return answer;
    },
    reply({ status, headers = {}, body: bytes = Buffer.alloc(0) }) {
      const others = Object.entries(headers).filter(([key]) => key.toLowerCase() !== 'content-length');
      const length = method === 'HEAD' ? headers['content-length'] : String(bytes.length);
      response
        .writeHead(status, {
          ...Object.fromEntries(others),
          ...(length === undefined ? {} : { 'content-length': length }),
        })
        .end(method === 'HEAD' ? undefined : bytes);
    },
    write: (bytes) => !socket.destroyed && socket.write(bytes),
    end: () => void socket.end(),
    drop: () => void socket.destroy(),
  };
}

function askOf(
  registry: string,
  agent: Agent,
  method: string,
  path: string,
  headers: OutgoingHttpHeaders,
  body: Buffer,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = ask(`${registry}${path}`, { method, headers, agent }, async (incoming) => {
      try {
        const kept = Object.entries(incoming.headers).filter(([key]) => !HOP_BY_HOP.has(key));
        const flat = Object.fromEntries(kept.map(([key, value]) => [key, String(value)]));
        resolve({ status: incoming.statusCode ?? 0, headers: flat, body: await bodyOf(incoming) });
      } catch (error) {
        reject(error);
      }
    });
    outgoing.once('error', reject).end(body);
  });
}

/** Those of one connection (RFC 9110, section 7.6.1). */
const HOP_BY_HOP: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'transfer-encoding', 'date']);
