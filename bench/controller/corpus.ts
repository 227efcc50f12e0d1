import { mapRepository } from '../../lib/model/mapping';
import { formatRepository, type Repository } from '../../lib/model/reference';
import { type Built, jsonContent } from '../../local/images/content';
import type { RunningRegistry } from '../../local/registry';

export const ACCOUNT = '111122223333';
export const REGION = 'eu-west-1';
export const OWN = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com`;
export const SOURCES = ['docker.io', 'ghcr.io', 'quay.io'] as const;
export const REPOSITORIES = 500;
/** One row in so many has moved at its source. */
export const CHANGED = 100;

/** What the destinations hold when the run begins. */
export type State = 'nothing to do' | '1 % changed' | 'all new';
export const STATES: readonly State[] = ['nothing to do', '1 % changed', 'all new'];

/** A row of the table of mirrors: an image of its own, with a digest of its own, mirrored to where the mapping says. */
export interface BenchRow {
  readonly source: Repository;
  readonly destination: Repository;
  readonly tag: string;
  /** As the table has it. */
  readonly key: string;
  readonly image: Built;
}

/** Rows spread over all repositories, and those over all registries. */
export function makeRows(count: number): readonly BenchRow[] {
  return Array.from({ length: count }, (_, index) => {
    const number = index % REPOSITORIES;
    const source = {
      registry: SOURCES[number % SOURCES.length] as string,
      name: `team-${number % 20}/service-${String(number).padStart(3, '0')}`,
    };
    const tag = `1.${Math.floor(index / REPOSITORIES)}.0`;
    const destination = mapRepository({ registry: OWN }, source) as Repository;
    return { source, destination, tag, key: `${formatRepository(source)}:${tag}`, image: makeImage(`${index}`) };
  });
}

/** The image that a changed row's destination still holds. */
function makeImage(seed: string): Built {
  const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: digestOf(1), size: 30_000_000 };
  const config = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(2), size: 1_500 };
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const root = jsonContent(mediaType, { schemaVersion: 2, mediaType, config, layers: [layer], annotations: { seed } });
  return { root, manifests: [root], blobs: [] };
}

function digestOf(number: number): string {
  return `sha256:${number.toString(16).padStart(64, '0')}`;
}

/** Fills the sources, and the destination as far as it is to hold what the rows ask for. */
export function stock(
  rows: readonly BenchRow[],
  state: State,
  registries: Readonly<Record<string, RunningRegistry>>,
): void {
  const own = registries[OWN];
  rows.forEach(({ source, destination, tag, image }, index) => {
    registries[source.registry]?.state.place(source.name, image, tag);
    if (state === 'all new') own?.state.create(destination.name);
    else own?.state.place(destination.name, isChanged(state, index) ? makeImage(`before ${index}`) : image, tag);
  });
}

/** Whether a row's destination holds something else than its source. */
export function isChanged(state: State, index: number): boolean {
  return state === '1 % changed' && index % CHANGED === 0;
}
