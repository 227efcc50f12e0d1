import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createSecureServer, type TlsOptions } from 'node:tls';

/** One connection as the server has it. */
export interface Peer {
  readonly socket: Socket;
  /** From 0, in order. */
  readonly index: number;
  /** All that has come on it. */
  heard: string;
}

export interface RawServer {
  readonly port: number;
  readonly host: string;
  readonly peers: Peer[];
  /** How many connections are open. */
  open(): number;
  close(): Promise<void>;
}

/** A server that says whatever it is told to, called each time that something has come. */
export async function serveRaw(said: (peer: Peer) => void, secure?: TlsOptions): Promise<RawServer> {
  const peers: Peer[] = [];
  const sockets = new Set<Socket>();
  const accept = (socket: Socket) => {
    const peer: Peer = { socket, index: peers.length, heard: '' };
    peers.push(peer);
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    socket.on('data', (bytes) => {
      peer.heard += bytes.toString('latin1');
      said(peer);
    });
  };
  const server: Server = secure === undefined ? createServer(accept) : createSecureServer(secure, accept);
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    host: `127.0.0.1:${port}`,
    peers,
    open: () => sockets.size,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Says this once for each request without a body that has come. */
export function answering(text: string | ((peer: Peer, request: number) => string)): (peer: Peer) => void {
  const answered = new Map<Peer, number>();
  return (peer) => {
    const requests = peer.heard.split('\r\n\r\n').length - 1;
    for (let request = answered.get(peer) ?? 0; request < requests; request++) {
      answered.set(peer, request + 1);
      peer.socket.write(typeof text === 'string' ? text : text(peer, request), 'latin1');
    }
  };
}

/** Waits until it is so, for two seconds at most. */
export async function until(so: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !so(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
  if (!so()) throw new Error(`it never became so: ${so}`);
}
