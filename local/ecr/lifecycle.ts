import { type LifecycleRule, parseLifecyclePolicy } from '../../lib/model/lifecycle-policy';
import { removeManifest } from '../registry/manifests';
import { type RepositoryState, type StoredManifest, tagsOf } from '../registry/state';

const DAY = 86_400_000;

/**
 * Carries a repository's lifecycle policy out, as Amazon ECR does within a day: an image belongs to the first rule that its tags
 * match, whether that rule lets it expire or not, and one that an index names stays as long as the index.
 *
 * Does NOT do: archiving, rules about pulls, reference artifacts.
 *
 * @param now milliseconds since the epoch
 * @returns what has expired
 */
export function expireImages(repository: RepositoryState, now: number): readonly string[] {
  const rules = parseLifecyclePolicy(repository.settings.lifecyclePolicy ?? '');
  const named = new Set(
    [...repository.manifests.values()].flatMap(({ parsed }) => parsed.manifests.map(({ digest }) => digest)),
  );
  const left = [...repository.manifests.values()].filter(({ descriptor: { digest } }) => {
    return tagsOf(repository, digest).length > 0 || !named.has(digest);
  });
  const claimed = new Map<LifecycleRule, StoredManifest[]>();
  for (const image of left) {
    const rule = rules.find((one) => takes(one, tagsOf(repository, image.descriptor.digest)));
    if (rule !== undefined) claimed.set(rule, [...(claimed.get(rule) ?? []), image]);
  }
  const expired = [...claimed].flatMap(([rule, images]) => overdue(rule, images, now));
  for (const { descriptor } of expired) removeManifest(repository, descriptor.digest);
  return expired.map(({ descriptor }) => descriptor.digest);
}

function overdue(
  { countType, count }: LifecycleRule,
  images: readonly StoredManifest[],
  now: number,
): StoredManifest[] {
  const newest = [...images].sort((a, b) => b.pushedAt - a.pushedAt);
  if (countType === 'imageCountMoreThan') return newest.slice(count);
  return countType === 'sinceImagePushed' ? newest.filter(({ pushedAt }) => now - pushedAt > count * DAY) : [];
}

function takes({ status, patterns }: LifecycleRule, tags: readonly string[]): boolean {
  if (status === 'any') return true;
  if (status === 'untagged') return tags.length === 0;
  return patterns.length > 0 && patterns.every((pattern) => tags.some((tag) => matches(pattern, tag)));
}

function matches(pattern: string, tag: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.\\+?^${}()|[\]]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(tag);
}
