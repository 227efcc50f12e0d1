import type { Digest } from '../../lib/model/digest';
import { collectUses, parseUse, type Use } from '../../lib/model/in-use';
import { tagPlace } from '../../lib/model/place';
import {
  type DoubtfulRow,
  type Evidence,
  type HeldImage,
  judgeImage,
  judgeWish,
  type MadeCopy,
  type Wants,
} from '../../lib/model/prune';
import { parseReference } from '../../lib/model/reference';
import { digestOf } from '../aws/values';

const ECR = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
const NOW = Date.parse('2026-11-21T12:00:00Z');
const DAY = 86_400_000;
const made: MadeCopy = {
  source: parseReference('docker.io/library/nginx:1.25'),
  destination: parseReference(`${ECR}/mirror/nginx:1.25`),
  pushed: digestOf('ours'),
  rows: ['docker.io/library/nginx'],
  isBusy: false,
};
const nobody: Wants = { wanted: new Set(), rows: new Set(['docker.io/library/nginx']), doubtful: [] };
const doubt = (row: Partial<DoubtfulRow>): Wants => ({
  ...nobody,
  doubtful: [{ key: 'other', why: 'paused', places: new Set(['quay.io/other']), ...row }],
});

describe('a copy that no row wants', () => {
  it('may go, and it is said whether its row is there still', () => {
    expect(judgeWish(made, nobody)).toEqual({
      kind: 'prune',
      why: 'row "docker.io/library/nginx" does not select it any more',
    });
    expect(judgeWish(made, { ...nobody, rows: new Set() })).toMatchObject({
      why: 'row "docker.io/library/nginx" is gone',
    });
  });

  const wanting = (text: string): Wants => ({ ...nobody, wanted: new Set([tagPlace(parseReference(text))]) });
  const cases: readonly [string, MadeCopy, Wants, object][] = [
    ['stays where a row wants it', made, wanting(`${ECR}/mirror/nginx:1.25`), { kind: 'wanted' }],
    [
      'stays where a row wants it by another of the host names of the same registry',
      made,
      wanting('111122223333.dkr-ecr.eu-west-1.on.aws/mirror/nginx:1.25'),
      { kind: 'wanted' },
    ],
    ['is not wanted by another tag', made, wanting(`${ECR}/mirror/nginx:1.26`), { kind: 'prune' }],
    [
      'stays in any other registry',
      { ...made, destination: parseReference('ghcr.io/us/nginx:1.25') },
      nobody,
      { kind: 'kept', reason: 'elsewhere' },
    ],
    ['stays where the mirror put nothing', { ...made, pushed: undefined }, nobody, { reason: 'not-ours' }],
    ['stays where it was copied by hand', { ...made, rows: [] }, nobody, { reason: 'not-ours' }],
    ['stays while a job has it', { ...made, isBusy: true }, nobody, { reason: 'busy' }],
    ['goes whatever another row is', made, doubt({}), { kind: 'prune' }],
    ['stays while its row is in doubt', made, doubt({ key: 'docker.io/library/nginx' }), { reason: 'row-in-doubt' }],
    [
      'stays while a row of its source is in doubt',
      made,
      doubt({ places: new Set(['docker.io/library/nginx']) }),
      { reason: 'row-in-doubt', detail: 'row "other": paused' },
    ],
    [
      'stays while a row that writes to its repository is in doubt',
      made,
      doubt({ places: new Set(['ecr/111122223333/eu-west-1/mirror/nginx']) }),
      { reason: 'row-in-doubt' },
    ],
    [
      'stays while a row is there that nobody can read at all',
      made,
      doubt({ places: undefined }),
      { reason: 'row-in-doubt' },
    ],
  ];
  it.each(cases)('%s', (_, copy, wants, verdict) => expect(judgeWish(copy, wants)).toMatchObject(verdict));
});

describe('an image that no row wants', () => {
  const image: HeldImage = {
    digest: digestOf('ours'),
    tags: ['1.25'],
    pushedAt: NOW - 90 * DAY,
    isArchived: false,
    isIndex: true,
  };
  const nothing: Evidence = {
    wants: nobody,
    inUse: collectUses([], new Set()),
    unseen: [],
    unusedFor: 30 * DAY,
    now: NOW,
  };
  const used = (...uses: (Use | undefined)[]): Evidence => ({
    ...nothing,
    inUse: collectUses(
      uses.flatMap((use) => use ?? []),
      new Set([digestOf('ours'), digestOf('child of another')]),
    ),
  });
  const use = (text: string, digest?: Digest) => parseUse(text, 'a task', digest);

  const cases: readonly [string, HeldImage | Error | undefined, Evidence, object][] = [
    ['goes', image, nothing, { kind: 'prune', why: 'why' }],
    ['is gone already', undefined, nothing, { kind: 'gone' }],
    [
      'stays when nobody says what the tag holds',
      new Error('throttled'),
      nothing,
      { reason: 'unknown', detail: 'throttled' },
    ],
    ['stays when the tag holds another', { ...image, digest: digestOf('theirs') }, nothing, { reason: 'not-ours' }],
    ['stays in the archive', { ...image, isArchived: true }, nothing, { reason: 'archived' }],
    ['stays when it was pulled lately', { ...image, pulledAt: NOW - 29 * DAY }, nothing, { reason: 'pulled' }],
    ['goes when it was pulled long ago', { ...image, pulledAt: NOW - 31 * DAY }, nothing, { kind: 'prune' }],
    ['stays when it was pushed lately', { ...image, pushedAt: NOW - 29 * DAY }, nothing, { reason: 'new' }],
    ['stays when its age is not known', { ...image, pushedAt: undefined }, nothing, { reason: 'new' }],
    ['stays while its tag runs', image, used(use(`${ECR}/mirror/nginx:1.25`)), { reason: 'in-use' }],
    ['stays while its digest runs', image, used(use(`${ECR}/mirror/nginx@${image.digest}`)), { reason: 'in-use' }],
    ['stays while its digest runs from anywhere', image, used(use('x.io/y:2', image.digest)), { reason: 'in-use' }],
    ['stays while its source is what runs, through the mirror', image, used(use('nginx:1.25')), { reason: 'in-use' }],
    ['goes while another tag runs', image, used(use(`${ECR}/mirror/nginx:1.26`)), { kind: 'prune' }],
    [
      'stays while a digest of its repository runs that may be one of its platforms',
      image,
      used(use(`${ECR}/mirror/nginx:1.26`, digestOf('some platform'))),
      { reason: 'in-use', detail: 'a task runs a digest of this repository that may be part of it' },
    ],
    [
      'goes when that is part of another index',
      image,
      used(use(`${ECR}/mirror/nginx:1.26`, digestOf('child of another'))),
      { kind: 'prune' },
    ],
    [
      'goes when it is no index, whatever platform runs',
      { ...image, isIndex: false },
      used(use(`${ECR}/mirror/nginx:1.26`, digestOf('some platform'))),
      { kind: 'prune' },
    ],
    [
      'stays while something cannot be looked into',
      image,
      { ...nothing, unseen: [{ what: 'EKS cluster live' }] },
      { reason: 'not-seen' },
    ],
    [
      'stays while its own account cannot be looked into',
      image,
      { ...nothing, unseen: [{ what: 'x', account: '111122223333' }] },
      { reason: 'not-seen' },
    ],
    [
      'goes though another account cannot be looked into',
      image,
      { ...nothing, unseen: [{ what: 'x', account: '222233334444' }] },
      { kind: 'prune' },
    ],
  ];
  it.each(cases)('%s', (_, held, evidence, verdict) => {
    expect(judgeImage(made, 'why', held, evidence)).toMatchObject(verdict);
  });
});

describe('what something runs', () => {
  it('is the newest where it says no tag', () => {
    expect(parseUse('nginx', 'x')?.image).toMatchObject({ tag: 'latest' });
  });

  it.each([undefined, '', 'a:b:c', '%%'])('is nothing of ours where it is no reference: %s', (image) => {
    expect(parseUse(image, 'x')).toBeUndefined();
  });
});
