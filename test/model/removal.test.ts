import { countRemoval, isSamePolicy, MOST_REMOVALS, type Policy, refusalLine } from '../../lib/model/removal';

const RULE = {
  rulePriority: 1,
  description: 'The last 2',
  selection: { tagStatus: 'tagged', tagPatternList: ['*'], countType: 'imageCountMoreThan', countNumber: 2 },
  action: { type: 'expire' },
};
const known = (fingerprint: string, rules: readonly object[] = [RULE]): Policy => ({
  kind: 'policy',
  fingerprint,
  text: JSON.stringify({ rules }),
});
const none: Policy = { kind: 'none' };
const unreadable: Policy = { kind: 'unreadable', error: 'AccessDeniedException' };

describe('counting removals', () => {
  const cases: readonly [string, Parameters<typeof countRemoval>, ReturnType<typeof countRemoval>][] = [
    ['begins with one', [undefined, known('a')], { times: 1, policy: 'a' }],
    ['goes on under the same policy', [{ times: 1, policy: 'a' }, known('a')], { times: 2, policy: 'a' }],
    ['begins anew under another', [{ times: 2, policy: 'a' }, known('b')], { times: 1, policy: 'b' }],
    ['begins anew when there is none any more', [{ times: 2, policy: 'a' }, none], { times: 1 }],
    ['begins anew when there is one now', [{ times: 2 }, known('a')], { times: 1, policy: 'a' }],
    ['goes on where there is none', [{ times: 2 }, none], { times: 3 }],
    ['goes on where nobody knows', [{ times: 2 }, { kind: 'unknown' }], { times: 3 }],
    [
      'goes on when it cannot be read, and remembers it',
      [{ times: 2, policy: 'a' }, unreadable],
      { times: 3, policy: 'a' },
    ],
  ];
  it.each(cases)('%s', (_, given, wanted) => expect(countRemoval(...given)).toEqual(wanted));

  it('takes a policy that cannot be read for the one it was, so that a fault does not start it all again', () => {
    expect(isSamePolicy({ times: 3, policy: 'a' }, unreadable)).toBe(true);
    expect(isSamePolicy({ times: 3, policy: 'a' }, known('b'))).toBe(false);
  });
});

describe('a refusal', () => {
  const line = (policy: Policy) =>
    refusalLine(
      { times: MOST_REMOVALS },
      { destination: 'r/a:1', tag: '1', policy },
      Date.parse('2026-11-21T00:00:00Z'),
    );

  it('names the rule, what it keeps, what would do and when it is tried again', () => {
    expect(line(known('a'))).toBe(
      'destination: put back r/a:1: it was mirrored and removed 3 times; rule 1 ("The last 2") keeps the newest 2 images ' +
        'with tags *; a selection of at most 2 there (Latest: 2), or a greater count in that rule would do. ' +
        'It is mirrored again when the image or that policy changes, or else on 2026-11-28',
    );
  });

  it('says that no rule takes it, or that nobody knows', () => {
    expect(line(none)).toMatch(/no rule of its lifecycle policy takes it/);
    expect(line(known('a', []))).toMatch(/no rule of its lifecycle policy takes it/);
    expect(line({ kind: 'unknown' })).toMatch(/something deletes it/);
  });

  it('says what is missing to read the policy', () => {
    expect(line(unreadable)).toMatch(/cannot be read \(AccessDeniedException\); ecr:GetLifecyclePolicy there would do/);
  });
});
