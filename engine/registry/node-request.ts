import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import type { Listener, Outgoing } from './outgoing';

/** A request that Node's own client sends: through an agent that was given, which knows a proxy. */
export function nodeRequest(request: ClientRequest, listener: Listener): Outgoing {
  request.once('socket', (socket: Socket) => {
    if (!socket.connecting) return listener.connected();
    socket.once('encrypted' in socket ? 'secureConnect' : 'connect', () => listener.connected());
  });
  request.on('drain', () => listener.drained());
  request.once('response', (incoming) => {
    incoming.on('error', () => undefined);
    const body: AsyncIterator<Uint8Array> = incoming[Symbol.asyncIterator]();
    listener.answered({ status: incoming.statusCode ?? 0, headers: incoming.headers, body });
  });
  request.on('error', (cause) => listener.closed(cause));
  request.once('close', () => listener.closed());
  return {
    write: (part) => request.write(part),
    end: () => void request.end(),
    destroy: () => void request.destroy(),
    get finished() {
      return request.writableFinished;
    },
  };
}
