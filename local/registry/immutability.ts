import type { RepositorySettings } from './state';

/** Whether a tag that exists must stay where it is. */
export function isFrozen(settings: Pick<RepositorySettings, 'tagMutability' | 'exclusions'>, tag: string): boolean {
  const excluded = settings.exclusions.some((filter) => matches(filter, tag));
  switch (settings.tagMutability) {
    case 'MUTABLE':
      return false;
    case 'IMMUTABLE':
      return true;
    case 'IMMUTABLE_WITH_EXCLUSION':
      return !excluded;
    case 'MUTABLE_WITH_EXCLUSION':
      return excluded;
  }
}

/** `*` stands for any text. Walks both once for each star, so that no filter takes long. */
function matches(filter: string, tag: string): boolean {
  const [first = '', ...rest] = filter.split('*');
  if (rest.length === 0) return filter === tag;
  const last = rest.pop() as string;
  if (!tag.startsWith(first) || !tag.endsWith(last) || tag.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of rest) {
    const found = tag.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= tag.length - last.length;
}
