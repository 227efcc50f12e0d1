import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Clock } from './clock';
import { Direction } from './direction';
import { capacity, type Distance, Line } from './line';

/** A way to a host that is far away. */
export interface Relay {
  /** `127.0.0.1:port`: connections to it end at the host. */
  readonly host: string;
  close(): void;
}

const clock = new Clock();

/** Listens, and carries each connection over a line of its own to a host on this machine. */
export async function openRelay(target: string, distance: Distance): Promise<Relay> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const [hostname, port] = target.split(':');
    const far = connect({ host: hostname, port: Number(port), allowHalfOpen: true, noDelay: true });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    }
    join(near, far, distance);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** A connection is open for its client after a round trip, and known to the server after half of one. */
function join(near: Socket, far: Socket, distance: Distance): void {
  const now = clock.now();
  const holds = capacity(distance);
  const there = new Line(distance, now + distance.roundTrip);
  const back = new Line(distance, now + distance.roundTrip / 2);
  const directions = [
    new Direction({ from: near, to: far, line: there, clock, capacity: holds }),
    new Direction({ from: far, to: near, line: back, clock, capacity: holds }),
  ];
  const end = () => {
    // A connection that breaks off on one side does so on the other.
    near.resetAndDestroy();
    far.resetAndDestroy();
    for (const direction of directions) clock.forget(direction);
  };
  for (const socket of [near, far]) socket.once('error', end);
  near.once('close', end);
}
