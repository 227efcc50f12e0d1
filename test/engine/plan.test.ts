import { CopyError, PutOff, RegistryError } from '../../engine/errors';
import { assemble, asVerified, decide, expectedOf, type Observed, standing, type Wish } from '../../engine/plan';
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
    const error = new CopyError(
      side,
      'look up',
      'it',
      new RegistryError('AUTH_DENIED', 'no', { status: 403 }, 'denied'),
    );
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

describe('what a destination should hold', () => {
  it.each<[string, object, string | undefined]>([
    ['the whole image', {}, 'a'],
    ['some of its platforms', { Platforms: 'linux/amd64' }, undefined],
    ['one with the same configs', { Compare: 'config' }, undefined],
    ['both', { Platforms: 'linux/amd64', Compare: 'config' }, undefined],
  ])('of %s', (_, more, letter) => {
    expect(expectedOf(wish(more))).toBe(letter === undefined ? undefined : digest(letter));
  });

  const holds = (letter: string): Observed => ({ kind: 'holds', digest: digest(letter) });
  const platforms = [{ os: 'linux', architecture: 'amd64' }];

  it('is not known of a part: it is copied, and whoever copies finds out', () => {
    expect(decide(wish({ Platforms: 'linux/amd64' }), holds('a'))).toBe('changed');
  });
  it('is what a part comes to, which is said with what it is a part of', () => {
    const wanted = wish({ Platforms: 'linux/amd64', Compare: 'config' });
    const found = decide(wanted, holds('b'), digest('b'));
    expect(found).toMatchObject({ reason: 'up-to-date', digest: digest('b'), platforms, compare: 'config' });
    expect(decide(wanted, holds('a'), digest('b'))).toBe('changed');
  });
  it('is the image itself when that is all of it, or its own', () => {
    const found = decide(wish({ Platforms: 'linux/amd64' }), holds('a'), digest('a'));
    expect(found).toMatchObject({ reason: 'up-to-date', platforms });
    expect(found).not.toHaveProperty('digest');
    const whole = decide(wish(), holds('a'));
    for (const name of ['digest', 'platforms', 'compare']) expect(whole).not.toHaveProperty(name);
  });
  it('is put off, and has not failed, where a registry counts pulls and none is left', () => {
    const error = new CopyError('source', 'read', 'it', new PutOff('no pull is left'));
    const found = decide(wish(), { kind: 'failed', side: 'source', error });
    expect(found).toMatchObject({
      mirror: 'app:1',
      reason: 'put-off',
      detail: expect.stringContaining('no pull is left'),
    });
    expect(found).not.toHaveProperty('cause');
  });
});

describe('what is verified', () => {
  const decided = (decision: Parameters<typeof asVerified>[0]['decision']) => ({ wish: wish(), decision, more: 1 });
  const skipped = (reason: 'up-to-date' | 'paused') => ({ mirror: 'app:1', reason });

  it.each([['referrers' as const], [skipped('up-to-date')]])('is what is where it is to be: %j', (decision) => {
    expect(asVerified(decided(decision), () => true)).toEqual({ ...decided(decision), decision: 'verify' });
    expect(asVerified(decided(decision), () => false)).toEqual(decided(decision));
  });
  it.each([['missing' as const], ['changed' as const], [skipped('paused')]])('is not what is not: %j', (decision) => {
    expect(asVerified(decided(decision), () => true)).toEqual(decided(decision));
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

  it.each<[string, object, object]>([
    ['platforms', { Platforms: ['linux/amd64'] }, { platforms: [{ os: 'linux', architecture: 'amd64' }] }],
    ['what counts as the same', { Compare: 'config' }, { compare: 'config' }],
    [
      'who must have signed',
      { RequireSignature: { Identity: 'me@example.com', Issuer: 'https://issuer.example.com' } },
      { requireSignature: { identity: 'me@example.com', issuer: 'https://issuer.example.com' } },
    ],
  ])('are copies of their own by %s', (_, more, carried) => {
    const { copies } = assemble([
      missing(wish()),
      missing(wish(more)),
      missing(wish({ ...more, Source: 'again', From: 'app:1' })),
    ]);
    expect(copies).toHaveLength(2);
    expect(copies[0]).not.toMatchObject(carried);
    expect(copies[1]).toMatchObject({ mirrors: ['app:1', 'again'], ...carried });
  });
  it('of several rows at one destination are one copy to it, for all of these rows', () => {
    const { copies } = assemble([
      missing(wish()),
      missing(wish({ Source: 'other', From: 'app:1' })),
      missing(wish({}, 'a', 'our.example/b:1')),
    ]);
    expect(copies).toMatchObject([
      {
        mirrors: ['app:1', 'other'],
        destinations: [
          { reference: parseReference('our.example/app:1') },
          { reference: parseReference('our.example/b:1') },
        ],
      },
    ]);
    expect(copies[0]?.destinations).toHaveLength(2);
  });
  it('to be verified are no part of a copy', () => {
    const { copies } = assemble([missing(wish()), { wish: wish({}, 'a', 'our.example/b:1'), decision: 'verify' }]);
    expect(copies.map(({ destinations }) => destinations.map(({ why }) => why))).toEqual([['missing'], ['verify']]);
  });
  it.each<[object, object]>([
    [{}, {}],
    [{ KeepPrevious: true }, { keepPrevious: true }],
    [{ KeepPrevious: false, OnConflict: 'report' }, {}],
    [{ OnConflict: 'suffix' }, { onConflict: 'suffix' }],
  ])('say of each destination how its tag may move: %j', (more, policies) => {
    const [copy] = assemble([missing(wish(more))]).copies;
    expect(copy?.destinations).toEqual([
      { reference: parseReference('our.example/app:1'), why: 'missing', ...policies },
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
