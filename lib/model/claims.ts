import { formatRepository, parseReference, type Reference } from './reference';

/** Which rows write which destination, so that two that would overwrite each other are both refused. */
export interface Claims {
  /** A row (its key) says that it writes there. Saying so twice is once. @throws InvalidValue for a text that is no reference. */
  claim(destination: Reference | string, key: string): void;
  /** The rows that claim it, in the order in which they did, when there are two or more; else nothing. */
  contested(destination: Reference | string): readonly string[];
}

/**
 * Exact, and small: repositories and keys are kept once each, and a destination costs its tag and a number. A list is
 * made only for destinations that are contested.
 */
export function createClaims(): Claims {
  const numbers = new Map<string, number>();
  const keys: string[] = [];
  const repositories = new Map<string, Map<string, number | number[]>>();

  const numberOf = (key: string): number => {
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, keys.length);
    return keys.push(key) - 1;
  };

  return {
    claim(destination, key) {
      const [repository, name] = place(destination);
      const claimed = repositories.get(repository) ?? new Map<string, number | number[]>();
      repositories.set(repository, claimed);
      const number = numberOf(key);
      const holders = [claimed.get(name) ?? []].flat();
      if (holders.includes(number)) return;
      claimed.set(name, holders.length === 0 ? number : [...holders, number]);
    },
    contested(destination) {
      const [repository, name] = place(destination);
      const holders = repositories.get(repository)?.get(name);
      return Array.isArray(holders) ? holders.map((number) => keys[number] ?? '') : [];
    },
  };
}

function place(destination: Reference | string): readonly [repository: string, name: string] {
  const { repository, tag, digest } = typeof destination === 'string' ? parseReference(destination) : destination;
  return [formatRepository(repository), tag ?? `@${digest ?? ''}`];
}
