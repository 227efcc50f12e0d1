import type { Mirror } from './mirror';
import { formatRepository, parseReference, type Reference, type Repository } from './reference';

/** Which rows write which destination, so that two that would overwrite each other are both refused. */
export interface Claims {
  /** A row (its key) says that it writes there. Saying so twice is once. @throws InvalidValue for a text that is no reference. */
  claim(destination: Reference | string, key: string): void;
  /** The rows that claim it, in the order in which they did. */
  holders(destination: Reference | string): readonly string[];
  /** A row that selects tags says which repositories it writes into: the tags are known only when it is planned. */
  claimRepositories(mirror: Selecting): void;
  /** The rows that select tags to be written into the repository, in the order in which they said so. */
  selecting(repository: Repository): readonly Selecting[];
}

/** What of a row is kept that selects tags: enough to tell what it writes. */
export type Selecting = Pick<Mirror, 'key' | 'source' | 'select' | 'destinations'>;

/**
 * Exact, and small: repositories and keys are kept once each, and a destination costs its tag and a number. A list is
 * made only for destinations that are contested.
 */
export function createClaims(): Claims {
  const numbers = new Map<string, number>();
  const keys: string[] = [];
  const repositories = new Map<string, Map<string, number | number[]>>();
  const selections = new Map<string, Selecting[]>();

  const numberOf = (key: string): number => {
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, keys.length);
    return keys.push(key) - 1;
  };
  const holdersOf = (destination: Reference | string): readonly number[] => {
    const [repository, name] = place(destination);
    return [repositories.get(repository)?.get(name) ?? []].flat();
  };

  return {
    claim(destination, key) {
      const number = numberOf(key);
      const holders = holdersOf(destination);
      if (holders.includes(number)) return;
      const [repository, name] = place(destination);
      const claimed = repositories.get(repository) ?? new Map<string, number | number[]>();
      repositories.set(repository, claimed);
      claimed.set(name, holders.length === 0 ? number : [...holders, number]);
    },
    holders: (destination) => holdersOf(destination).map((number) => keys[number] ?? ''),
    claimRepositories({ key, source, select, destinations }) {
      const kept: Selecting = { key, source, select, destinations };
      for (const repository of new Set(destinations.map((one) => formatRepository(one.repository)))) {
        const known = selections.get(repository);
        if (known === undefined) selections.set(repository, [kept]);
        else known.push(kept);
      }
    },
    selecting: (repository) => selections.get(formatRepository(repository)) ?? [],
  };
}

function place(destination: Reference | string): readonly [repository: string, name: string] {
  const { repository, tag, digest } = typeof destination === 'string' ? parseReference(destination) : destination;
  return [formatRepository(repository), tag ?? `@${digest ?? ''}`];
}
