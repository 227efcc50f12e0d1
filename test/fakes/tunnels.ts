import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Identity } from '../../local/certificates';

export interface Listening {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  close(): Promise<void>;
}

/** TLS in front of a server that speaks plain http. */
export function speakTls({ key, cert }: Identity, behind: string): Promise<Listening & { connections(): number }> {
  let count = 0;
  const server = createTlsServer({ key, cert }, (socket) => join(socket, behind));
  server.on('connection', () => {
    count += 1;
  });
  return listening(server).then((listener) => ({ ...listener, connections: () => count }));
}

export interface Tunnelled {
  /** `registry.example.com:443` */
  readonly target: string;
  readonly headers: IncomingMessage['headers'];
}

/** A proxy that opens tunnels (CONNECT) to one server, whatever host is asked for; or refuses with a status. */
export async function startTunnels(
  behind: string,
  refusal?: number,
): Promise<Listening & { readonly asked: Tunnelled[] }> {
  const asked: Tunnelled[] = [];
  const server = createHttpServer((_, response) => response.writeHead(405).end());
  server.on('connect', ({ url = '', headers }: IncomingMessage, socket: Socket) => {
    socket.on('error', () => undefined);
    asked.push({ target: url, headers });
    if (refusal !== undefined) {
      socket.end(`HTTP/1.1 ${refusal} Refused\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    join(socket, behind);
  });
  return { ...(await listening(server)), asked };
}

function join(socket: Socket, behind: string): void {
  const [host, port] = behind.split(':');
  const other = connect(Number(port), host);
  for (const [one, two] of [
    [socket, other],
    [other, socket],
  ] as const) {
    one.on('error', () => two.destroy());
    one.on('close', () => two.destroy());
    one.pipe(two);
  }
}

async function listening(server: Server): Promise<Listening> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
