import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningRegistry } from '../../local/registry';
import { reveals } from '../fault/secrets';
import { behind, unlike } from './arrival';
import { type Served, startServe, type Told } from './served';
import { grows, type Sample, seriesOf } from './trace';
import { mirrorsOf, openUpstream, rowsOf, type Upstream } from './upstream';
import { openSoakWorld, type SoakWorld } from './world';

export interface SoakOptions {
  readonly mirrors: number;
  /** Of serving, and of those in which tags move upstream. */
  readonly seconds: number;
  readonly moving: number;
  /** Seconds that the last images may take to arrive after that. */
  readonly patience: number;
  /** Share of requests that go wrong, and the seed of which. */
  readonly share: number;
  readonly seed: number;
  /** As `serve --every`. */
  readonly every: string;
  /** As `serve --timeout`: short, so that many requests may stall. */
  readonly timeout: string;
  /** Seconds between two looks at what the process holds. */
  readonly look: number;
  /** Whether what it holds must not grow: only after minutes does that say something. */
  readonly flat: boolean;
}

export interface SoakResult {
  /** What is not as it should be. */
  readonly wrongs: readonly string[];
  readonly told: Told;
  readonly samples: readonly Sample[];
  readonly changes: number;
  readonly asked: number;
  readonly struck: ReadonlyMap<string, number>;
  /** Upload sessions left open, all of them by faults. */
  readonly open: number;
  readonly tags: number;
}

/** Milliseconds between two changes upstream. */
const CHANGE = 200;
/** What `serve` is given, and the one thing that it may leave. */
const FILES = ['config.json', 'mirrors.yaml', 'mirrors.yaml.state.json', 'tmp'];

/** Serves many mirrors for a while, from a registry where tags move to another one, while requests go wrong. */
export async function soak(options: SoakOptions, tell: (line: string) => void): Promise<SoakResult> {
  const folder = mkdtempSync(join(tmpdir(), 'soak-'));
  const world = await openSoakWorld(options.seed, options.share);
  const revealed: string[] = [];
  let served: Served | undefined;
  try {
    const { source, destination } = world.registries;
    const rows = rowsOf(options.mirrors);
    const upstream = openUpstream(rows, source.state);
    prepare(folder, world, mirrorsOf(rows, world.hosts.source.host, world.hosts.destination.host));
    const flags = ['--every', options.every, '--timeout', options.timeout, '--plain-http'];
    served = startServe(folder, flags, (line) => {
      if (world.passwords.some((password) => reveals(line, password))) revealed.push(`a password was said: ${line}`);
    });
    const samples = await watch(served, upstream, options, tell);
    const left = () => behind(rows, source.state, destination.state);
    const late = await arrived(left, served, options.patience);
    samples.push(await served.sample());
    const ended = await served.stop();
    const wrongs = [
      ...late.slice(0, 5).map((tag) => `${tag} has not arrived, as ${late.length} in all`),
      ...(await unlike(rows, source.state, destination.state)).slice(0, 5),
      ...(ended === 0 || ended === 75 ? [] : [`serve ended with ${ended}`]),
      ...revealed,
      ...leftOver(folder, world, samples),
      ...served.told.stray.map((line) => `it said what is no JSON: ${line}`),
      ...proved(world, served.told),
      ...(options.flat ? growing(samples) : []),
    ];
    return {
      wrongs,
      told: served.told,
      samples,
      changes: upstream.changes(),
      asked: world.asked(),
      struck: world.struck,
      open: destination.uploads().size,
      tags: rows.reduce((sum, row) => sum + (source.state.repositories.get(row.source)?.tags.size ?? 0), 0),
    };
  } finally {
    if (served?.runs() === true) await served.stop();
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function prepare(folder: string, world: SoakWorld, mirrors: string): void {
  mkdirSync(join(folder, 'tmp'));
  writeFileSync(join(folder, 'config.json'), world.dockerConfig, { mode: 0o600 });
  writeFileSync(join(folder, 'mirrors.yaml'), mirrors);
}

/** Moves tags and looks at the process, as long as it is served. */
async function watch(
  served: Served,
  upstream: Upstream,
  { seconds, moving, look }: SoakOptions,
  tell: (line: string) => void,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  const began = performance.now();
  const gone = () => (performance.now() - began) / 1000;
  while (gone() < seconds && served.runs()) {
    await sleep(CHANGE);
    while (upstream.changes() * CHANGE < Math.min(gone(), moving) * 1000) upstream.change();
    if (gone() < (samples.length + 1) * look) continue;
    const sample = await served.sample();
    samples.push(sample);
    const { rounds, copied, failed } = served.told;
    const held = `${Math.round(sample.heap / 2 ** 20)} MiB of heap, ${sample.sockets} sockets`;
    tell(`${Math.round(gone())} s: ${rounds} rounds, ${copied} copied, ${failed} failed, ${held}`);
  }
  return samples;
}

/** Waits for the last images. @returns those that did not come */
async function arrived(left: () => string[], served: Served, seconds: number): Promise<string[]> {
  for (let waited = 0; waited < seconds * 2 && served.runs() && left().length > 0; waited++) await sleep(500);
  return left();
}

function leftOver(folder: string, { registries, lost, unheard }: SoakWorld, samples: readonly Sample[]): string[] {
  const files = readdirSync(folder).filter((file) => !FILES.includes(file));
  const temporary = readdirSync(join(folder, 'tmp'));
  const open = [...registries.destination.uploads()].filter(([id]) => !lost.has(id));
  // Whoever never heard of a session cannot let it go.
  const uploads = open.length > unheard() ? open : [];
  return [
    ...[...files, ...temporary].map((file) => `the file ${file} was left`),
    ...uploads.map(([id, name]) => `the upload session ${id} was left open ${historyOf(registries.destination, name)}`),
    ...(samples.some(({ children }) => children > 0) ? ['it has started processes'] : []),
  ];
}

/** What was asked of the repository that an upload session is of: of most, there are few requests. */
function historyOf({ requests }: RunningRegistry, name: string): string {
  const uploads = requests.filter(({ kind, repository }) => kind === 'upload' && repository === name);
  const lines = uploads.map(({ method, path, digest, from, status }) =>
    [method, path.split('/').at(-1), digest?.slice(7, 15), from, status].filter(Boolean).join(' '),
  );
  return `in ${name}: ${lines.join('; ')}`;
}

/** A soak in which nothing went wrong, or nothing was done twice, proves nothing. */
function proved({ struck }: SoakWorld, { rounds }: Told): string[] {
  const sides = ['source', 'destination'].filter(
    (side) => ![...struck.keys()].some((what) => what.includes(`, ${side} `)),
  );
  return [
    ...sides.map((side) => `no request to the ${side} met a fault`),
    ...(rounds < 2 ? [`${rounds} rounds in all`] : []),
  ];
}

function growing(samples: readonly Sample[]): string[] {
  return seriesOf(samples)
    .filter(grows)
    .map(({ name }) => `${name} grows`);
}
