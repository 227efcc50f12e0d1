import type { Side } from '../../engine/errors';
import type { RegistryOptions } from '../../engine/registry/options';
import { type Built, image, index, signatureReferrer, together } from '../../local/images';
import type { RunningRegistry } from '../../local/registry';
import { bucketOf, stranger } from './elsewhere';
import type { Fault } from './fault';
import { type HastyClock, hastyClock } from './hasty-clock';
import { type Host, startHost } from './host';
import { type Exchange, type Strike, startProxy } from './proxy';
import { newSecret, type Secret, tokensIn } from './secrets';
import { bucketHost, credentialsOf, type Login, loginsOf, startSide } from './sides';
import { askedFor, type Place } from './target';
import { chooser, type When } from './when';

export const TAG = '1.0';
export const SOURCE = 'app';

/** Two registries and what is around them, one of them at fault. */
export interface World {
  readonly image: Built;
  /** The registries themselves, which tests may look into. */
  readonly registries: Readonly<Record<Side, RunningRegistry>>;
  /** Their names, such as `source.test`. */
  readonly names: Readonly<Record<Side, string>>;
  /** Repositories of the destination that the image is to be in. */
  readonly copies: readonly string[];
  readonly hosts: Readonly<Record<Side | 'bucket' | 'stranger', Host>>;
  readonly secrets: readonly Secret[];
  readonly logins: Readonly<Record<Side, Login>>;
  readonly clock: HastyClock;
  /** How whoever copies reaches the registries. */
  readonly options: RegistryOptions;
  /** What one endless answer has managed to send at most, and how often the fault struck. */
  readonly done: { poured: number; struck: number };
  /** What the tag stood for in each repository before. */
  readonly before: ReadonlyMap<string, string | undefined>;
  /** From now on nothing is at fault. */
  lift(): void;
  /** Bytes of such an answer that may be taken. */
  readonly ceiling: number;
  close(): Promise<void>;
}

const platform = (architecture: string) => ({ os: 'linux', architecture });
const platforms = index([
  image({ seed: 'amd64', platform: platform('amd64'), layers: ['shared', 'amd64'], layerSize: 20_000 }),
  image({ seed: 'arm64', platform: platform('arm64'), layers: ['shared', 'arm64'], layerSize: 20_000 }),
  image({ seed: 'riscv64', platform: platform('riscv64'), layers: ['riscv64'], layerSize: 600_000 }),
]);
const { root } = platforms;
/** Three platforms with a shared layer, and a signature. The index is the root. */
const IMAGE: Built = { ...together(signatureReferrer(root.descriptor), platforms), root };

/** Milliseconds; under load even an idle machine may take a moment. */
const PATIENT = 5_000;
const IMPATIENT = 300;

/** @param elsewhere what hosts beside the registries are called; to some, two ports of one address are one host */
export async function openWorld(fault: Fault, place: Place, when: When, elsewhere = '127.0.0.1'): Promise<World> {
  const passwords = { source: newSecret('source', 'password'), destination: newSecret('destination', 'password') };
  const registries = {
    source: await startSide('source', fault, place, passwords.source),
    destination: await startSide('destination', fault, place, passwords.destination),
  };
  registries.source.state.place(SOURCE, IMAGE, TAG);
  const secrets: Secret[] = Object.values(passwords);
  const logins = loginsOf(registries, passwords, secrets);
  const done = { poured: 0, struck: 0 };
  const before = new Map<string, string | undefined>();
  let lifted = false;
  const names = { source: 'source.test', destination: registries.destination.ecr?.host ?? 'destination.test' };
  const clock = hastyClock();
  const strike = striking(fault, place, when, done, () => world);
  const choose: Choose = (...asked) => (lifted ? undefined : strike(...asked));
  const hosts = await startHosts(registries, secrets, choose, elsewhere);
  const world: World = {
    image: IMAGE,
    registries,
    names,
    copies: Array.from({ length: fault.repositories ?? 1 }, (_, i) => `copy${i + 1}`),
    hosts,
    secrets,
    logins,
    clock,
    done,
    before,
    lift: () => {
      lifted = true;
    },
    ceiling: fault.ceiling ?? 0,
    options: {
      credentials: credentialsOf(logins),
      endpoints: { [names.source]: hosts.source.url, [names.destination]: hosts.destination.url },
      plainHttp: [hosts.bucket.host, hosts.stranger.host, ...Object.values(registries).flatMap(bucketHost)],
      retry: { attempts: 3 },
      idleTimeout: fault.slow === true ? IMPATIENT : PATIENT,
      clock,
    },
    async close() {
      await Promise.all(Object.values(hosts).map((host) => host.close()));
      await Promise.all(Object.values(registries).map((registry) => registry.close()));
    },
  };
  fault.prepare?.(registries[place.side], world);
  for (const name of world.copies) before.set(name, tagOf(world, name));
  return world;
}

/** What the tag stands for in a repository of the destination. */
export function tagOf({ registries: { destination } }: World, name: string): string | undefined {
  return destination.state.repositories.get(name)?.tags.get(TAG);
}

type Choose = (side: Side, exchange: Exchange) => Strike | undefined;

/** Lets the fault strike where and when it should. */
function striking({ strike }: Fault, place: Place, when: When, done: World['done'], world: () => World): Choose {
  const choose = chooser(when);
  return (side, { target, method, path }) => {
    const meant = target === 'mount' && !mayMount(path, world().copies) ? 'open' : target;
    if (strike === undefined || side !== place.side || meant !== place.target) return undefined;
    if (!choose(askedFor(method, path))) return undefined;
    done.struck++;
    return (exchange) => strike(exchange, world());
  };
}

async function startHosts(
  registries: World['registries'],
  secrets: Secret[],
  choose: Choose,
  elsewhere: string,
): Promise<World['hosts']> {
  const { source, destination } = registries;
  const front = (side: Side) =>
    startProxy(
      side,
      registries[side].address,
      (exchange) => choose(side, exchange),
      (target, answer) => secrets.push(...tokensIn(side, target, answer)),
    );
  return {
    source: await front('source'),
    destination: await front('destination'),
    bucket: called(elsewhere, await startHost('bucket', bucketOf(source, destination))),
    stranger: called(elsewhere, await startHost('stranger', stranger)),
  };
}

function called(name: string, host: Host): Host {
  const { port } = new URL(host.url);
  return { ...host, host: `${name}:${port}`, url: `http://${name}:${port}` };
}

/** Some ask for a mount from nowhere, or from a repository of the source's, and take the upload that is opened instead. */
function mayMount(path: string, copies: readonly string[]): boolean {
  return copies.includes(new URL(path, 'http://registry').searchParams.get('from') ?? '');
}
