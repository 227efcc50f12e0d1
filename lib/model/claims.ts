import { formatRepository, parseReference, type Reference, type Repository } from './reference';
import { type Claimant, claimantOf } from './union';

/** Which rows write which destination, so that two that would overwrite each other are both refused. */
export interface Claims {
  /** A row says that it writes there. Saying so twice is once. @throws InvalidValue for a text that is no reference. */
  claim(destination: Reference | string, row: Claimant): void;
  /** The rows that claim it, in the order in which they did. */
  holders(destination: Reference | string): readonly Claimant[];
  /** A row that selects tags says which repositories it writes into: the tags are known only when it is planned. */
  claimRepositories(row: Claimant): void;
  /** The rows that select tags to be written into the repository, in the order in which they said so. */
  selecting(repository: Repository): readonly Claimant[];
}

/**
 * Exact, and small: repositories and rows are kept once each, and a destination costs its tag and a number. A list is
 * made only for destinations that several rows write.
 */
export function createClaims(): Claims {
  const numbers = new Map<string, number>();
  const rows: Claimant[] = [];
  const repositories = new Map<string, Map<string, number | number[]>>();
  const selections = new Map<string, Claimant[]>();

  const numberOf = (row: Claimant): number => {
    const known = numbers.get(row.key);
    if (known !== undefined) return known;
    numbers.set(row.key, rows.length);
    return rows.push(claimantOf(row)) - 1;
  };
  const holdersOf = (destination: Reference | string): readonly number[] => {
    const [repository, name] = place(destination);
    return [repositories.get(repository)?.get(name) ?? []].flat();
  };

  return {
    claim(destination, row) {
      const number = numberOf(row);
      const holders = holdersOf(destination);
      if (holders.includes(number)) return;
      const [repository, name] = place(destination);
      const claimed = repositories.get(repository) ?? new Map<string, number | number[]>();
      repositories.set(repository, claimed);
      claimed.set(name, holders.length === 0 ? number : [...holders, number]);
    },
    holders: (destination) => holdersOf(destination).flatMap((number) => rows[number] ?? []),
    claimRepositories(row) {
      const kept = claimantOf(row);
      for (const repository of new Set(row.destinations.map((one) => formatRepository(one.repository)))) {
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
