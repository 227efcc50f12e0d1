import { CfnParameter, Duration, Lazy, RemovalPolicy } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { TagStatus } from 'aws-cdk-lib/aws-ecr';
import { AccountPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { MirrorRepository, type MirrorRepositoryProps, TagSelection } from '../../lib/index';
import { emptyStack, filled, only, synthesize } from './stack';

const REPOSITORY = 'AWS::ECR::Repository';

function repository(props: MirrorRepositoryProps = {}): Record<string, never> {
  const stack = emptyStack();
  new MirrorRepository(stack, 'Repository', props);
  return only(Template.fromStack(stack), REPOSITORY);
}

interface Rule {
  readonly selection: Record<string, unknown>;
}

function rules(props: MirrorRepositoryProps): Rule['selection'][] {
  const { LifecyclePolicy } = repository(props) as Record<string, Record<string, string>>;
  return JSON.parse(LifecyclePolicy?.LifecyclePolicyText ?? '').rules.map(({ selection }: Rule) => selection);
}

const kept = (count: number, which: object) => ({
  tagStatus: 'tagged',
  countType: 'imageCountMoreThan',
  countNumber: count,
  ...which,
});
const previous = kept(50, { tagPrefixList: ['prev-'] });
const untagged = {
  tagStatus: 'untagged',
  countType: 'sinceImagePushed',
  countNumber: 14,
  countUnit: 'days',
};

describe('a repository for mirrored images', () => {
  it('is scanned, lets tags move, forgets what is untagged, and stays', () => {
    const stack = emptyStack();
    new MirrorRepository(stack, 'Repository', { repositoryName: 'base/nginx' });
    Template.fromStack(stack).hasResource(REPOSITORY, {
      DeletionPolicy: 'Retain',
      Properties: {
        RepositoryName: 'base/nginx',
        ImageScanningConfiguration: { ScanOnPush: true },
        ImageTagMutability: 'MUTABLE',
        ImageTagMutabilityExclusionFilters: Match.absent(),
        EmptyOnDelete: false,
      },
    });
    expect(rules({})).toEqual([previous, untagged]);
  });

  it('has a rule for each prefix, the longest first, all others after them, untagged images last', () => {
    const keepLast = [{ count: 50 }, { prefix: '1.', count: 20 }, { prefix: '1.27', count: 5 }];
    expect(rules({ keepLast, untaggedAfter: Duration.days(3) })).toEqual([
      previous,
      kept(5, { tagPrefixList: ['1.27'] }),
      kept(20, { tagPrefixList: ['1.'] }),
      kept(50, { tagPatternList: ['*'] }),
      { ...untagged, countNumber: 3 },
    ]);
  });

  it("takes the user's own rules, in the order of their priorities", () => {
    const lifecycleRules = [
      { rulePriority: 9, tagPatternList: ['*'], maxImageCount: 99 },
      { rulePriority: 4, tagPrefixList: ['dev-'], maxImageAge: Duration.days(30) },
    ];
    expect(rules({ lifecycleRules })).toEqual([
      previous,
      expect.objectContaining({ tagPrefixList: ['dev-'], countNumber: 30 }),
      expect.objectContaining({ tagPatternList: ['*'], countNumber: 99 }),
      untagged,
    ]);
  });

  it('keeps images from before their tags moved ahead of all else, but for tags that are said to need more', () => {
    const keepLast = [
      { prefix: 'p', count: 1 },
      { prefix: 'prev-stable-', count: 5 },
      { prefix: 'prev-stable-and-long', count: 2 },
    ];
    const lifecycleRules = [{ tagPatternList: ['*-2026*'], maxImageCount: 1 }];
    expect(rules({ keepLast, lifecycleRules, previousImages: 7 })).toEqual([
      kept(2, { tagPrefixList: ['prev-stable-and-long'] }),
      kept(5, { tagPrefixList: ['prev-stable-'] }),
      kept(7, { tagPrefixList: ['prev-'] }),
      kept(1, { tagPrefixList: ['p'] }),
      kept(1, { tagPatternList: ['*-2026*'] }),
      untagged,
    ]);
  });

  it.each<[MirrorRepositoryProps, RegExp]>([
    [{ previousImages: 0 }, /previousImages: got 0; a whole number of at least 1 would do/],
    [{ previousImages: 1.5 }, /previousImages: got 1.5/],
    [{ keepLast: [{ prefix: 'prev-', count: 5 }] }, /keepLast "prev-": got .*; previousImages would do/],
    [
      { lifecycleRules: [{ tagPrefixList: ['prev-1'], maxImageAge: Duration.days(1) }] },
      /lifecycleRules\[0\]: got "prev-1\*", all of whose images belong to previousImages before it/,
    ],
  ])('refuses %j, by which such an image would go too early, or never', (props, line) => {
    expect(() => repository(props)).toThrow(line);
  });

  it('is immutable but for the tags that float, and for signatures, which are added to', () => {
    expect(repository({ immutable: true, floatingTags: ['latest', '*-nightly'] })).toMatchObject({
      ImageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
      ImageTagMutabilityExclusionFilters: ['sha256-*', 'latest', '*-nightly'].map((pattern) => ({
        ImageTagMutabilityExclusionFilterType: 'WILDCARD',
        ImageTagMutabilityExclusionFilterValue: pattern,
      })),
    });
  });

  it('counts a tag once that another pattern covers', () => {
    const { ImageTagMutabilityExclusionFilters } = repository({ immutable: true, floatingTags: ['1.*', '1.27'] });
    expect(ImageTagMutabilityExclusionFilters).toHaveLength(2);
  });

  it('is encrypted with a key, tagged, pulled by organisations and has the policy of its user', () => {
    const stack = emptyStack();
    const key = new Key(stack, 'Key');
    new MirrorRepository(stack, 'Repository', {
      encryptionKey: key,
      scanOnPush: false,
      tags: { team: 'platform' },
      pullOrganizations: ['o-1234567890'],
      policyStatements: [
        new PolicyStatement({ principals: [new AccountPrincipal('210987654321')], actions: ['ecr:ListImages'] }),
      ],
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Template.fromStack(stack).hasResource(REPOSITORY, {
      DeletionPolicy: 'Delete',
      Properties: {
        EmptyOnDelete: true,
        EncryptionConfiguration: { EncryptionType: 'KMS', KmsKey: stack.resolve(key.keyArn) },
        ImageScanningConfiguration: { ScanOnPush: false },
        Tags: [{ Key: 'team', Value: 'platform' }],
        RepositoryPolicyText: {
          Statement: [
            Match.objectLike({ Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1234567890' } } }),
            Match.objectLike({ Action: 'ecr:ListImages' }),
          ],
        },
      },
    });
  });
});

describe('a repository that cannot do what is asked of it fails at synthesis', () => {
  it.each<[string, MirrorRepositoryProps, string]>([
    [
      'two prefixes in one rule',
      { lifecycleRules: [{ tagPrefixList: ['dev-', 'test-'], maxImageCount: 5 }] },
      'lifecycleRules[0]: got the prefixes "dev-", "test-" in one rule, which takes only images with tags of all of them; a rule for each would do',
    ],
    [
      'two patterns in one rule',
      { lifecycleRules: [{ tagPatternList: ['*-a', '*-b'], maxImageCount: 5 }] },
      'got the patterns "*-a", "*-b" in one rule',
    ],
    [
      'a second rule for untagged images',
      { lifecycleRules: [{ tagStatus: TagStatus.UNTAGGED, maxImageCount: 1 }] },
      'lifecycleRules[0]: got a rule for untagged images, of which a repository takes one; untaggedAfter would do',
    ],
    [
      'a rule after one that takes all of its images',
      { keepLast: [{ count: 9 }], lifecycleRules: [{ tagPrefixList: ['dev-'], maxImageCount: 5 }] },
      'lifecycleRules[0]: got "dev-*", all of whose images belong to keepLast before it; this rule can never match',
    ],
    [
      'a narrower rule after a wider one',
      {
        lifecycleRules: [
          { tagPatternList: ['1.*'], maxImageCount: 5 },
          { tagPatternList: ['1.27*'], maxImageCount: 5 },
        ],
      },
      'lifecycleRules[1]: got "1.27*", all of whose images belong to lifecycleRules[0] before it',
    ],
    ['a prefix twice', { keepLast: [1, 2].map((count) => ({ prefix: 'v', count })) }, 'this rule can never match'],
    [
      'a prefix with a star',
      { keepLast: [{ prefix: 'dev-*', count: 1 }] },
      'keepLast "dev-*": got "dev-*", which no tag can match; a prefix without *, or a pattern, would do',
    ],
    ['a prefix of no tag', { keepLast: [{ prefix: '-dev', count: 1 }] }, 'got "-dev", which no tag can match'],
    [
      'too many wildcards',
      { lifecycleRules: [{ tagPatternList: ['*a*b*c*d*'], maxImageCount: 1 }] },
      'got "*a*b*c*d*" with 5 wildcards; at most 4 would do',
    ],
    [
      'prefixes and patterns in one rule',
      { lifecycleRules: [{ tagPrefixList: ['dev-'], tagPatternList: ['dev-*'], maxImageCount: 1 }] },
      'lifecycleRules[0]: got a tagPrefixList and a tagPatternList; one of them would do',
    ],
    [
      'tags that nobody named',
      { lifecycleRules: [{ tagStatus: TagStatus.TAGGED, maxImageCount: 1 }] },
      "lifecycleRules[0]: got tagged images without saying which; tagPatternList: ['*'] would do for all",
    ],
    [
      'no tags',
      { lifecycleRules: [{ tagPatternList: [], maxImageCount: 1 }] },
      'lifecycleRules[0]: got tagged images without saying which',
    ],
    [
      'tags of untagged images too',
      { lifecycleRules: [{ tagStatus: TagStatus.ANY, tagPatternList: ['*'], maxImageCount: 1 }] },
      'lifecycleRules[0]: got tags for images with any tag or none; TagStatus.TAGGED would do',
    ],
    [
      'nothing that expires',
      { lifecycleRules: [{ tagPatternList: ['*'] }] },
      'lifecycleRules[0]: got neither of maxImageAge and maxImageCount; one of them would do',
    ],
    [
      'two reasons to expire',
      { lifecycleRules: [{ tagPatternList: ['*'], maxImageCount: 1, maxImageAge: Duration.days(1) }] },
      'lifecycleRules[0]: got both of maxImageAge and maxImageCount; one of them would do',
    ],
    [
      'two rules for any images',
      { lifecycleRules: [{ maxImageCount: 5 }, { tagStatus: TagStatus.ANY, maxImageCount: 6 }] },
      'lifecycleRules[1]: got "*", all of whose images belong to lifecycleRules[0] before it',
    ],
    ['none kept', { keepLast: [{ count: 0 }] }, 'keepLast: got the count 0; a whole number of at least 1 would do'],
    ['hours', { untaggedAfter: Duration.hours(5) }, 'untaggedAfter: got 5 hours; a day or more would do'],
    [
      'floating tags where all tags float',
      { floatingTags: ['latest'] },
      'floatingTags: got them without immutable, where every tag may move',
    ],
    [
      'more floating tags than Amazon ECR takes',
      { immutable: true, floatingTags: ['a', 'b', 'c', 'd', 'e'] },
      'got "a", "b", "c", "d", "e"; at most 4 beside sha256-* would do',
    ],
    [
      'a floating tag that is no pattern',
      { immutable: true, floatingTags: ['a/b'] },
      'floatingTags: got "a/b"; letters, digits, . _ - and at most 2 * would do',
    ],
    [
      'floating tags of which nobody knows how many they are',
      { immutable: true, floatingTags: Lazy.list({ produce: () => ['latest'] }) },
      'floatingTags: got a list that is known at deployment only; a list of patterns',
    ],
  ])('%s', (_, props, message) => {
    expect(() => repository(props)).toThrow(message);
  });

  it('but takes what is known at deployment only', () => {
    const text = Lazy.string({ produce: () => 'dev-' });
    const props = {
      keepLast: [{ prefix: text, count: Lazy.number({ produce: () => 5 }) }],
      lifecycleRules: [{ tagPrefixList: Lazy.list({ produce: () => ['a'] }), maxImageCount: 5 }],
      immutable: true,
      floatingTags: [text],
    };
    expect(() => repository(props)).not.toThrow();
  });
});

it('writes what is known at deployment only into the policy so that CloudFormation fills it in', () => {
  const stack = emptyStack();
  const number = (id: string) => new CfnParameter(stack, id, { type: 'Number' }).valueAsNumber;
  const made = new MirrorRepository(stack, 'Repository', {
    keepLast: [{ prefix: new CfnParameter(stack, 'Prefix').valueAsString, count: number('Count') }],
    untaggedAfter: Duration.days(number('Days')),
  });
  made.addLifecycleRule({ tagPatternList: ['*-dev'], maxImageCount: number('Later') });
  const { LifecyclePolicy } = only(Template.fromStack(stack), REPOSITORY) as Record<string, Record<string, never>>;
  const text = LifecyclePolicy?.LifecyclePolicyText;
  expect(text).toHaveProperty(['Fn::Join']);
  const values: Record<string, string> = { Prefix: 'v', Count: '7', Days: '3', Later: '2' };
  const policy = filled(text).replace(/\b(?:Prefix|Count|Days|Later)\b/g, (name) => values[name] ?? '');
  expect(JSON.parse(policy).rules).toMatchObject([
    { selection: { tagPrefixList: ['prev-'] } },
    { description: 'The last 7 of v', selection: { tagPrefixList: ['v'], countNumber: 7 } },
    { selection: { tagStatus: 'untagged', countNumber: 3 } },
    { selection: { tagPatternList: ['*-dev'], countNumber: 2 } },
  ]);
});

describe('repositories of declared images', () => {
  it('are kept as the defaults say', () => {
    const repositoryDefaults = { scanOnPush: false, removalPolicy: RemovalPolicy.DESTROY };
    synthesize({ images: [{ source: 'nginx' }], repositoryDefaults })
      .template()
      .hasResource(REPOSITORY, {
        DeletionPolicy: 'Delete',
        Properties: { ImageScanningConfiguration: { ScanOnPush: false } },
      });
  });

  it('let the tags of their images move that move by their form', () => {
    const images = [
      { source: 'nginx' },
      { source: 'nginx:1.27.3' },
      { source: 'nginx:1.27' },
      { source: 'redis', tags: TagSelection.matching('8', '8.0.1') },
      { source: 'busybox', tags: TagSelection.semver('1.x').include('*.*.*').latest(3) },
      { source: 'httpd', tags: TagSelection.matching('/^v?2\\.\\d+\\.[0-9]+$/').latest(3) },
    ];
    const template = synthesize({ images, repositoryDefaults: { immutable: true } }).template();
    const movable = (id: string) =>
      (
        only(template, REPOSITORY, `MirrorRepositoriesmirrordockerhublibrary${id}`)
          .ImageTagMutabilityExclusionFilters as { ImageTagMutabilityExclusionFilterValue: string }[] | undefined
      )?.map(({ ImageTagMutabilityExclusionFilterValue: pattern }) => pattern);
    expect(movable('nginx')).toEqual(['sha256-*', 'latest', '1.27']);
    expect(movable('redis')).toEqual(['sha256-*', '8']);
    expect(movable('busybox')).toEqual(['sha256-*']);
    expect(movable('httpd')).toEqual(['sha256-*']);
  });

  it.each<[string, Parameters<typeof synthesize>[0], string]>([
    [
      'tags that may move into an immutable repository',
      {
        images: [{ source: 'nginx', tags: TagSelection.semver('>=1.25').latest(5) }],
        repositoryDefaults: { immutable: true },
      },
      "images: docker.io/library/nginx: got tags of which some may move (1.27 beside 1.27.3) into an immutable repository; include('*.*.*'), or repositoryDefaults.floatingTags, would do",
    ],
    [
      'a regular expression that may match tags that move',
      {
        images: [{ source: 'nginx', tags: TagSelection.matching('/^1\\.27(\\.\\d+)?/') }],
        repositoryDefaults: { immutable: true },
      },
      'got tags of which some may move',
    ],
    [
      'five tags that move',
      {
        images: ['1', '2', '3', '4', '5'].map((tag) => ({ source: `nginx:${tag}` })),
        repositoryDefaults: { immutable: true },
      },
      'got "1", "2", "3", "4", "5"; at most 4 beside sha256-* would do, patterns such as 1.* are fewer',
    ],
    [
      'more of the latest than are kept',
      {
        images: [{ source: 'nginx', tags: TagSelection.semver('>=1').latest(6) }],
        repositoryDefaults: { keepLast: [{ count: 5 }] },
      },
      'images: docker.io/library/nginx: got 6 tags where keepLast keeps 5: the mirror would put them back; latest(5), or a higher count, would do',
    ],
    [
      'all tags where some are kept',
      { images: [{ source: 'nginx', tags: TagSelection.all() }], repositoryDefaults: { keepLast: [{ count: 5 }] } },
      'got tags without latest where keepLast keeps 5',
    ],
    [
      'single tags beyond what is kept',
      { images: [{ source: 'nginx:1' }, { source: 'nginx:2' }], repositoryDefaults: { keepLast: [{ count: 1 }] } },
      'images: docker.io/library/nginx:2: got 2 tags where keepLast keeps 1',
    ],
    [
      'more of a prefix than are kept',
      {
        images: [{ source: 'nginx', tags: TagSelection.matching('1.27.*').latest(6) }],
        repositoryDefaults: { keepLast: [{ prefix: '1.27', count: 5 }, { count: 50 }] },
      },
      'got 6 tags where keepLast "1.27" keeps 5',
    ],
    [
      'more of what a regular expression begins with than are kept',
      {
        images: [{ source: 'nginx', tags: TagSelection.matching('/^1\\.27\\./').latest(6) }],
        repositoryDefaults: { keepLast: [{ prefix: '1.27', count: 5 }, { count: 50 }] },
      },
      'got 6 tags where keepLast "1.27" keeps 5',
    ],
    [
      'images that expire by age',
      {
        images: [{ source: 'nginx:1' }],
        repositoryDefaults: { lifecycleRules: [{ tagPatternList: ['*'], maxImageAge: Duration.days(30) }] },
      },
      'got 1 tags where lifecycleRules[0] lets them expire by age',
    ],
  ])('are not declared for %s', (_, props, message) => {
    expect(() => synthesize(props).template()).toThrow(message);
  });

  it('take what several rules keep between them', () => {
    const props = {
      images: [{ source: 'nginx', tags: TagSelection.matching('1.*').latest(20) }, { source: 'nginx:1.27.1' }],
      repositoryDefaults: {
        keepLast: [
          { prefix: '1.27', count: 5 },
          { prefix: '1.26', count: 15 },
        ],
      },
    };
    expect(() => synthesize(props)).not.toThrow();
  });
});
