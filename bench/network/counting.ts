import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What went through: bytes of bodies alone. */
export interface Traffic {
  requests: number;
  /** Of answers. */
  received: number;
  /** Of requests. */
  sent: number;
}

export interface Counter {
  /** `127.0.0.1:port` */
  readonly host: string;
  readonly traffic: Readonly<Traffic>;
  close(): Promise<void>;
}

/** Stands before a registry and counts. It reads every request, so it is slow: for runs that nobody times. */
export async function startCounter(target: string): Promise<Counter> {
  const traffic: Traffic = { requests: 0, received: 0, sent: 0 };
  const agent = new Agent({ keepAlive: true });
  const server = createServer((incoming, outgoing) => {
    traffic.requests += 1;
    pass(incoming, outgoing, { target, agent, traffic });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    traffic,
    close: () => {
      agent.destroy();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

interface Passing {
  readonly target: string;
  readonly agent: Agent;
  readonly traffic: Traffic;
}

/** Passes one request on with its own Host header, so that the locations in answers lead back here. */
function pass(incoming: IncomingMessage, outgoing: ServerResponse, { target, agent, traffic }: Passing): void {
  const { method, headers } = incoming;
  const sent = request(new URL(incoming.url ?? '/', `http://${target}`), { method, headers, agent }, (answer) => {
    answer.on('data', (bytes: Buffer) => {
      traffic.received += bytes.length;
    });
    outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    answer.pipe(outgoing);
    answer.once('error', () => outgoing.destroy());
  });
  incoming.on('data', (bytes: Buffer) => {
    traffic.sent += bytes.length;
  });
  sent.once('error', () => outgoing.destroy());
  incoming.once('error', () => sent.destroy());
  outgoing.once('close', () => sent.destroy());
  incoming.pipe(sent);
}
