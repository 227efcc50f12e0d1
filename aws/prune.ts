import { mapWithin } from '../engine/gate';
import type { Digest } from '../lib/model/digest';
import { parseEcrHost } from '../lib/model/ecr-host';
import { collectUses, type InUse } from '../lib/model/in-use';
import { repositoryPlace, tagPlace } from '../lib/model/place';
import {
  type Evidence,
  type HeldImage,
  judgeImage,
  judgeWish,
  type MadeCopy,
  type Unseen,
  type Verdict,
  type Wants,
} from '../lib/model/prune';
import type { Repository } from '../lib/model/reference';
import type { AwsClients, ClientOptions } from './clients';
import { childrenOf, deleteTags, heldImages, type TagToDelete } from './held-images';
import { findUses, type Seen } from './in-use';
import type { Table } from './items';
import { retire } from './made-copies';

export interface PruneWorld {
  readonly clients: Pick<AwsClients, 'ecr'>;
  /** For the services that are asked what runs. */
  readonly options: ClientOptions;
  readonly copies: Table;
  /** Regions to look for what runs, beside those of the images. */
  readonly regions: readonly string[];
  /** Milliseconds. */
  readonly unusedFor: number;
  /** What could not be looked into keeps nothing. */
  readonly unseenOk: boolean;
  readonly now: () => number;
}

export interface Decided {
  readonly copy: MadeCopy;
  readonly verdict: Verdict;
  /** What its tag holds. @default - nothing, or nobody has asked */
  readonly held?: HeldImage;
}

export interface Decision {
  readonly decided: readonly Decided[];
  readonly unseen: readonly Unseen[];
}

type Held = ReadonlyMap<string, HeldImage> | Error;

const REPOSITORIES_AT_ONCE = 4;

/** What becomes of each copy. Reads alone; asks nothing of a destination from which nothing can go. */
export async function decidePrune(copies: readonly MadeCopy[], wants: Wants, world: PruneWorld): Promise<Decision> {
  const first = copies.map((copy) => ({ copy, verdict: judgeWish(copy, wants) }));
  const unwanted = first.filter(({ verdict }) => verdict.kind === 'prune');
  if (unwanted.length === 0) return { decided: first, unseen: [] };
  const repositories = byPlace(unwanted.map(({ copy }) => copy.destination.repository));
  const held = new Map<string, Held>();
  await mapWithin(REPOSITORIES_AT_ONCE, [...repositories], async ([place, repository]) => {
    const images = heldImages(world.clients, repository);
    held.set(place, await images.catch((error: Error) => error));
  });
  const seen = await findUses(world.options, whereToLook([...repositories.values()], world));
  const evidence: Evidence = {
    wants,
    inUse: await explain(seen, copies, { repositories, held, world }),
    unseen: world.unseenOk ? [] : seen.unseen,
    unusedFor: world.unusedFor,
    now: world.now(),
  };
  const decided = first.map(({ copy, verdict }) => {
    if (verdict.kind !== 'prune') return { copy, verdict };
    const images = held.get(repositoryPlace(copy.destination.repository));
    const image = images instanceof Error ? images : images?.get(copy.destination.tag ?? '');
    const known = image === undefined || image instanceof Error ? {} : { held: image };
    return { copy, verdict: judgeImage(copy, verdict.why, image, evidence), ...known };
  });
  return { decided, unseen: seen.unseen };
}

function byPlace(repositories: readonly Repository[]): ReadonlyMap<string, Repository> {
  return new Map(repositories.map((repository) => [repositoryPlace(repository), repository]));
}

function whereToLook(repositories: readonly Repository[], { regions, now }: PruneWorld) {
  const hosts = repositories.flatMap(({ registry }) => parseEcrHost(registry) ?? []);
  return {
    regions: [...new Set([...hosts.map(({ region }) => region), ...regions])],
    accounts: [...new Set(hosts.map(({ account }) => account))],
    now,
  };
}

interface Looked {
  readonly repositories: ReadonlyMap<string, Repository>;
  readonly held: ReadonlyMap<string, Held>;
  readonly world: PruneWorld;
}

/** A runtime may say the digest of a platform where an index was asked for: the indexes that are in use are read to tell. */
async function explain({ uses }: Seen, copies: readonly MadeCopy[], looked: Looked): Promise<InUse> {
  const explained = new Set<Digest>();
  for (const images of looked.held.values()) {
    if (!(images instanceof Error)) for (const { digest } of images.values()) explained.add(digest);
  }
  const inUse = collectUses(uses, explained);
  if (inUse.ofUnknownIndex.size === 0) return inUse;
  await mapWithin(REPOSITORIES_AT_ONCE, [...looked.repositories], async ([place, repository]) => {
    const images = looked.held.get(place);
    if (images === undefined || images instanceof Error) return;
    const indexes = copies.flatMap(({ source, destination }) => {
      const image = images.get(destination.tag ?? '');
      const isUsed = [source, destination].some(({ repository, tag }) =>
        inUse.byTag.has(tagPlace({ repository, tag })),
      );
      const isHere = repositoryPlace(destination.repository) === place;
      return isHere && isUsed && image?.isIndex === true && !image.isArchived ? [image.digest] : [];
    });
    // Of what cannot be read nobody knows what it holds: then more stays.
    const children = await childrenOf(looked.world.clients, repository, [...new Set(indexes)]).catch(() => []);
    for (const child of children) explained.add(child);
  });
  return collectUses(uses, explained);
}

/** How what was to go went. */
export interface Pruned {
  readonly copy: MadeCopy;
  /** One line. @default - it went */
  readonly error?: string;
}

/** Deletes what may go, and says of it, and of what was gone already, that it is retired. */
export async function carryOut(decided: readonly Decided[], world: PruneWorld): Promise<readonly Pruned[]> {
  const going = decided.filter(({ verdict }) => verdict.kind === 'prune');
  const gone = decided.filter(({ verdict }) => verdict.kind === 'gone').map(({ copy }) => copy);
  const failures = new Map<string, ReadonlyMap<string, string>>();
  const repositories = byPlace(going.map(({ copy }) => copy.destination.repository));
  await mapWithin(REPOSITORIES_AT_ONCE, [...repositories], async ([place, repository]) => {
    const here = going.filter(({ copy }) => repositoryPlace(copy.destination.repository) === place);
    failures.set(place, await deleteTags(world.clients, repository, tagsToDelete(here)));
  });
  const pruned = going.map(({ copy }) => {
    const { repository, tag = '' } = copy.destination;
    const error = failures.get(repositoryPlace(repository))?.get(tag);
    return { copy, ...(error === undefined ? {} : { error }) };
  });
  const absent = [...gone, ...pruned.filter(({ error }) => error === undefined).map(({ copy }) => copy)];
  for (const copy of absent) await retire(world.copies, copy, world.now());
  return pruned;
}

/** With their digest where all tags of the image go. */
function tagsToDelete(here: readonly Decided[]): readonly TagToDelete[] {
  const going = new Set(here.flatMap(({ copy }) => copy.destination.tag ?? []));
  return here.flatMap(({ copy: { destination, pushed }, held }) => {
    const { tag } = destination;
    if (tag === undefined || pushed === undefined) return [];
    const isLast = held?.tags.every((one) => going.has(one)) === true;
    return [{ tag, ...(isLast ? { digest: pushed } : {}) }];
  });
}
