import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Authority } from '../local/certificates';
import { newFolder } from './cleanup';
import type { Scenario, Spot } from './corpus/scenarios';
import { digestsOf, type Expected } from './measure/verify';
import type { Network } from './network/network';
import { fillContent, preparedContent } from './registries/prepared';
import { type Registry, type RegistryKind, startRegistry } from './registries/start';
import type { Place, Task, Wanted } from './tool';

/** The registry that everything is copied from. It is never written to, so one serves all runs. */
export interface Source extends Registry {
  /** What a tag is, by the registry's own word. */
  digest(spot: Spot): Promise<string>;
}

export interface Setting {
  readonly kind: RegistryKind;
  /** Signs the registries' certificates. @default - plain http */
  readonly authority?: { readonly file: string; readonly signer: Authority };
  /** @default false */
  readonly untuned?: boolean;
}

export async function startSource({ kind, authority }: Setting): Promise<Source> {
  const folder = newFolder();
  const identity = authority?.signer.issue('127.0.0.1');
  const content = await preparedContent(kind, 'source');
  const registry = await startRegistry({ kind, folder: folder.path, content, identity });
  const known = new Map<string, string>();
  return {
    host: registry.host,
    digest: async (spot) => {
      const key = `${spot.repository}:${spot.tag}`;
      const digest =
        known.get(key) ?? (await digestsOf([{ ...spot, registry: registry.host }], authority?.signer.cert))[0];
      if (digest === undefined)
        throw new Error(`source registry: got no ${key}; the folder of the corpus is to be removed`);
      known.set(key, digest);
      return digest;
    },
    close: async () => {
      await registry.close();
      folder.remove();
    },
  };
}

/** All that one run of one tool needs, new for it. */
export interface Stage {
  /** As the tool sees it, through the network. */
  readonly task: Task;
  /** What must be true afterwards, past the network. */
  readonly expected: readonly Expected[];
  /** An empty folder. */
  readonly folder: string;
  /** A file that is not there yet. */
  readonly output: string;
  close(): Promise<void>;
}

export async function setStage(scenario: Scenario, source: Source, network: Network, setting: Setting): Promise<Stage> {
  const folders = Array.from({ length: scenario.destinations }, () => newFolder());
  const work = newFolder();
  const folder = join(work.path, 'tool');
  mkdirSync(folder);
  const registries: Registry[] = [];
  const close = async () => {
    await network.leave();
    for (const registry of registries) await registry.close();
    for (const folder of [...folders, work]) folder.remove();
  };
  try {
    for (const folder of folders) registries.push(await startDestination(scenario, folder.path, setting));
    const seen = [await network.reach(source.host, 'source')];
    for (const { host } of registries) seen.push(await network.reach(host, 'destination'));
    const [from = '', ...to] = seen;
    const direct = wantedOf(
      scenario,
      source.host,
      registries.map(({ host }) => host),
    );
    return {
      task: {
        kind: scenario.kind,
        wanted: wantedOf(scenario, from, to),
        referrers: false,
        certificate: setting.authority?.file,
        untuned: setting.untuned,
      },
      expected: await expectedOf(direct, source),
      folder,
      output: join(work.path, 'output'),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startDestination(scenario: Scenario, folder: string, setting: Setting): Promise<Registry> {
  const content = join(folder, 'content');
  await fillContent(setting.kind, scenario.held, content);
  const identity = setting.authority?.signer.issue('127.0.0.1');
  return startRegistry({ kind: setting.kind, folder, content, identity });
}

function wantedOf({ wanted }: Scenario, from: string, to: readonly string[]): Wanted[] {
  return wanted.map(({ source, destinations }) => ({
    source: { ...source, registry: from },
    destinations: destinations.map(
      ({ registry, repository, tag }): Place => ({ registry: to[registry] as string, repository, tag }),
    ),
  }));
}

async function expectedOf(wanted: readonly Wanted[], source: Source): Promise<Expected[]> {
  const expected: Expected[] = [];
  for (const one of wanted) {
    const digest = await source.digest(one.source);
    expected.push(...one.destinations.map((place) => ({ place, digest })));
  }
  return expected;
}
