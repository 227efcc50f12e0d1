import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { OrganizationPrincipal, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { allowedTo, filled, only, resourcesOf, synthesize, WORKER_ROLE } from './stack';

const TEMPLATE = 'AWS::ECR::RepositoryCreationTemplate';

describe('repositories that a push creates', () => {
  it('are not wanted by default: the worker may create none', () => {
    const template = synthesize().template();
    template.resourceCountIs(TEMPLATE, 0);
    expect(resourcesOf(allowedTo(template, WORKER_ROLE), 'ecr:CreateRepository')).toEqual([]);
  });

  it('are kept as declared ones are, without a role where none is needed', () => {
    const props = { images: [{ source: 'nginx' }], repositoryDefaults: { keepLast: [{ prefix: 'v', count: 9 }] } };
    const template = synthesize({ ...props, createOnPush: true }).template();
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
    const template = synthesize({ createOnPush: true, registryMappings }).template();
    template.resourceCountIs(TEMPLATE, 2);
    expect(resourcesOf(allowedTo(template, WORKER_ROLE), 'ecr:CreateRepository')).toEqual([
      'arn:aws:ecr:eu-west-1:123456789012:repository/mirror/*',
      'arn:aws:ecr:eu-west-1:123456789012:repository/red/*',
    ]);
  });

  it('have a key, tags and fixed tags by way of a role', () => {
    const { template } = synthesize((stack) => ({
      createOnPush: true,
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
      createOnPush: true,
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
