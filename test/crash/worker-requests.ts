import { ROW_ITEM } from '../../lib/model/names';
import { mapOf, textOf } from '../../local/template/value';
import type { Exchange, Strike } from '../fault/proxy';
import { partNamed } from './worker-image';
import { type Happening, happening, type Phase } from './worker-moment';

/** Whom the worker asks. */
export type Peer = 'source' | 'destination' | 'AWS';

/** A moment of a worker's life. */
export interface Moment {
  /** As a {@link Watch} names requests. */
  readonly request: string;
  readonly phase: Phase;
}

/** The requests of a worker as they go by, and what happens at one of them. */
export interface Watch {
  /** From now on requests are counted anew. At that moment, which comes once, something happens. */
  begin(moment?: Moment, happen?: Happening): void;
  /** Names of the requests since, in order. */
  readonly seen: readonly string[];
  /** Whether the moment has come. */
  struck(): boolean;
  /** Resolves at the next request. */
  next(): Promise<void>;
  /** What the proxy before the server of that peer, at `url`, does with each request. */
  pass(peer: Peer, url: string): Strike;
}

export function watchRequests(): Watch {
  const seen: string[] = [];
  let armed: { readonly moment: Moment; readonly happen: Happening } | undefined;
  let struck = false;
  let hear = () => {};
  const see = (name: string): string => {
    const times = seen.filter((one) => one === name || one.startsWith(`${name}, `)).length;
    const numbered = times === 0 ? name : `${name}, ${times + 1}`;
    seen.push(numbered);
    hear();
    return numbered;
  };
  return {
    seen,
    begin(moment, happen) {
      seen.length = 0;
      struck = false;
      armed = moment === undefined || happen === undefined ? undefined : { moment, happen };
    },
    struck: () => struck,
    next: () =>
      new Promise((resolve) => {
        hear = resolve;
      }),
    pass: (peer, url) => async (exchange) => {
      const name = see(await nameOf(peer, exchange));
      if (armed?.moment.request !== name) return exchange.reply(await exchange.forward());
      const { moment, happen } = armed;
      armed = undefined;
      struck = true;
      await happening(moment.phase, url, happen)(exchange);
    },
  };
}

/** `destination upload layer`, `UpdateItem of the copy`: the same in each run. */
async function nameOf(peer: Peer, exchange: Exchange): Promise<string> {
  if (peer === 'AWS') return callNamed(exchange);
  const words = [peer, exchange.target, partNamed(exchange.path)];
  return words.filter((word) => word !== undefined).join(' ');
}

async function callNamed({ request, body }: Exchange): Promise<string> {
  const operation = String(request.headers['x-amz-target']).split('.').at(-1);
  const { Source, Destination } = mapOf(mapOf(JSON.parse(String(await body()))).Key);
  const [source, destination] = [Source, Destination].map((value) => textOf(mapOf(value).S) ?? '');
  if (source === '') return `AWS ${operation}`;
  const what = destination === ROW_ITEM ? `the budget ${source?.split(/[#/]/).at(-1)}` : 'the copy';
  return `AWS ${operation} of ${what}`;
}
