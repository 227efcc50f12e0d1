import { matchesStars } from './lifecycle-policy';

/** `1.27.3`, `v2.0.0-rc.1`, `10.0.20348.2113`; a day; a commit: what is called so is not made anew, or should not be. */
const FIXED = [/^[vV]?\d+\.\d+\.\d+/, /^(?:19|20)\d\d-?[01]\d-?[0-3]\d/, /^(?:[a-z]+-)?(?=.*\d)[0-9a-f]{7,64}$/];

/** Whether a tag moves from image to image by its form: `latest`, `stable`, `1`, `1.27`, `1.27-alpine`. */
export function floats(tag: string): boolean {
  return !FIXED.some((form) => form.test(tag));
}

/** How a repository of Amazon ECR lets tags move, in the words of its API. */
export interface TagMutability {
  readonly imageTagMutability: string;
  /** Patterns of tags that it does not hold for. */
  readonly exclusions: readonly string[];
}

/** Whether a tag that is there must stay where it is. */
export function isFixedTag({ imageTagMutability, exclusions }: TagMutability, tag: string): boolean {
  const excluded = exclusions.some((pattern) => matchesStars(pattern, tag));
  switch (imageTagMutability) {
    case 'IMMUTABLE':
      return true;
    case 'IMMUTABLE_WITH_EXCLUSION':
      return !excluded;
    case 'MUTABLE_WITH_EXCLUSION':
      return excluded;
    default:
      return false;
  }
}
