import { CfnParameter, Lazy, SecretValue, type Stack, type StackProps } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { OrganizationPrincipal, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Alias, Key } from 'aws-cdk-lib/aws-kms';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { PullThroughCache, type PullThroughCacheProps, PullThroughUpstream } from '../../lib/index';
import { allowedTo, emptyStack, filled, only, resourcesOf } from './stack';

const RULE = 'AWS::ECR::PullThroughCacheRule';
const TEMPLATE = 'AWS::ECR::RepositoryCreationTemplate';
const HERE: StackProps = { env: { account: '123456789012', region: 'eu-west-1' } };
const named =
  (name = 'ecr-pullthroughcache/upstream') =>
  (stack: Stack) =>
    Secret.fromSecretNameV2(stack, 'S', name);

function made(
  props: Partial<PullThroughCacheProps> | ((stack: Stack) => Partial<PullThroughCacheProps>) = {},
  env?: StackProps,
) {
  const stack = emptyStack(env);
  const cache = new PullThroughCache(stack, 'Cache', {
    upstream: PullThroughUpstream.kubernetes(),
    prefix: 'cached',
    ...(typeof props === 'function' ? props(stack) : props),
  });
  return { stack, cache, synthesized: () => Template.fromStack(stack) };
}

const withSecret = (secret: (stack: Stack) => ISecret, env?: StackProps) =>
  made((stack) => ({ upstream: PullThroughUpstream.dockerHub(secret(stack)) }), env);

describe('a pull-through cache', () => {
  it.each<[string, (secret: ISecret) => PullThroughUpstream, string, string, boolean]>([
    ['Docker Hub', PullThroughUpstream.dockerHub, 'docker-hub', 'registry-1.docker.io', true],
    ['Amazon ECR Public', () => PullThroughUpstream.ecrPublic(), 'ecr-public', 'public.ecr.aws', false],
    ['Kubernetes', () => PullThroughUpstream.kubernetes(), 'k8s', 'registry.k8s.io', false],
    ['Quay', () => PullThroughUpstream.quay(), 'quay', 'quay.io', false],
    ['Quay, private', PullThroughUpstream.quay, 'quay', 'quay.io', true],
    ['GitHub', PullThroughUpstream.github, 'github-container-registry', 'ghcr.io', true],
    ['GitLab', PullThroughUpstream.gitlab, 'gitlab-container-registry', 'registry.gitlab.com', true],
    [
      'Azure',
      (secret) => PullThroughUpstream.azure('ours.azurecr.io', secret),
      'azure-container-registry',
      'ours.azurecr.io',
      true,
    ],
    ['Chainguard', PullThroughUpstream.chainguard, 'chainguard', 'cgr.dev', true],
  ])('of %s is what Amazon ECR calls it', (_, upstream, registry, url, isSecret) => {
    const { synthesized } = made((stack) => ({ upstream: upstream(named()(stack)) }));
    const rule = only(synthesized(), RULE) as Record<string, unknown>;
    const { CredentialArn, ...rest } = rule;
    expect(rest).toEqual({
      EcrRepositoryPrefix: 'cached',
      UpstreamRegistry: registry,
      UpstreamRegistryUrl: url,
    });
    expect(CredentialArn === undefined ? undefined : filled(CredentialArn)).toBe(
      isSecret ? 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:ecr-pullthroughcache/upstream' : undefined,
    );
  });

  it('has repositories that are kept as a mirror keeps them, from the first pull on', () => {
    const { synthesized } = made({ repositorySettings: { tags: { team: 'a' }, keepLast: [{ count: 9 }] } });
    synthesized().hasResourceProperties(TEMPLATE, {
      Prefix: 'cached',
      AppliedFor: ['PULL_THROUGH_CACHE'],
      ImageTagMutability: 'MUTABLE',
      LifecyclePolicy: Match.stringLikeRegexp('"countNumber":9.*"untagged"'),
      ResourceTags: [{ Key: 'team', Value: 'a' }],
    });
    const [template = ''] = Object.keys(synthesized().findResources(TEMPLATE));
    synthesized().hasResource(RULE, { DependsOn: Match.arrayWith([template]) });
  });

  it('is pulled from under its prefix, or under none, and from a part of its upstream', () => {
    const uriOf = ({ stack, cache }: ReturnType<typeof made>) => filled(stack.resolve(cache.uri));
    expect(uriOf(made())).toBe('123456789012.dkr.ecr.eu-west-1.amazonaws.com/cached');
    const root = made({ prefix: 'ROOT' });
    expect(uriOf(root)).toBe('123456789012.dkr.ecr.eu-west-1.amazonaws.com');
    root.synthesized().hasResourceProperties(TEMPLATE, { Prefix: 'ROOT' });
    made({ upstreamPrefix: 'platform' })
      .synthesized()
      .hasResourceProperties(RULE, { EcrRepositoryPrefix: 'cached', UpstreamRepositoryPrefix: 'platform' });
  });

  it('lets a role pull what is not there yet, and an organisation what is there', () => {
    const { stack, cache, synthesized } = made();
    cache.grantPull(new Role(stack, 'Node', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') }));
    cache.grantPull(new OrganizationPrincipal('o-1111111111'));
    const node = allowedTo(synthesized(), 'Node');
    for (const action of ['ecr:BatchGetImage', 'ecr:BatchImportUpstreamImage', 'ecr:CreateRepository']) {
      expect(resourcesOf(node, action)).toEqual(['arn:aws:ecr:eu-west-1:123456789012:repository/cached/*']);
    }
    const { RepositoryPolicy } = only(synthesized(), TEMPLATE) as Record<string, unknown>;
    const { Statement } = JSON.parse(filled(RepositoryPolicy));
    expect(Statement).toHaveLength(1);
    expect(Statement[0]).toMatchObject({ Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1111111111' } } });
    expect(Statement[0].Action).toContain('ecr:BatchImportUpstreamImage');
    expect(Statement[0].Action).not.toContain('ecr:CreateRepository');
  });
});

describe('a pull-through cache of Amazon ECR', () => {
  const foreign = '210987654321.dkr.ecr.us-east-1.amazonaws.com';

  it('asks another account in a role that reads there and writes here', () => {
    const { cache, synthesized } = made(
      { upstream: PullThroughUpstream.ecr(foreign), upstreamPrefix: 'platform' },
      HERE,
    );
    expect(cache.role).toBeDefined();
    synthesized().hasResourceProperties(RULE, {
      UpstreamRegistry: 'ecr',
      UpstreamRegistryUrl: foreign,
      CustomRoleArn: Match.anyValue(),
    });
    synthesized().hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [Match.objectLike({ Principal: { Service: 'pullthroughcache.ecr.amazonaws.com' } })],
      },
    });
    const role = allowedTo(synthesized(), 'CacheRole');
    const [there, here] = [
      'arn:aws:ecr:us-east-1:210987654321:repository/platform/*',
      'arn:aws:ecr:eu-west-1:123456789012:repository/cached/*',
    ];
    expect(resourcesOf(role, 'ecr:BatchGetImage')).toEqual([here, there]);
    expect(resourcesOf(role, 'ecr:GetImageCopyStatus')).toEqual([here, there]);
    expect(resourcesOf(role, 'ecr:PutImage')).toEqual([here]);
    expect(role.filter(({ resources }) => resources.includes('*'))).toEqual([
      { actions: ['ecr:GetAuthorizationToken'], resources: ['*'] },
    ]);
  });

  it('asks another region of the own account without a role', () => {
    const known = made({ upstream: PullThroughUpstream.ecr('123456789012.dkr.ecr.us-east-1.amazonaws.com') }, HERE);
    const unknown = made((stack) => ({
      upstream: PullThroughUpstream.ecr(`${stack.account}.dkr.ecr.us-east-1.${stack.urlSuffix}`),
    }));
    for (const { cache, synthesized } of [known, unknown]) {
      expect(cache.role).toBeUndefined();
      expect(only(synthesized(), RULE)).not.toHaveProperty('CustomRoleArn');
    }
  });

  it('asks in the role that it is given', () => {
    const arn = 'arn:aws:iam::123456789012:role/cache';
    const { synthesized } = made((stack) => ({
      upstream: PullThroughUpstream.ecr(foreign, Role.fromRoleArn(stack, 'Given', arn)),
    }));
    expect(only(synthesized(), RULE)).toMatchObject({ CustomRoleArn: arn });
    synthesized().resourceCountIs('AWS::IAM::Role', 0);
  });
});

describe('a pull-through cache that Amazon ECR would refuse fails at synthesis', () => {
  const region = (name: string) => ({ env: { account: '123456789012', region: name } });

  it.each(['cn-north-1', 'cn-northwest-1', 'us-gov-east-1', 'us-gov-west-1'])('in %s', (name) => {
    expect(() => made({}, region(name))).toThrow(
      `PullThroughCache: got the region ${name}, in which Amazon ECR has none; another region, or an EcrMirror, would do`,
    );
  });

  it.each<[string, Partial<PullThroughCacheProps>, string]>([
    [
      'a prefix of one character',
      { prefix: 'a' },
      'prefix: got "a"; the first components of a repository\'s name, 2 to 30 characters, or ROOT, would do',
    ],
    ['a prefix of 31 characters', { prefix: 'a'.repeat(31) }, '2 to 30 characters, or ROOT, would do'],
    ['a prefix in upper case', { prefix: 'Root' }, 'prefix: got "Root"'],
    ['an upstream prefix that is none', { upstreamPrefix: '/platform' }, 'upstreamPrefix: got "/platform"'],
    [
      'an upstream prefix without one here',
      { prefix: 'ROOT', upstreamPrefix: 'platform' },
      'upstreamPrefix: got "platform" with the prefix ROOT, which takes none; ROOT would do',
    ],
    [
      'repositories that are immutable',
      { repositorySettings: { immutable: true } },
      'immutable: got true for repositories of a pull-through cache, which then can never bring an image up to date',
    ],
  ])('for %s', (_, props, message) => {
    expect(() => made(props)).toThrow(message);
  });

  it('for the prefix of another', () => {
    const { stack } = made();
    expect(
      () => new PullThroughCache(stack, 'Twin', { upstream: PullThroughUpstream.ecrPublic(), prefix: 'cached' }),
    ).toThrow('prefix: got "cached", for which Test/Cache/Template is a template already');
  });

  const arn =
    (place: string, name = 'ecr-pullthroughcache/upstream-AbCdEf') =>
    (stack: Stack) =>
      Secret.fromSecretCompleteArn(stack, 'S', `arn:aws:secretsmanager:${place}:secret:${name}`);

  it.each<[string, (stack: Stack) => ISecret, string]>([
    [
      'with another name',
      named('docker-hub'),
      'secret: got the name "docker-hub"; one that begins with ecr-pullthroughcache/ would do',
    ],
    [
      'with another name in its ARN',
      arn('eu-west-1:123456789012', 'hub-AbCdEf'),
      'secret: got the name "hub-AbCdEf"; one that begins with ecr-pullthroughcache/ would do',
    ],
    [
      'with another name of its own',
      (stack) => new Secret(stack, 'S', { secretName: 'hub' }),
      'secret: got the name "hub"; one that begins with ecr-pullthroughcache/ would do',
    ],
    [
      'without a name',
      (stack) => new Secret(stack, 'S'),
      'secret: got a name that CloudFormation makes up; one that begins with ecr-pullthroughcache/ would do',
    ],
    [
      'of another account',
      arn('eu-west-1:210987654321'),
      "secret: got one of the account 210987654321; one of the cache's own, 123456789012, would do",
    ],
    [
      'of another region',
      arn('us-east-1:123456789012'),
      "secret: got one of the region us-east-1; one of the cache's own, eu-west-1, would do",
    ],
    [
      'with a key',
      (stack) =>
        new Secret(stack, 'S', {
          secretName: 'ecr-pullthroughcache/upstream',
          encryptionKey: new Key(stack, 'Key'),
        }),
      'secret: got one that is encrypted with "Test/Key", which Amazon ECR does not use; Secrets Manager\'s own key would do, without encryptionKey',
    ],
  ])('for a secret %s', (_, secret, message) => {
    expect(() => withSecret(secret, HERE)).toThrow(message);
  });

  it.each<[string, () => PullThroughUpstream, string]>([
    [
      'an upstream without its secret',
      () => PullThroughUpstream.dockerHub(undefined as unknown as ISecret),
      'PullThroughUpstream.dockerHub: got no secret, without which Amazon ECR does not cache "registry-1.docker.io"; one whose name begins with ecr-pullthroughcache/ would do',
    ],
    [
      'a registry that is not Azure',
      () => PullThroughUpstream.azure('registry.example.com', undefined as unknown as ISecret),
      'PullThroughUpstream.azure: got "registry.example.com"; <name>.azurecr.io would do',
    ],
    [
      'a registry that is not Amazon ECR',
      () => PullThroughUpstream.ecr('123456789012.dkr.ecr.eu-west-1.amazonaws.com.example.org'),
      'got "123456789012.dkr.ecr.eu-west-1.amazonaws.com.example.org"; <account>.dkr.ecr.<region>.amazonaws.com would do',
    ],
    [
      'an endpoint of Amazon ECR that it is not called by',
      () => PullThroughUpstream.ecr('123456789012.dkr.ecr-fips.us-east-1.amazonaws.com'),
      'PullThroughUpstream.ecr: got "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com"',
    ],
  ])('for %s', (_, upstream, message) => {
    expect(upstream).toThrow(message);
  });
});

describe('a pull-through cache takes', () => {
  it('what is known at deployment only', () => {
    const text = (stack: Stack, id: string) => new CfnParameter(stack, id).valueAsString;
    const { synthesized } = made((stack) => ({
      upstream: PullThroughUpstream.azure(
        text(stack, 'Host'),
        Secret.fromSecretCompleteArn(stack, 'S', text(stack, 'Arn')),
      ),
      prefix: text(stack, 'Prefix'),
      upstreamPrefix: Lazy.string({ produce: () => 'Any' }),
    }));
    expect(only(synthesized(), RULE)).toMatchObject({
      EcrRepositoryPrefix: { Ref: 'Prefix' },
      UpstreamRegistryUrl: { Ref: 'Host' },
      CredentialArn: { Ref: 'Arn' },
    });
    expect(() =>
      made((stack) => ({ upstream: PullThroughUpstream.ecr(text(stack, 'Ecr')) })).synthesized(),
    ).not.toThrow();
    expect(() => withSecret((stack) => named(text(stack, 'Name'))(stack), HERE).synthesized()).not.toThrow();
  });

  it('a secret of the stack, or one whose place is not known', () => {
    const own = (stack: Stack) =>
      new Secret(stack, 'S', {
        secretName: 'ecr-pullthroughcache/upstream',
        secretObjectValue: {
          username: SecretValue.unsafePlainText('u'),
          accessToken: SecretValue.unsafePlainText('t'),
        },
      });
    const key = (stack: Stack) => Alias.fromAliasName(stack, 'Key', 'alias/aws/secretsmanager');
    const ownKey = (stack: Stack) =>
      new Secret(stack, 'S', { secretName: 'ecr-pullthroughcache/upstream', encryptionKey: key(stack) });
    const elsewhere = (stack: Stack) =>
      Secret.fromSecretCompleteArn(
        stack,
        'S',
        'arn:aws:secretsmanager:us-east-1:210987654321:secret:ecr-pullthroughcache/upstream-AbCdEf',
      );
    expect(() => withSecret(own, HERE).synthesized()).not.toThrow();
    expect(() => withSecret(ownKey, HERE).synthesized()).not.toThrow();
    expect(() => withSecret(elsewhere).synthesized()).not.toThrow();
  });
});
