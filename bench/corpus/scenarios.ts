import { bulk, large, many, multi, type Stored } from './images';

/** What a registry holds when a run begins. */
export type State = 'source' | 'empty' | 'multi' | 'bulk';

export interface Spot {
  readonly repository: string;
  readonly tag: string;
}

/** One kind of work for the tools. */
export interface Scenario {
  readonly name: string;
  /** For people. */
  readonly about: string;
  readonly kind: 'copy' | 'plan';
  /** How many destination registries, and what each of them holds at first. */
  readonly destinations: number;
  readonly held: State;
  /** `registry` counts from 0. */
  readonly wanted: readonly {
    readonly source: Spot;
    readonly destinations: readonly (Spot & { readonly registry: number })[];
  }[];
}

/** Everything below this at a destination. */
const PREFIX = 'mirror/';
const MULTI = { repository: 'multi', tag: 'v1' };

/** To the same name below the prefix, in each of so many registries. */
function mirrored(source: Spot, registries = 1): Scenario['wanted'][number] {
  const at = Array.from({ length: registries }, (_, registry) => registry);
  return {
    source,
    destinations: at.map((registry) => ({ ...source, repository: PREFIX + source.repository, registry })),
  };
}

const BULK = bulk().flatMap(({ repository, tags }) => tags.map((tag) => mirrored({ repository, tag })));
const TEAMS = ['team-a', 'team-b', 'team-c'];

export const SCENARIOS: readonly Scenario[] = [
  one('large', 'one layer of 384 MiB, four of 32', { repository: 'large', tag: 'v1' }),
  one('multi', 'index of 4 platforms, 170 MiB, into an empty registry', MULTI),
  one('many', '80 layers of 32 to 256 KiB', { repository: 'many', tag: 'v1' }),
  one('next', 'multi, one layer changed in each platform', { repository: 'multi', tag: 'v2' }, 'multi'),
  one('same', 'multi, which the destination holds', MULTI, 'multi'),
  one('retag', 'multi by another tag, which the destination holds', { repository: 'multi', tag: 'stable' }, 'multi'),
  {
    ...one('fanout', 'multi to three repositories of one registry', MULTI),
    wanted: [
      { source: MULTI, destinations: TEAMS.map((team) => ({ registry: 0, repository: `${team}/multi`, tag: 'v1' })) },
    ],
  },
  {
    ...one('bulk', '200 tags of one repository and 100 repositories, over a shared base', MULTI),
    wanted: BULK,
  },
  { ...one('plan', 'bulk with nothing to do: say so', MULTI, 'bulk'), kind: 'plan', wanted: BULK },
  { ...one('regions', 'multi to two registries', MULTI), destinations: 2, wanted: [mirrored(MULTI, 2)] },
];

function one(name: string, about: string, source: Spot, held: State = 'empty'): Scenario {
  return { name, about, kind: 'copy', destinations: 1, held, wanted: [mirrored(source)] };
}

/** What a registry in a state holds. */
export function contentOf(state: State): Stored[] {
  const first = { repository: 'multi', tags: ['v1', 'stable'], build: () => multi(1) };
  const below = (stored: Stored): Stored => ({ ...stored, repository: PREFIX + stored.repository });
  if (state === 'empty') return [];
  if (state === 'multi') return [{ ...below(first), tags: ['v1'] }];
  if (state === 'bulk') return bulk().map(below);
  return [
    { repository: 'large', tags: ['v1'], build: large },
    first,
    { repository: 'multi', tags: ['v2'], build: () => multi(2) },
    { repository: 'many', tags: ['v1'], build: many },
    ...bulk(),
  ];
}
