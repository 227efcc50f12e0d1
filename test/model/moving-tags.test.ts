import { isFixedTag } from '../../lib/model/moving-tags';

describe('a tag of a repository', () => {
  it.each([
    ['MUTABLE', [], 'latest', false],
    ['MUTABLE', ['latest'], 'latest', false],
    ['IMMUTABLE', [], 'latest', true],
    ['IMMUTABLE', ['latest'], 'latest', true],
    ['IMMUTABLE_WITH_EXCLUSION', ['latest', '*-nightly'], 'latest', false],
    ['IMMUTABLE_WITH_EXCLUSION', ['latest', '*-nightly'], '1.27-nightly', false],
    ['IMMUTABLE_WITH_EXCLUSION', ['latest', '*-nightly'], '1.27', true],
    ['MUTABLE_WITH_EXCLUSION', ['v*'], 'v1', true],
    ['MUTABLE_WITH_EXCLUSION', ['v*'], 'latest', false],
    ['SOMETHING_NEW', ['v*'], 'v1', false],
  ])('of %s, but for %j: %s is fixed: %s', (imageTagMutability, exclusions, tag, fixed) => {
    expect(isFixedTag({ imageTagMutability, exclusions }, tag)).toBe(fixed);
  });
});
