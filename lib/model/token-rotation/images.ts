import { parseReference } from '../reference';
import type { RotatedRegistry } from './settings';

/**
 * What is to be said of an image that a rotation runs: `unpinned`, because its tag may become another image; `circular`, because
 * pulling it needs a token that its own job renews.
 *
 * @throws InvalidValue for what is no reference
 */
export function imageConcerns(
  image: string,
  registries: readonly RotatedRegistry[],
): readonly ('unpinned' | 'circular')[] {
  const { repository, digest } = parseReference(image);
  const isCircular = registries.some(({ host }) => host === repository.registry);
  return [...(digest === undefined ? (['unpinned'] as const) : []), ...(isCircular ? (['circular'] as const) : [])];
}
