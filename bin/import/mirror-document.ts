import { stringify } from 'yaml';
import type { Entry } from './harvest';

/**
 * Entries as a file of mirrors has them. What asks for the same of one source is one entry with all its destinations; a source that
 * is asked for in several ways gets a name for each, because its name is what identifies a row.
 */
export function mirrorsOf(entries: readonly Entry[]): readonly Entry[] {
  const merged = mergeAlike(entries);
  const taken = new Set<string>();
  return merged.map((entry) => {
    const name = freeName(entry.source, taken);
    taken.add(name);
    return name === entry.source ? entry : { ...entry, source: name, from: entry.source };
  });
}

/** @param notes stand above it, as comments */
export function mirrorDocument(mirrors: readonly Entry[], notes: readonly string[]): string {
  const comments = notes.map((note) => `# ${note}\n`).join('');
  const head = comments === '' ? '' : `# What was not carried over:\n${comments}\n`;
  return `${head}${stringify({ mirrors: mirrors.map(ordered) }, { lineWidth: 0 })}`;
}

function mergeAlike(entries: readonly Entry[]): readonly Entry[] {
  const found = new Map<string, Entry & { destinations: string[] }>();
  for (const { destination, ...entry } of entries) {
    // What goes where a mapping says has a place of its own.
    const key = JSON.stringify([destination === undefined, entry]);
    const known = found.get(key) ?? { ...entry, destinations: [] };
    const places = [destination ?? []].flat();
    known.destinations.push(...places.filter((place) => !known.destinations.includes(place)));
    found.set(key, known);
  }
  return [...found.values()].map(({ destinations, ...entry }) => {
    const [only, ...others] = destinations;
    if (only === undefined) return entry;
    return { ...entry, destination: others.length === 0 ? only : destinations };
  });
}

function freeName(source: string, taken: ReadonlySet<string>): string {
  if (!taken.has(source)) return source;
  for (let number = 2; ; number++) if (!taken.has(`${source} ${number}`)) return `${source} ${number}`;
}

const ORDER: readonly (keyof Entry)[] = [
  'source',
  'from',
  'destination',
  'tags',
  'platforms',
  'referrers',
  'artifactTypes',
  'compare',
  'every',
  'expires',
  'keepPrevious',
];

function ordered(entry: Entry): object {
  return Object.fromEntries(ORDER.flatMap((name) => (entry[name] === undefined ? [] : [[name, entry[name]]])));
}
