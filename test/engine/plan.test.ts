import { CopyError, RegistryError } from '../../engine/errors';
import { assemble, decide, type Observed, standing, type Wish } from '../../engine/plan';
import { MediaType } from '../../lib/model/descriptor';
import { parseDigest } from '../../lib/model/digest';
import type { Mirror } from '../../lib/model/mirror';
import { parseRow } from '../../lib/model/mirror-row';
import { parseReference } from '../../lib/model/reference';

const NOW = Date.UTC(2026, 0, 1);
const row = (more: object = {}) =>
  parseRow({ Source: 'app:1', Destination: 'our.example/app', ...more }, { mapping: {} });
const mirrorOf = (more: object = {}) => row(more).mirror as Mirror;
const digest = (letter: string) => parseDigest(`sha256:${letter.repeat(64)}`);

function wish(more: object = {}, letter = 'a', to = 'our.example/app:1'): Wish {
  const reference = { ...parseReference('app:1'), digest: digest(letter) };
  const root = { mediaType: MediaType.OCI_MANIFEST, digest: digest(letter), size: 1 };
  return { mirror: mirrorOf(more), image: { reference, root }, destination: parseReference(to) };
}

describe('a row at a moment', () => {
  it('stands for its mirror', () => {
    expect(standing(row(), NOW)).toEqual(mirrorOf());
  });
  it('stands until the second in which it expires', () => {
    expect(standing(row({ Expires: NOW / 1000 + 1 }), NOW)).toHaveProperty('source');
    for (const Expires of [NOW / 1000, NOW / 1000 - 86_400]) {
      expect(standing(row({ Expires }), NOW)).toEqual({
        mirror: 'app:1',
        reason: 'expired',
        detail: `since ${new Date(Expires * 1000).toISOString()}`,
      });
    }
  });
  it('does not stand while it is paused', () => {
    expect(standing(row({ Paused: true }), NOW)).toEqual({ mirror: 'app:1', reason: 'paused' });
  });
  it('that is invalid says all that is wrong, and nothing that is only odd', () => {
    const invalid = row({ Expires: 'soon', Paused: 'no', Team: 'x' });
    expect(standing(invalid, NOW)).toEqual({
      mirror: 'app:1',
      reason: 'invalid',
      detail: expect.stringMatching(/^Expires: [^·]* · Paused: [^·]*$/),
    });
  });
});

describe('what becomes of a wish', () => {
  const failed = (side: 'source' | 'destination'): Observed => {
    const error = new CopyError(side, 'look up', 'it', new RegistryError('no', { status: 403 }, 'denied'));
    return { kind: 'failed', side, error };
  };
  it.each<[string, Observed, unknown]>([
    ['is not there', { kind: 'absent' }, 'missing'],
    ['is another', { kind: 'holds', digest: digest('b') }, 'changed'],
    ['is another, without its signatures', { kind: 'holds', digest: digest('b'), lacksReferrers: true }, 'changed'],
    ['is the same', { kind: 'holds', digest: digest('a') }, { reason: 'up-to-date' }],
    [
      'is the same with its signatures',
      { kind: 'holds', digest: digest('a'), lacksReferrers: false },
      { reason: 'up-to-date' },
    ],
    ['is the same without its signatures', { kind: 'holds', digest: digest('a'), lacksReferrers: true }, 'referrers'],
    ['cannot be told by the source', failed('source'), { reason: 'source-failed', cause: 'denied' }],
    ['cannot be told by the destination', failed('destination'), { reason: 'destination-failed', cause: 'denied' }],
  ])('when what is there %s', (_, observed, decision) => {
    const wanted = wish();
    const place = { mirror: 'app:1', source: wanted.image.reference, destination: wanted.destination };
    const found = decide(wanted, observed);
    if (typeof decision === 'string') expect(found).toBe(decision);
    else expect(found).toMatchObject({ ...place, ...(decision as object) });
  });
});

describe('decided wishes', () => {
  const missing = (wanted: Wish) => ({ wish: wanted, decision: 'missing' as const });

  it('of one image are one copy, with each row once and each destination', () => {
    const other = { Source: 'other', From: 'app:1' };
    const { copies } = assemble([
      missing(wish()),
      { ...missing(wish({}, 'a', 'our.example/b:1')), decision: 'changed' },
      missing(wish(other, 'a', 'our.example/c:1')),
    ]);
    expect(copies).toEqual([
      {
        mirrors: ['app:1', 'other'],
        source: wish().image.reference,
        root: wish().image.root,
        destinations: [
          { reference: parseReference('our.example/app:1'), why: 'missing' },
          { reference: parseReference('our.example/b:1'), why: 'changed' },
          { reference: parseReference('our.example/c:1'), why: 'missing' },
        ],
        referrers: true,
      },
    ]);
    expect(copies[0]).not.toHaveProperty('artifactTypes');
  });

  it('are as many copies as images, and as kinds of referrers that are wanted', () => {
    const signatures = { ArtifactTypes: ['application/signature'] };
    const { copies } = assemble([
      missing(wish()),
      missing(wish({}, 'b')),
      missing(wish({ Referrers: false })),
      missing(wish(signatures)),
      missing(wish({ ...signatures, Source: 'again', From: 'app:1' })),
    ]);
    expect(copies.map(({ root, referrers, artifactTypes }) => [root.digest[7], referrers, artifactTypes])).toEqual([
      ['a', true, undefined],
      ['b', true, undefined],
      ['a', false, undefined],
      ['a', true, ['application/signature']],
    ]);
  });

  it('that are left alone keep their reasons, in their order', () => {
    const skipped = { mirror: 'app:1', reason: 'paused' } as const;
    const due = { mirror: 'app:2', reason: 'not-due' } as const;
    expect(
      assemble([
        { wish: wish(), decision: skipped },
        { wish: wish(), decision: due },
      ]),
    ).toEqual({ copies: [], skipped: [skipped, due] });
  });
});
