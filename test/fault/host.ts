import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A request as it came, with all that could give a secret away. */
export interface Seen {
  /** `GET /v2/app/tags/list`. */
  readonly line: string;
  /** Request line and headers as they were sent; of a short form its fields too. */
  text: string;
}

/** A server on this machine that keeps what it was asked. */
export interface Host {
  /** What it is in the story: `source`, `destination`, `bucket`, `stranger`. */
  readonly name: string;
  /** `127.0.0.1:<port>` */
  readonly host: string;
  readonly url: string;
  readonly seen: Seen[];
  /** How many connections were opened to it. */
  readonly connections: () => number;
  close(): Promise<void>;
}

export interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly seen: Seen;
  /** From 1: which request of its connection this is. */
  readonly turn: number;
}

export type Handler = (asked: Asked) => void | Promise<void>;

/** Starts a host; a handler that fails ends the connection. */
export async function startHost(name: string, handler: Handler): Promise<Host> {
  const seen: Seen[] = [];
  const sockets = new Set<Socket>();
  const turns = new WeakMap<Socket, number>();
  let connections = 0;
  const server = createServer({ keepAliveTimeout: 60_000, noDelay: true }, (request, response) => {
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    const turn = (turns.get(request.socket) ?? 0) + 1;
    turns.set(request.socket, turn);
    const line = `${request.method} ${request.url}`;
    const entry = { line, text: `${line}\n${request.rawHeaders.join('\n')}` };
    seen.push(entry);
    Promise.resolve()
      .then(() => handler({ request, response, seen: entry, turn }))
      .catch(() => response.destroy());
  });
  server.requestTimeout = 0;
  server.on('connection', (socket) => {
    connections++;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    name,
    host,
    url: `http://${host}`,
    seen,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** A body of at most 16 MiB. */
export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > 2 ** 24) throw new Error('the body is longer than any in these tests');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
