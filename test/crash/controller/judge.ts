import type { Item } from '../../../aws/items';
import type { Built } from '../../../local/images';
import { findManifest } from '../../../local/registry';
import { invoke } from './invoke';
import { ECR, type Place } from './place';
import { SCHEDULE, type Scene } from './story';

/** What keeps these destinations from being right: their images, and what the table says of them. */
export async function lacks({ place, wanted }: Scene, destinations?: readonly string[]): Promise<string[]> {
  const items = await place.items();
  return [...wanted]
    .filter(([destination]) => destinations?.includes(destination) ?? true)
    .flatMap(([destination, built]) => [
      ...differences(place, destination, built),
      ...statusOf(items.find(({ Destination }) => Destination === destination)).map(
        (wrong) => `${destination}: ${wrong}`,
      ),
    ]);
}

function differences({ registries }: Place, destination: string, { root, blobs }: Built): string[] {
  const [, host, name = '', tag = ''] = /^([^/]+)\/(.+):(.+)$/.exec(destination) ?? [];
  const registry = host === ECR ? registries.ecr : registries.destination;
  const repository = registry.state.repositories.get(name);
  const there = repository?.tags.get(tag);
  if (repository === undefined || there !== root.descriptor.digest) return [`${destination} is ${there}`];
  const bytes = findManifest(repository, there)?.bytes ?? new Uint8Array();
  const lacking = blobs.filter(({ descriptor }) => !repository.blobs.has(descriptor.digest));
  return [
    ...(Buffer.compare(bytes, root.bytes) === 0 ? [] : [`${destination}: its manifest is another`]),
    ...lacking.map(({ descriptor }) => `${destination} lacks ${descriptor.digest}`),
  ];
}

function statusOf(item: Item | undefined): string[] {
  if (item === undefined) return ['nothing is written of it'];
  const left = ['Lease', 'Error', 'StaleSince'].filter((name) => item[name] !== undefined);
  return [
    ...(item.State === 'Mirrored' ? [] : [`it is ${item.State}: ${item.Error}`]),
    ...left.map((name) => `has ${name}`),
  ];
}

/** What is wrong in the end, when every fault is gone and a run has looked at all rows. */
export async function wrongs(scene: Scene): Promise<string[]> {
  const { place, workers, findings } = scene;
  const items = await place.items();
  const rows = items.filter(({ Destination }) => Destination === '-');
  return [
    ...(await lacks(scene)),
    ...workers.overlaps.map((name) => `${name}: two workers at once`),
    ...items.flatMap(({ Source, Lease }) => (Lease === undefined ? [] : [`${Source} is still leased`])),
    ...rows.flatMap((row) => wrongRow(row, findings.get(String(row.Source)))),
    ...[...findings.keys()].flatMap((key) => (rows.some(({ Source }) => Source === key) ? [] : [`${key}: not a word`])),
    ...(await restless(scene)),
  ];
}

function wrongRow(
  { Source, State, Error: said }: Item,
  finding: Scene['findings'] extends ReadonlyMap<string, infer F> ? F | undefined : never,
) {
  const right = State === finding?.state && String(said ?? '').includes(finding?.says ?? '');
  return right ? [] : [`${Source}: its row is ${State}: ${said}`];
}

/** A run with nothing to do does nothing. */
async function restless({ place }: Scene): Promise<string[]> {
  place.clock.advance(3600);
  const { ended, reply } = await invoke(place, SCHEDULE);
  const { copies, jobs, errors } = reply as unknown as { copies: number; jobs: string[]; errors: string[] };
  const idle = ended === 'done' && copies === 0 && jobs.length === 0 && errors.length === 0;
  return idle ? [] : [`another run: ${ended}, ${copies} copies`];
}
