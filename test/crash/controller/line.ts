import { type AwsClients, awsClients } from '../../../aws/clients';
import { type Exchange, startProxy } from '../../fault/proxy';
import type { Fault } from './fault';
import { type Peer, type Step, stepOf } from './step';

/** Where a fault strikes: the so manieth request of a step, from 0. One that strikes always strikes each from there on. */
export interface Aim {
  readonly fault: Fault;
  readonly step: string;
  readonly nth: number;
}

/** A fault on its way, over the lives of all controllers that it concerns. */
export interface Strike extends Aim {
  /** Requests of the step so far. */
  passed: number;
  /** How often it struck. */
  struck: number;
  lifted: boolean;
}

export const aimedAt = (aim: Aim): Strike => ({ ...aim, passed: 0, struck: 0, lifted: false });

/** All that one invocation of a controller asks of the world passes here. */
export interface Line {
  /** AWS at the other end. */
  readonly clients: AwsClients;
  readonly urls: Readonly<Record<Peer, string>>;
  /** The steps that were taken, in order. */
  readonly steps: readonly Step[];
  /** Resolves when the controller is killed. */
  readonly killed: Promise<'killed'>;
  close(): Promise<void>;
}

/** @param peers base URL of each */
export async function openLine(peers: Readonly<Record<Peer, string>>, strike?: Strike): Promise<Line> {
  const steps: Step[] = [];
  let dead = false;
  let tell: (killed: 'killed') => void = () => undefined;
  const killed = new Promise<'killed'>((resolve) => {
    tell = resolve;
  });
  const die = () => {
    dead = true;
    tell('killed');
  };
  const pass = async (peer: Peer, exchange: Exchange): Promise<void> => {
    const { method, path, request } = exchange;
    const step = stepOf(peer, { method, path, headers: request.headers, body: await exchange.body() });
    // From here on nobody is there: what is asked now was never sent, and no answer is read.
    if (dead) return;
    steps.push(step);
    if (strike !== undefined && strikes(strike, step)) return strike.fault.strike(exchange, step, die);
    const answer = await exchange.forward();
    if (!dead) exchange.reply(answer);
  };
  const open = (peer: Peer) => startProxy(peer, peers[peer], () => (exchange) => pass(peer, exchange));
  const [aws, upstream, destination, ecr] = await Promise.all([
    open('aws'),
    open('upstream'),
    open('destination'),
    open('ecr'),
  ]);
  const clients = clientsAt(aws.url);
  return {
    clients,
    urls: { aws: aws.url, upstream: upstream.url, destination: destination.url, ecr: ecr.url },
    steps,
    killed,
    close: async () => {
      await Promise.all([aws, upstream, destination, ecr].map((host) => host.close()));
      clients.close();
    },
  };
}

function strikes(strike: Strike, { name }: Step): boolean {
  if (strike.lifted || name !== strike.step) return false;
  const turn = strike.passed++;
  const hit = strike.fault.kind === 'always' ? turn >= strike.nth : turn === strike.nth;
  if (hit) strike.struck += 1;
  return hit;
}

interface Client {
  readonly config: { readonly requestHandler: { handle(request: { port?: number }, ...rest: unknown[]): unknown } };
}

/** Clients as a controller makes them, over sockets to an address of their own: the environment is everybody's. */
export function clientsAt(url: string): AwsClients {
  const port = Number(new URL(url).port);
  const steered = new WeakSet<object>();
  const steer = (client: Client | undefined): Client | undefined => {
    const sender = client?.config.requestHandler;
    if (sender === undefined || steered.has(sender)) return client;
    steered.add(sender);
    const handle = sender.handle.bind(sender);
    sender.handle = (request, ...rest) => handle(Object.assign(request, { port }), ...rest);
    return client;
  };
  return new Proxy(awsClients(), {
    get: (clients, name) => {
      const make = clients[name as keyof AwsClients] as (...given: unknown[]) => Client | undefined;
      return (...given: unknown[]) => steer(make(...given));
    },
  });
}
