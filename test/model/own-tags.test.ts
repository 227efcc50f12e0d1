import fc from 'fast-check';
import { parseDigest } from '../../lib/model/digest';
import { besideTag, isPreviousOf, isPreviousTag, previousTags } from '../../lib/model/own-tags';
import { isTag } from '../../lib/model/reference';
import { digest, tag } from './arbitrary';

const NOW = Date.UTC(2026, 10, 21, 14, 30, 5);
const DIGEST = parseDigest(`sha256:${'0123456789ab'.repeat(5)}cdef`);

describe('names of previous images', () => {
  it('say tag and day; and the time, and then the digest, where that is taken', () => {
    expect(previousTags('1.27', DIGEST, NOW)).toEqual([
      'prev-1.27-20261121',
      'prev-1.27-20261121-143005',
      'prev-1.27-20261121-0123456789ab',
    ]);
  });
  it('are tags, and those of their own tag, however long it is', () => {
    fc.assert(
      fc.property(
        tag,
        digest,
        fc.date({ min: new Date(0), max: new Date('9999-01-01'), noInvalidDate: true }),
        (of, what, when) => {
          for (const name of previousTags(of, what, when.getTime())) {
            expect(isTag(name)).toBe(true);
            expect(isPreviousOf(of, name)).toBe(true);
            expect(isPreviousTag(name)).toBe(true);
          }
        },
      ),
    );
  });
  it.each(['1.27-alpine', '1.2', '1.270'])('are not those of %s', (other) => {
    for (const name of previousTags(other, DIGEST, NOW)) expect(isPreviousOf('1.27', name)).toBe(false);
  });
  it.each(['prev-1.27', 'prev-20261121', '1.27-20261121', 'previous-1-2026112', 'prev-1-20261121-x', 'prev--2026112'])(
    'are not: %s',
    (name) => {
      expect(isPreviousTag(name)).toBe(false);
    },
  );
});

describe('a tag beside one that is taken', () => {
  it('ends in the digest', () => {
    expect(besideTag('1.27', DIGEST)).toBe('1.27-0123456789ab');
  });
  it('is a tag, however long the other is', () => {
    fc.assert(fc.property(tag, digest, (of, what) => expect(isTag(besideTag(of, what))).toBe(true)));
  });
});
