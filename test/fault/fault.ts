import type { EmbeddedRegistryOptions, RunningRegistry } from '../../local/registry';
import type { Answer, Exchange, Strike } from './proxy';
import type { Place, Target } from './target';
import type { World } from './world';

/** How a copy ends: with every byte of the image in its place, or with an error of that side which says this. */
export type Ending = 'exact' | RegExp;
/** One of several, where it depends on which connection a request happens to use. */
export type Endings = Ending | readonly Ending[];
/** By what was asked, where that matters; `rest` is everything else. */
export type EndingsBy = Endings | ({ readonly [target in Target]?: Endings } & { readonly rest: Endings });

/** What a strike may use of the world that it strikes in. */
export type Surroundings = Pick<World, 'registries' | 'hosts' | 'image' | 'done'>;

/** Something that a registry or the network between does wrong. */
export interface Fault {
  /** What it does, after "a registry that". */
  readonly name: string;
  readonly places: readonly Place[];
  /** Undefined: the settings are the fault. */
  readonly strike?: (exchange: Exchange, world: Surroundings) => void | Promise<void>;
  /** When it strikes one request only. @default 'exact' */
  readonly once?: EndingsBy;
  /** When it strikes every request of its place. */
  readonly always: EndingsBy;
  /** Bytes of an answer without end that may be taken. @default - it has none */
  readonly ceiling?: number;
  /** It needs to be waited for: idle times are short. @default false */
  readonly slow?: boolean;
  /** Of the registry at its side. */
  readonly registry?: EmbeddedRegistryOptions;
  /** Before the copy begins. */
  readonly prepare?: (registry: RunningRegistry, world: World) => void;
  /** Repositories of the destination's registry that the image is copied to. @default 1 */
  readonly repositories?: number;
  /** At random makes no sense, such as for a setting. @default true */
  readonly random?: boolean;
}

export interface Family {
  readonly name: string;
  readonly faults: readonly Fault[];
}

/** What is promised of a fault that strikes there, so. */
export function endingsOf(fault: Fault, target: Target, when: 'once' | 'always' | 'random'): readonly Ending[] {
  const once = listed(fault.once ?? 'exact', target);
  const always = listed(fault.always, target);
  return when === 'once' ? once : when === 'always' ? always : [...new Set<Ending>(['exact', ...once, ...always])];
}

function listed(endings: EndingsBy, target: Target): readonly Ending[] {
  const some = typeof endings === 'object' && 'rest' in endings ? (endings[target] ?? endings.rest) : endings;
  return typeof some === 'string' || some instanceof RegExp ? [some] : some;
}

/** The registry's own answer, changed. */
export function altering(change: (answer: Answer, exchange: Exchange) => Partial<Answer>): Strike {
  return async (exchange) => {
    const answer = await exchange.forward();
    exchange.reply({ ...answer, ...change(answer, exchange) });
  };
}

/** Another answer than the registry's; what was sent is taken first. */
export function answering(
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body: string | Buffer = '',
): Strike {
  return async (exchange) => {
    await exchange.body();
    exchange.reply({ status, headers, body: Buffer.from(body) });
  };
}

/** As {@link answering}, with the body that the specification gives errors. */
export function refusing(status: number, code: string, message: string, headers: Record<string, string> = {}): Strike {
  const body = JSON.stringify({ errors: [{ code, message }] });
  return answering(status, { ...headers, 'content-type': 'application/json' }, body);
}

/** Writes the head of an answer, past HTTP. */
export function writeHead(exchange: Exchange, status: number, headers: Readonly<Record<string, string>>): void {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  exchange.write(`HTTP/1.1 ${status} Whatever\r\n${lines.join('')}\r\n`);
}
