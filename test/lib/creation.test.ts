import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Annotations, Match, type Template } from 'aws-cdk-lib/assertions';
import { OrganizationPrincipal, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { RepositoryCreation } from '../../lib/index';
import { allowedTo, filled, only, resourcesOf, settingsOf, synthesize, WORKER_ROLE } from './stack';

const TEMPLATE = 'AWS::ECR::RepositoryCreationTemplate';

describe('repositories that a push creates', () => {
  it('are not wanted by default: the worker may create none', () => {
    const template = synthesize().template();
    template.resourceCountIs(TEMPLATE, 0);
    expect(resourcesOf(allowedTo(template, WORKER_ROLE), 'ecr:CreateRepository')).toEqual([]);
  });

  it('are kept as declared ones are, without a role where none is needed', () => {
    const props = { images: [{ source: 'nginx' }], repositoryDefaults: { keepLast: [{ prefix: 'v', count: 9 }] } };
    const template = synthesize({ ...props, repositoryCreation: RepositoryCreation.ON_PUSH }).template();
    const created = only(template, TEMPLATE) as Record<string, unknown>;
    expect(created).toMatchObject({ Prefix: 'mirror', AppliedFor: ['CREATE_ON_PUSH'], ImageTagMutability: 'MUTABLE' });
    expect(created).not.toHaveProperty('CustomRoleArn');
    expect(created).not.toHaveProperty('RepositoryPolicy');
    const declared = only(template, 'AWS::ECR::Repository') as Record<string, Record<string, string>>;
    expect(JSON.parse(String(created.LifecyclePolicy))).toEqual(
      JSON.parse(declared.LifecyclePolicy?.LifecyclePolicyText ?? ''),
    );
  });

  it('are created by the worker under its prefixes alone', () => {
    const registryMappings = { 'quay.io': { prefix: 'red' } };
    const template = synthesize({ repositoryCreation: RepositoryCreation.ON_PUSH, registryMappings }).template();
    template.resourceCountIs(TEMPLATE, 2);
    expect(resourcesOf(allowedTo(template, WORKER_ROLE), 'ecr:CreateRepository')).toEqual([
      'arn:aws:ecr:eu-west-1:123456789012:repository/mirror/*',
      'arn:aws:ecr:eu-west-1:123456789012:repository/red/*',
    ]);
  });

  it('have a key, tags and fixed tags by way of a role', () => {
    const { template } = synthesize((stack) => ({
      repositoryCreation: RepositoryCreation.ON_PUSH,
      repositoryDefaults: {
        encryptionKey: new Key(stack, 'Key'),
        tags: { team: 'platform' },
        immutable: true,
        floatingTags: ['latest'],
        untaggedAfter: Duration.days(2),
        removalPolicy: RemovalPolicy.DESTROY,
      },
    }));
    template().hasResourceProperties(TEMPLATE, {
      EncryptionConfiguration: { EncryptionType: 'KMS', KmsKey: Match.anyValue() },
      ResourceTags: [{ Key: 'team', Value: 'platform' }],
      ImageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
      ImageTagMutabilityExclusionFilters: [
        Match.objectLike({ ImageTagMutabilityExclusionFilterValue: 'sha256-*' }),
        Match.objectLike({ ImageTagMutabilityExclusionFilterValue: 'latest' }),
      ],
      CustomRoleArn: Match.anyValue(),
    });
    const role = allowedTo(template(), 'MirrorTemplatemirrorRole');
    expect(resourcesOf(role, 'ecr:CreateRepository')).toEqual([
      'arn:aws:ecr:eu-west-1:123456789012:repository/mirror/*',
    ]);
    expect(resourcesOf(role, 'kms:CreateGrant')).toHaveLength(1);
    template().hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: { Statement: [Match.objectLike({ Principal: { Service: 'ecr.amazonaws.com' } })] },
    });
  });

  it('are open to the organisations that may pull, also to those that are let in later', () => {
    const { mirror, stack, template } = synthesize({
      repositoryCreation: RepositoryCreation.ON_PUSH,
      repositoryDefaults: { pullOrganizations: ['o-1111111111'] },
    });
    mirror.grantPull(new OrganizationPrincipal('o-2222222222'));
    mirror.grantPull(new Role(stack, 'Own', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') }));
    const { Statement } = JSON.parse(filled((only(template(), TEMPLATE) as Record<string, unknown>).RepositoryPolicy));
    expect(Statement).toEqual(
      ['o-1111111111', 'o-2222222222'].map((organization) => ({
        Action: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
        Condition: { StringEquals: { 'aws:PrincipalOrgID': organization } },
        Effect: 'Allow',
        Principal: { AWS: '*' },
      })),
    );
  });
});

describe('repositories that the worker creates', () => {
  const BY_WORKER = { repositoryCreation: RepositoryCreation.BY_WORKER };
  const UNDER_PREFIX = ['arn:aws:ecr:eu-west-1:123456789012:repository/mirror/*'];
  const granted = (template: Template, action: string) => resourcesOf(allowedTo(template, WORKER_ROLE), action);

  it('are kept as declared ones are', () => {
    const { template } = synthesize({ ...BY_WORKER, images: [{ source: 'nginx' }] });
    const declared = only(template(), 'AWS::ECR::Repository') as Record<string, Record<string, string>>;
    expect(settingsOf(template()).repositories).toEqual({
      scanOnPush: true,
      tagMutability: 'MUTABLE',
      lifecyclePolicy: JSON.parse(declared.LifecyclePolicy?.LifecyclePolicyText ?? ''),
    });
    template().resourceCountIs(TEMPLATE, 0);
    expect(settingsOf(synthesize().template())).not.toHaveProperty('repositories');
  });

  it('have a key, tags, fixed tags and a policy', () => {
    const { mirror, template } = synthesize((stack) => ({
      ...BY_WORKER,
      repositoryDefaults: {
        encryptionKey: new Key(stack, 'Key'),
        tags: { team: 'platform' },
        immutable: true,
        floatingTags: ['latest'],
        scanOnPush: false,
        pullOrganizations: ['o-1111111111'],
      },
    }));
    mirror.grantPull(new OrganizationPrincipal('o-2222222222'));
    const { policy, ...rest } = settingsOf(template()).repositories as unknown as Record<
      string,
      { Statement: object[] }
    >;
    expect(rest).toMatchObject({
      scanOnPush: false,
      tagMutability: 'IMMUTABLE_WITH_EXCLUSION',
      exclusions: ['sha256-*', 'latest'],
      kmsKey: expect.stringMatching(/^Key.*\.Arn$/),
      tags: { team: 'platform' },
    });
    expect(policy?.Statement).toEqual(
      ['o-1111111111', 'o-2222222222'].map((organization) =>
        expect.objectContaining({ Condition: { StringEquals: { 'aws:PrincipalOrgID': organization } } }),
      ),
    );
  });

  it('are created under its prefixes, and with no more rights than their settings need', () => {
    const plain = synthesize(BY_WORKER).template();
    for (const action of ['CreateRepository', 'PutLifecyclePolicy']) {
      expect(granted(plain, `ecr:${action}`)).toEqual(UNDER_PREFIX);
    }
    for (const action of ['ecr:TagResource', 'ecr:SetRepositoryPolicy', 'kms:CreateGrant']) {
      expect(granted(plain, action)).toEqual([]);
    }
    const rich = synthesize((stack) => ({
      ...BY_WORKER,
      repositoryDefaults: { encryptionKey: new Key(stack, 'Key'), tags: { team: 'platform' } },
    }));
    rich.mirror.grantPull(new OrganizationPrincipal('o-2222222222'));
    rich.mirror.grantPull(new OrganizationPrincipal('o-3333333333'));
    for (const action of ['TagResource', 'SetRepositoryPolicy']) {
      expect(granted(rich.template(), `ecr:${action}`)).toEqual(UNDER_PREFIX);
    }
    for (const action of ['kms:CreateGrant', 'kms:DescribeKey'])
      expect(granted(rich.template(), action)).toHaveLength(1);
  });

  it('are created where rows may copy to, as far as that is the own account and under a prefix', () => {
    const own = (region: string) => `123456789012.dkr.ecr.${region}.amazonaws.com`;
    const template = synthesize(
      {
        ...BY_WORKER,
        allowedDestinations: [
          `${own('eu-west-1')}/mirror/team/**`,
          `${own('us-east-1')}/**`,
          `${own('us-east-2')}/prod/**`,
          '210987654321.dkr.ecr.eu-west-1.amazonaws.com/mirror/**',
          'ghcr.io/mirror/**',
        ],
        outward: [{ from: '**', to: `${own('eu-north-1')}/mirror/out` }],
      },
      { env: { account: '123456789012', region: 'eu-west-1' } },
    ).template();
    expect(granted(template, 'ecr:CreateRepository')).toEqual([
      'arn:aws:ecr:eu-north-1:123456789012:repository/mirror/out',
      'arn:aws:ecr:eu-west-1:123456789012:repository/mirror/team/*',
      'arn:aws:ecr:us-east-1:123456789012:repository/mirror/*',
    ]);
  });

  it('have no key where a key of the stack is good for nothing, which is said', () => {
    const warnings = (regions: string[], env = { account: '123456789012', region: 'eu-west-1' }) => {
      const { stack, template } = synthesize(
        (scope) => ({
          ...BY_WORKER,
          repositoryDefaults: { encryptionKey: new Key(scope, 'Key') },
          allowedDestinations: regions.map((region) => `123456789012.dkr.ecr.${region}.amazonaws.com/mirror/**`),
        }),
        { env },
      );
      template();
      return Annotations.fromStack(stack)
        .findWarning('*', Match.stringLikeRegexp('encryptionKey: got it with BY_WORKER'))
        .map(({ entry }) => String(entry.data));
    };
    expect(warnings(['eu-west-1'])).toEqual([]);
    expect(warnings(['eu-west-1', 'us-east-1', 'eu-north-1'])).toEqual([
      expect.stringContaining('destinations in us-east-1, eu-north-1, where Amazon ECR takes no key of this region'),
    ]);
    expect(warnings(['*'])).toEqual([expect.stringContaining('destinations in any region')]);
  });

  it('cannot have settings that declared ones cannot have', () => {
    const repositoryDefaults = { floatingTags: ['latest'] };
    expect(() => synthesize({ ...BY_WORKER, repositoryDefaults })).toThrow(/floatingTags: got them without immutable/);
  });

  it('have settings that fit into the parameter, or the app is not synthesized', () => {
    const keepLast = Array.from({ length: 49 }, (_, at) => ({ prefix: `release-${at}-of-a-long-name`, count: 5 }));
    const { template } = synthesize({ ...BY_WORKER, repositoryDefaults: { keepLast } });
    expect(() => template()).toThrow(/settings of repositories and trusted root; at most 8192 would do/);
  });
});

it('lets blobs be mounted in the whole account where that is asked for', () => {
  const template = synthesize({ blobMounting: true }).template();
  const call = JSON.parse(filled(only(template, 'Custom::EcrAccountSetting').Create));
  expect(call).toMatchObject({
    service: 'ECR',
    action: 'PutAccountSetting',
    parameters: { name: 'BLOB_MOUNTING', value: 'ENABLED' },
  });
  expect(only(template, 'Custom::EcrAccountSetting')).not.toHaveProperty('Delete');
  synthesize().template().resourceCountIs('Custom::EcrAccountSetting', 0);
});

it('leaves the time of the last pull alone where that is asked for', () => {
  const template = synthesize({ pullTimeExclusion: true }).template();
  const excluded = Object.values(template.findResources('AWS::ECR::PullTimeUpdateExclusion'));
  expect(excluded.map(({ Properties }) => Properties.PrincipalArn['Fn::GetAtt'][0])).toEqual([
    expect.stringMatching(/^MirrorController/),
    expect.stringMatching(/^MirrorWorkerJobRole/),
  ]);
  synthesize().template().resourceCountIs('AWS::ECR::PullTimeUpdateExclusion', 0);
});
