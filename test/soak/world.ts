import type { Side } from '../../engine/errors';
import { image } from '../../local/images';
import { type RunningRegistry, startRegistry } from '../../local/registry';
import { bucketOf, stranger } from '../fault/elsewhere';
import { type Host, startHost } from '../fault/host';
import { type Exchange, startProxy } from '../fault/proxy';
import { newSecret, type Secret } from '../fault/secrets';
import { formatPlace } from '../fault/target';
import { mixOf } from './mix';

/** Seconds that a token lives: many run out while they are needed. */
const TOKEN_LIFE = 45;
const MEMORY = 2 ** 30;
const USER = 'mirror';

/** Two registries for long, and a proxy before each that lets a share of requests go wrong. */
export interface SoakWorld {
  readonly registries: Readonly<Record<Side, RunningRegistry>>;
  /** Where each is asked. */
  readonly hosts: Readonly<Record<Side | 'bucket' | 'stranger', Host>>;
  readonly passwords: readonly Secret[];
  /** Requests that came, and by fault and place how many of them met one. */
  readonly asked: () => number;
  readonly struck: ReadonlyMap<string, number>;
  /** Ids of upload sessions that a fault cut off from whoever opened them. */
  readonly lost: ReadonlySet<string>;
  /** Answers to a POST that never arrived: the connection had been closed by a fault of an earlier request, or was given up. */
  readonly unheard: () => number;
  /** What Docker's settings hold for both. */
  readonly dockerConfig: string;
  close(): Promise<void>;
}

export async function openSoakWorld(seed: number, share: number): Promise<SoakWorld> {
  const passwords = { source: newSecret('source', 'password'), destination: newSecret('destination', 'password') };
  const registry = (side: Side) => {
    const users = [{ username: USER, password: passwords[side].value }];
    return startRegistry({ auth: { kind: 'bearer', users, expires: TOKEN_LIFE }, memory: MEMORY });
  };
  const registries = { source: await registry('source'), destination: await registry('destination') };
  const struck = new Map<string, number>();
  const lost = new Set<string>();
  const [unused, done] = [image({ seed: 'unused' }), { poured: 0, struck: 0 }];
  const mix = mixOf(seed, share);
  let [asked, unheard] = [0, 0];
  const choose = (side: Side, exchange: Exchange) => {
    asked++;
    if (exchange.method === 'POST') {
      const { response } = exchange;
      response.once('close', () => {
        if (!response.writableFinished) unheard++;
      });
    }
    const fault = mix(side, exchange);
    const { strike } = fault ?? {};
    if (fault === undefined || strike === undefined) return undefined;
    const what = `${fault.name}, ${formatPlace({ side, target: exchange.target })}`;
    struck.set(what, (struck.get(what) ?? 0) + 1);
    if (exchange.target === 'upload') lost.add(/[0-9a-f-]{36}/.exec(exchange.path)?.[0] ?? '');
    return (one: Exchange) => strike(one, { registries, hosts, image: unused, done });
  };
  const front = (side: Side): Promise<Host> =>
    startProxy(side, registries[side].address, (exchange) => choose(side, exchange));
  const hosts: SoakWorld['hosts'] = {
    source: await front('source'),
    destination: await front('destination'),
    bucket: await startHost('bucket', bucketOf(registries.source, registries.destination)),
    stranger: await startHost('stranger', stranger),
  };
  const auth = (side: Side) => ({ auth: Buffer.from(`${USER}:${passwords[side].value}`).toString('base64') });
  const auths = Object.fromEntries((['source', 'destination'] as const).map((side) => [hosts[side].host, auth(side)]));
  return {
    registries,
    hosts,
    passwords: Object.values(passwords),
    asked: () => asked,
    struck,
    lost,
    unheard: () => unheard,
    dockerConfig: JSON.stringify({ auths }),
    async close() {
      await Promise.all(Object.values(hosts).map((host) => host.close()));
      await Promise.all(Object.values(registries).map((running) => running.close()));
    },
  };
}
