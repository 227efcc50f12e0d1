import fc from 'fast-check';
import { neighbourOf } from '../../engine/neighbour';

describe('the neighbour of a tag', () => {
  it.each<[string, string[], string | undefined]>([
    ['1.27.4', ['1.26.9', '1.27.3', 'latest'], '1.27.3'],
    ['1.27.4-alpine', ['1.27.4', '1.27.3', '1.27.3-alpine'], '1.27.3-alpine'],
    ['1.27.12', ['1.27.9', '1.27.10', '1.27.8'], '1.27.10'],
    ['2.0', ['1.8', '1.9', 'stable'], '1.9'],
    ['v2', ['v1'], 'v1'],
    ['v1', ['v1'], undefined],
    ['v1', [`sha256-${'a'.repeat(64)}.sig`], undefined],
    ['v1', [], undefined],
  ])('%s among %j is %j', (wanted, tags, found) => {
    expect(neighbourOf(wanted, tags)).toBe(found);
  });

  it('is one of the tags, whatever their order, and never the wanted one', () => {
    const tag = fc.stringMatching(/^[a-z0-9.-]{1,8}$/);
    fc.assert(
      fc.property(tag, fc.uniqueArray(tag), (wanted, tags) => {
        const found = neighbourOf(wanted, tags);
        expect(found).toBe(neighbourOf(wanted, [...tags].reverse()));
        expect([...tags.filter((one) => one !== wanted), undefined]).toContain(found);
      }),
    );
  });
});
