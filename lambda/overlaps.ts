import { createFingerprints } from '../lib/model/fingerprints';
import type { Mirror } from '../lib/model/mirror';
import { formatRepository, type Repository } from '../lib/model/reference';

/** What was seen more than once: by chance something else, too, so whoever must be exact looks again. */
export function repeats() {
  const [once, again] = [createFingerprints(), createFingerprints()];
  return {
    see: (text: string) => {
      if (!once.add(text)) again.add(text);
    },
    has: (text: string) => again.has(text),
    get any() {
      return again.size > 0;
    },
  };
}

/** Repositories that several rows write, of which at least one selects tags: what it writes is known only when it is planned. */
export function mixtures() {
  const [written, selected] = [repeats(), createFingerprints()];
  let any = false;
  const isMixed = (text: string) => written.has(text) && selected.has(text);
  return {
    see: ({ destinations, select }: Mirror) => {
      for (const text of new Set(destinations.map(({ repository }) => formatRepository(repository)))) {
        written.see(text);
        if (select.kind === 'tags') selected.add(text);
        any ||= isMixed(text);
      }
    },
    has: ({ repository }: { readonly repository: Repository }) => isMixed(formatRepository(repository)),
    get any() {
      return any;
    },
  };
}
