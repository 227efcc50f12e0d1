import { CfnParameter, Duration, Lazy, type StackProps } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import {
  AccountPrincipal,
  type IGrantable,
  OrganizationPrincipal,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import {
  type CreatedRepositorySettings,
  MirrorRepository,
  RepositoryCreationTemplate,
  type RepositoryCreationTemplateProps,
  TemplateAppliedFor,
} from '../../lib/index';
import { allowedTo, emptyStack, filled, only, resourcesOf } from './stack';

const TEMPLATE = 'AWS::ECR::RepositoryCreationTemplate';
const { CREATE_ON_PUSH, PULL_THROUGH_CACHE, REPLICATION } = TemplateAppliedFor;
const PULL = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];

function made(props: Partial<RepositoryCreationTemplateProps> = {}, env?: StackProps) {
  const stack = emptyStack(env);
  const template = new RepositoryCreationTemplate(stack, 'Team', {
    prefix: 'team-a',
    appliedFor: [CREATE_ON_PUSH],
    ...props,
  });
  return { stack, template, synthesized: () => Template.fromStack(stack) };
}

/** The statements of the repositories' policy. */
function policy(synthesized: Template): { Action: string | string[] }[] {
  const { RepositoryPolicy } = only(synthesized, TEMPLATE) as Record<string, unknown>;
  return RepositoryPolicy === undefined ? [] : JSON.parse(filled(RepositoryPolicy)).Statement;
}

describe('a repository creation template', () => {
  it('is for what it is told, and keeps repositories as a mirror does', () => {
    const created = only(made({ appliedFor: [CREATE_ON_PUSH, REPLICATION] }).synthesized(), TEMPLATE);
    expect(created).toEqual({
      AppliedFor: ['CREATE_ON_PUSH', 'REPLICATION'],
      Description: 'Repositories of mirrored images',
      ImageTagMutability: 'MUTABLE',
      LifecyclePolicy: expect.stringContaining('"tagStatus":"untagged"'),
      Prefix: 'team-a',
    });
  });

  it.each<[string, CreatedRepositorySettings]>([
    ['nothing', {}],
    ['counts', { keepLast: [{ count: 50 }, { prefix: '1.', count: 9 }] }],
    ['ages', { lifecycleRules: [{ tagPrefixList: ['dev-'], maxImageAge: Duration.days(3) }] }],
    [
      'any images, which are the last to be asked for',
      { lifecycleRules: [{ tagPatternList: ['*-rc'], maxImageCount: 3 }, { maxImageCount: 500 }] },
    ],
    [
      'other priorities',
      { lifecycleRules: [7, 3].map((n) => ({ rulePriority: n, tagPatternList: [`${n}*`], maxImageCount: n })) },
    ],
  ])('has the lifecycle that a repository has, told of %s', (_, settings) => {
    const { stack, synthesized } = made(settings);
    new MirrorRepository(stack, 'Repository', settings);
    const { LifecyclePolicy } = only(synthesized(), TEMPLATE) as Record<string, string>;
    const declared = only(synthesized(), 'AWS::ECR::Repository') as Record<string, Record<string, string>>;
    const byPriority = (text = '') => {
      const { rules } = JSON.parse(text) as { rules: { rulePriority: number }[] };
      return rules.sort((a, b) => a.rulePriority - b.rulePriority);
    };
    expect(byPriority(LifecyclePolicy)).toEqual(byPriority(declared.LifecyclePolicy?.LifecyclePolicyText));
  });

  it('needs a role for tags and for a key alone, which may use no other key and create nothing elsewhere', () => {
    const { stack, template } = made();
    expect(template.role).toBeUndefined();
    const key = new Key(stack, 'Key');
    const keyed = new RepositoryCreationTemplate(stack, 'Keyed', {
      prefix: 'keyed',
      appliedFor: [PULL_THROUGH_CACHE],
      encryptionKey: key,
    });
    expect(keyed.role).toBeDefined();
    const role = allowedTo(Template.fromStack(stack), 'KeyedRole');
    const keyArn = filled(stack.resolve(key.keyArn));
    expect(role).toEqual([
      {
        actions: ['ecr:CreateRepository', 'ecr:ReplicateImage', 'ecr:TagResource'],
        resources: ['arn:aws:ecr:eu-west-1:123456789012:repository/keyed/*'],
      },
      { actions: ['kms:CreateGrant', 'kms:DescribeKey', 'kms:RetireGrant'], resources: [keyArn] },
    ]);
  });

  it('sets tags by its role without a key', () => {
    const { synthesized } = made({ tags: { team: 'a' } });
    expect(allowedTo(synthesized(), 'TeamRole').flatMap(({ actions }) => actions)).not.toContain('kms:CreateGrant');
    synthesized().hasResourceProperties(TEMPLATE, { CustomRoleArn: Match.anyValue() });
  });

  it('is for all repositories as ROOT, and takes the slash at the end of a prefix for what it is', () => {
    const arnOf = (prefix: string) => {
      const { stack, template } = made({ prefix });
      template.grantCreate(new Role(stack, 'Pusher', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') }));
      return resourcesOf(allowedTo(Template.fromStack(stack), 'Pusher'), 'ecr:CreateRepository');
    };
    expect(arnOf('ROOT')).toEqual(['arn:aws:ecr:eu-west-1:123456789012:repository/*']);
    expect(arnOf('team-a/')).toEqual(['arn:aws:ecr:eu-west-1:123456789012:repository/team-a/*']);
  });
});

describe('pulling from the repositories of a template', () => {
  const pulledBy = (
    grantee: (stack: ReturnType<typeof emptyStack>) => IGrantable,
    appliedFor: TemplateAppliedFor[],
    env?: StackProps,
  ) => {
    const { stack, template, synthesized } = made({ appliedFor }, env);
    template.grantPull(grantee(stack));
    return synthesized();
  };
  const ownRole = (stack: ReturnType<typeof emptyStack>) =>
    new Role(stack, 'Node', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });

  it('is granted to a role of the account by its own policy, no more than pulling', () => {
    const synthesized = pulledBy(ownRole, [CREATE_ON_PUSH]);
    expect(allowedTo(synthesized, 'Node')).toEqual([
      { actions: ['ecr:GetAuthorizationToken'], resources: ['*'] },
      { actions: PULL, resources: ['arn:aws:ecr:eu-west-1:123456789012:repository/team-a/*'] },
    ]);
    expect(policy(synthesized)).toEqual([]);
  });

  it("is granted with what the first pull from a cache asks for, where it is a cache's", () => {
    const node = allowedTo(pulledBy(ownRole, [PULL_THROUGH_CACHE]), 'Node');
    const arns = ['arn:aws:ecr:eu-west-1:123456789012:repository/team-a/*'];
    expect(resourcesOf(node, 'ecr:BatchImportUpstreamImage')).toEqual(arns);
    expect(resourcesOf(node, 'ecr:CreateRepository')).toEqual(arns);
  });

  it.each<[string, () => IGrantable]>([
    ['an organisation', () => new OrganizationPrincipal('o-1111111111')],
    ['an account', () => new AccountPrincipal('210987654321')],
  ])('is granted to %s by the policy of the repositories, which can create none', (_, grantee) => {
    const [statement, ...rest] = policy(pulledBy(grantee, [PULL_THROUGH_CACHE]));
    expect(statement).toEqual({
      ...statement,
      Action: [...PULL, 'ecr:BatchImportUpstreamImage'].sort(),
      Effect: 'Allow',
    });
    expect(statement).not.toHaveProperty('Resource');
    expect(rest).toEqual([]);
  });

  it('is granted to a role of another account on both sides', () => {
    const env = { env: { account: '123456789012', region: 'eu-west-1' } };
    const foreign = (stack: ReturnType<typeof emptyStack>) =>
      Role.fromRoleArn(stack, 'Foreign', 'arn:aws:iam::210987654321:role/node');
    expect(policy(pulledBy(foreign, [CREATE_ON_PUSH], env))).toEqual([
      {
        Action: PULL,
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::210987654321:role/node' },
      },
    ]);
  });

  it('is open to the organisations of the settings, beside what else the policy says', () => {
    const { synthesized } = made({
      pullOrganizations: ['o-1111111111'],
      policyStatements: [
        new PolicyStatement({ principals: [new AccountPrincipal('210987654321')], actions: ['ecr:ListImages'] }),
      ],
    });
    expect(policy(synthesized()).map(({ Action }) => Action)).toEqual([PULL, 'ecr:ListImages']);
  });
});

describe('a template that cannot do what is asked of it fails at synthesis', () => {
  it.each<[string, Partial<RepositoryCreationTemplateProps>, string]>([
    [
      'an immutable cache',
      { appliedFor: [CREATE_ON_PUSH, PULL_THROUGH_CACHE], immutable: true },
      'immutable: got true for repositories of a pull-through cache, which then can never bring an image up to date; tags that may move would do',
    ],
    [
      'nothing that it is for',
      { appliedFor: [] },
      'appliedFor: got none; one or more of CREATE_ON_PUSH, PULL_THROUGH_CACHE, REPLICATION would do',
    ],
    [
      'a prefix in upper case',
      { prefix: 'Team' },
      'prefix: got "Team"; the first components of a repository\'s name, 1 to 256 characters, or ROOT, would do',
    ],
    ['an empty prefix', { prefix: '' }, 'prefix: got ""'],
    ['a prefix beyond what a name holds', { prefix: 'a'.repeat(257) }, '1 to 256 characters'],
    ['floating tags where all float', { floatingTags: ['latest'] }, 'floatingTags: got them without immutable'],
    ['a rule that never matches', { keepLast: [{ count: 0 }] }, 'keepLast: got the count 0'],
  ])('%s', (_, props, message) => {
    expect(() => made(props)).toThrow(message);
  });

  it('two for one prefix', () => {
    const { stack } = made();
    expect(
      () => new RepositoryCreationTemplate(stack, 'Twin', { prefix: 'team-a/', appliedFor: [REPLICATION] }),
    ).toThrow(
      'prefix: got "team-a/", for which Test/Team is a template already; one template for both, or another prefix, would do',
    );
  });

  it('but takes what is known at deployment only', () => {
    const { stack, synthesized } = made({ prefix: Lazy.string({ produce: () => 'Any' }) });
    new RepositoryCreationTemplate(stack, 'Parameter', {
      prefix: new CfnParameter(stack, 'Prefix').valueAsString,
      appliedFor: [PULL_THROUGH_CACHE],
      keepLast: [{ count: new CfnParameter(stack, 'Count', { type: 'Number' }).valueAsNumber }],
    });
    const created = Object.values(synthesized().findResources(TEMPLATE, { Properties: { Prefix: { Ref: 'Prefix' } } }));
    const { rules } = JSON.parse(filled(created[0]?.Properties.LifecyclePolicy).replaceAll('Count', '7'));
    expect(rules[1]).toMatchObject({ description: 'The last 7', selection: { countNumber: 7 } });
  });
});
