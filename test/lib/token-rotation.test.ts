import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Duration, Fn, Stack, type StackProps } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import * as eks from 'aws-cdk-lib/aws-eks';
import * as eksV2 from 'aws-cdk-lib/aws-eks-v2';
import { OpenIdConnectProvider } from 'aws-cdk-lib/aws-iam';
import { LayerVersion } from 'aws-cdk-lib/aws-lambda';
import { EcrMirror, TokenRotation, TokenRotationIdentity, type TokenRotationProps } from '../../lib/index';
import { manifestsOf } from '../bin/rotation-pod';
import { allowedTo, emptyStack, filled, only, resourcesOf } from './stack';

const HERE: StackProps = { env: { account: '123456789012', region: 'eu-west-1' } };
const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const ISSUER = 'oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF';
const CLI = JSON.parse(readFileSync('package.json', 'utf8')).bin['ecr-mirror'];
const PULL = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];
const { IRSA } = TokenRotationIdentity;
/** Images that nobody is warned of. */
const IMAGES = {
  image: `public.ecr.aws/docker/library/node:22-alpine@sha256:${'1'.repeat(64)}`,
  awsImage: `public.ecr.aws/aws-cli/aws-cli:2@sha256:${'2'.repeat(64)}`,
};

const layer = (stack: Stack) =>
  LayerVersion.fromLayerVersionArn(stack, 'Kubectl', 'arn:aws:lambda:eu-west-1:123456789012:layer:kubectl:1');
const provider = (stack: Stack) =>
  OpenIdConnectProvider.fromOpenIdConnectProviderArn(
    stack,
    'Issuer',
    `arn:aws:iam::123456789012:oidc-provider/${ISSUER}`,
  );

type Cluster = TokenRotationProps['cluster'];
const imported = (stack: Stack, more: Partial<eksV2.ClusterAttributes> = {}): Cluster =>
  eksV2.Cluster.fromClusterAttributes(stack, 'Cluster', {
    clusterName: 'hybrid',
    prune: false,
    kubectlProvider: eksV2.KubectlProvider.fromKubectlProviderAttributes(stack, 'Provider', {
      serviceToken: 'arn:aws:lambda:eu-west-1:123456789012:function:kubectl',
    }),
    ...more,
  });
/** A cluster of each kind that there is. */
const CLUSTERS: Record<string, (stack: Stack) => Cluster> = {
  'imported, of aws-eks-v2': (stack) => imported(stack, { openIdConnectProvider: provider(stack) }),
  'imported, of aws-eks': (stack) =>
    eks.Cluster.fromClusterAttributes(stack, 'Cluster', {
      clusterName: 'hybrid',
      kubectlRoleArn: 'arn:aws:iam::123456789012:role/kubectl',
      kubectlLayer: layer(stack),
      openIdConnectProvider: provider(stack),
    }),
  'of this app, of aws-eks-v2': (stack) =>
    new eksV2.Cluster(stack, 'Cluster', {
      version: eksV2.KubernetesVersion.V1_33,
      kubectlProviderOptions: { kubectlLayer: layer(stack) },
    }),
  'of this app, of aws-eks': (stack) =>
    new eks.Cluster(stack, 'Cluster', {
      version: eks.KubernetesVersion.V1_33,
      kubectlLayer: layer(stack),
      defaultCapacity: 0,
    }),
};

interface Options extends Partial<Omit<TokenRotationProps, 'cluster' | 'mirror'>> {
  readonly cluster?: (stack: Stack) => Cluster;
  readonly mirror?: (stack: Stack) => EcrMirror;
  readonly env?: StackProps;
}

function made({ cluster = imported, mirror, env = HERE, ...props }: Options = {}) {
  const stack = emptyStack(env);
  const rotation = new TokenRotation(stack, 'PullTokens', {
    cluster: cluster(stack),
    namespaces: ['apps'],
    ...IMAGES,
    ...(mirror === undefined ? {} : { mirror: mirror(stack) }),
    ...props,
  });
  return { stack, rotation, synthesized: () => Template.fromStack(stack) };
}

// biome-ignore lint/suspicious/noExplicitAny: manifests have many forms
type Manifest = any;

/** What is applied to the cluster. */
function applied(template: Template): Manifest[] {
  const resources = Object.values(template.findResources('Custom::AWSCDK-EKS-KubernetesResource'));
  const texts = resources.map(({ Properties }) => filled(Properties.Manifest));
  return texts.flatMap((text) => JSON.parse(text) as Manifest[]).filter(({ kind }) => kind !== 'StorageClass');
}
const kinds = (template: Template) => applied(template).map(({ kind }) => kind);
const found = (template: Template, kind: string) => applied(template).find((one) => one.kind === kind);
const planOf = (template: Template) => JSON.parse(found(template, 'ConfigMap').data['plan.json']);
const hostsOf = (template: Template) => planOf(template).registries.map(({ host }: { host: string }) => host);

const ROTATION = 'PullTokensRole';
const trustOf = (template: Template) => only(template, 'AWS::IAM::Role', ROTATION).AssumeRolePolicyDocument;

describe('a rotation of tokens', () => {
  it('applies what the command line writes, program for program', () => {
    const template = made({ identity: IRSA, cluster: CLUSTERS['imported, of aws-eks-v2'] }).synthesized();
    const arn = 'arn:aws:iam::123456789012:role/pull';
    const flags = ['--quiet', '--hosts', HOST, '--secrets', 'apps/ecr', '--role-arn', arn];
    const images = ['--image', IMAGES.image, '--aws-image', IMAGES.awsImage];
    const words = [CLI, 'pull-config', 'token-rotation', ...flags, ...images];
    const written = manifestsOf(execFileSync(process.execPath, words, { encoding: 'utf8' }));
    // The first job is called after all that it does, the role included.
    const same = (manifests: readonly Manifest[]) =>
      JSON.parse(
        JSON.stringify(manifests)
          .replace(/(ecr-token-rotation)-[0-9a-f]{8}/g, '$1-first')
          .replace(/PullTokensRole\w*\.Arn/g, arn),
      );
    expect(same(applied(template))).toEqual(same(written));
  });

  it.each(Object.keys(CLUSTERS))('is for a cluster %s', (which) => {
    const template = made({ cluster: CLUSTERS[which] }).synthesized();
    expect(kinds(template)).toEqual([
      ...['Namespace', 'ServiceAccount', 'Role', 'RoleBinding', 'ConfigMap', 'CronJob', 'Job'],
    ]);
  });

  it('keeps its own stack’s roles and manifests together, wherever the cluster is', () => {
    const stack = emptyStack(HERE);
    const cluster = (CLUSTERS['of this app, of aws-eks-v2'] as (stack: Stack) => Cluster)(stack);
    const other = new Stack(stack.node.root as never, 'Other', HERE);
    new TokenRotation(other, 'PullTokens', { cluster, namespaces: ['apps'], identity: IRSA, ...IMAGES });
    expect(kinds(Template.fromStack(other))).toContain('CronJob');
    expect(kinds(Template.fromStack(stack))).not.toContain('CronJob');
  });

  it('starts its first job when the role has its permissions, and its account the role', () => {
    const template = made({ cluster: CLUSTERS['of this app, of aws-eks-v2'] }).synthesized();
    const [manifest] = Object.entries(template.findResources('Custom::AWSCDK-EKS-KubernetesResource')).filter(([id]) =>
      id.startsWith('PullTokens'),
    );
    const needs = manifest?.[1].DependsOn.join();
    for (const what of ['PullTokensRoleDefaultPolicy', ROTATION, 'PullTokensAssociation', 'EksPodIdentityAgent']) {
      expect(needs).toContain(what);
    }
  });

  it('calls its first job the same at each synthesis, and otherwise when it does something else', () => {
    const nameOf = (options: Options) => found(made({ ...options, env: {} }).synthesized(), 'Job').metadata.name;
    const before = nameOf({});
    Fn.select(0, ['a', 'b']).toString();
    expect(nameOf({})).toBe(before);
    expect(nameOf({ secretName: 'other' })).not.toBe(before);
  });

  it('renews as often as is said, and what is said leaves tokens that are good when one run fails', () => {
    const scheduleOf = (every?: Duration) => found(made({ every }).synthesized(), 'CronJob').spec.schedule;
    expect(scheduleOf()).toBe('17 */6 * * *');
    expect(scheduleOf(Duration.minutes(180))).toBe('17 */3 * * *');
  });
});

describe('what it may do in the cluster', () => {
  it('is to read and change one secret in each namespace, and to make it', () => {
    const roles = applied(made({ namespaces: ['apps', 'tools', 'apps'], secretName: 'pull' }).synthesized()).filter(
      ({ kind }) => kind === 'Role',
    );
    const secrets = { apiGroups: [''], resources: ['secrets'] };
    const rules = [
      { ...secrets, resourceNames: ['pull'], verbs: ['get', 'patch'] },
      { ...secrets, verbs: ['create'] },
    ];
    expect(roles.map(({ metadata }) => metadata.namespace)).toEqual(['apps', 'tools']);
    expect(roles.map((role) => role.rules)).toEqual([rules, rules]);
  });
  it('is not to make one where that is not wanted', () => {
    const { rules } = found(made({ createSecrets: false }).synthesized(), 'Role');
    expect(rules.map(({ verbs }: Manifest) => verbs)).toEqual([['get', 'patch']]);
  });
  it('has another name and place where they are said', () => {
    const template = made({ name: 'tokens', namespace: 'platform' }).synthesized();
    expect(kinds(template)).not.toContain('Namespace');
    expect(found(template, 'CronJob').metadata).toMatchObject({ name: 'tokens', namespace: 'platform' });
    template.hasResourceProperties('AWS::EKS::PodIdentityAssociation', {
      Namespace: 'platform',
      ServiceAccount: 'tokens',
    });
  });
});

describe('what may be pulled with its tokens', () => {
  const repository = (name: string, place = 'eu-west-1:123456789012') => `arn:aws:ecr:${place}:repository/${name}`;

  it('is everything of the own registry where nothing is said, and nothing else is allowed', () => {
    const template = made().synthesized();
    expect(hostsOf(template)).toEqual([HOST]);
    expect(allowedTo(template, ROTATION)).toEqual([
      { actions: PULL, resources: [repository('*')] },
      { actions: ['ecr:GetAuthorizationToken'], resources: ['*'] },
    ]);
  });
  it('is what is named, in other accounts and regions, too', () => {
    const there = '210987654321.dkr.ecr.us-east-1.amazonaws.com';
    const template = made({ repositories: [`${HOST}/team/**`, `${HOST}/base`, `${there}/shared/app`] }).synthesized();
    expect(hostsOf(template)).toEqual([HOST, there]);
    expect(resourcesOf(allowedTo(template, ROTATION), 'ecr:BatchGetImage')).toEqual([
      repository('base'),
      repository('team/*'),
      repository('shared/app', 'us-east-1:210987654321'),
    ]);
    const { regions } = found(template, 'ConfigMap').data;
    expect(regions).toBe('eu-west-1 eu-west-1 false\nus-east-1 us-east-1 false\n');
  });
  it('is what a mirror has, and what is named beside it', () => {
    const mirror = (stack: Stack) => new EcrMirror(stack, 'Mirror');
    const alone = made({ mirror }).synthesized();
    expect(hostsOf(alone)).toEqual([HOST]);
    expect(resourcesOf(allowedTo(alone, ROTATION), 'ecr:BatchGetImage')).toEqual([repository('mirror/*')]);
    const both = made({ mirror, repositories: [`${HOST}/team/app`] }).synthesized();
    expect(hostsOf(both)).toEqual([HOST]);
    expect(resourcesOf(allowedTo(both, ROTATION), 'ecr:BatchGetImage').sort()).toEqual([
      repository('mirror/*'),
      repository('team/app'),
    ]);
  });
  it('is in a registry whose account and region are known at deployment only', () => {
    const template = made({ env: {} }).synthesized();
    expect(hostsOf(template)).toEqual([HOST]);
    expect(found(template, 'ConfigMap').data.regions).toBe('eu-west-1 eu-west-1 false\n');
  });
  it('is asked of the FIPS endpoint for a host that is one', () => {
    const fips = HOST.replace('dkr.ecr', 'dkr.ecr-fips').replace('eu-west-1', 'us-east-1');
    const template = made({ repositories: [`${fips}/**`] }).synthesized();
    expect(found(template, 'ConfigMap').data.regions).toBe('us-east-1-fips us-east-1 true\n');
  });
  it('is more where more is granted to it', () => {
    const { stack, rotation, synthesized } = made({ repositories: [`${HOST}/team/app`] });
    Repository.fromRepositoryName(stack, 'Other', 'other/app').grantPull(rotation);
    expect(resourcesOf(allowedTo(synthesized(), ROTATION), 'ecr:BatchGetImage')).toContain(repository('other/app'));
  });
});

describe('its role', () => {
  it('is that of its account in its cluster by EKS Pod Identity, and nobody else’s', () => {
    const template = made().synthesized();
    expect(trustOf(template)).toMatchObject({
      Statement: [
        {
          Action: ['sts:AssumeRole', 'sts:TagSession'],
          Principal: { Service: 'pods.eks.amazonaws.com' },
          Condition: {
            StringEquals: {
              'aws:RequestTag/eks-cluster-name': 'hybrid',
              'aws:RequestTag/kubernetes-namespace': 'ecr-mirror',
              'aws:RequestTag/kubernetes-service-account': 'ecr-token-rotation',
            },
          },
        },
      ],
    });
    template.hasResourceProperties('AWS::EKS::PodIdentityAssociation', {
      ClusterName: 'hybrid',
      Namespace: 'ecr-mirror',
      ServiceAccount: 'ecr-token-rotation',
      RoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp(`^${ROTATION}`), 'Arn'] },
    });
    expect(JSON.stringify(applied(template))).not.toContain('role-arn');
  });
  it('is that of a web identity, without an association', () => {
    const template = made({ identity: IRSA, cluster: CLUSTERS['imported, of aws-eks'] }).synthesized();
    expect(trustOf(template)).toMatchObject({
      Statement: [
        {
          Action: 'sts:AssumeRoleWithWebIdentity',
          Principal: { Federated: `arn:aws:iam::123456789012:oidc-provider/${ISSUER}` },
          Condition: {
            StringEquals: {
              [`${ISSUER}:aud`]: 'sts.amazonaws.com',
              [`${ISSUER}:sub`]: 'system:serviceaccount:ecr-mirror:ecr-token-rotation',
            },
          },
        },
      ],
    });
    template.resourceCountIs('AWS::EKS::PodIdentityAssociation', 0);
    expect(found(template, 'ServiceAccount').metadata.annotations['eks.amazonaws.com/role-arn']).toMatch(
      new RegExp(`^${ROTATION}\\w*\\.Arn$`),
    );
  });
  it('is that of a web identity whose issuer is known at deployment only', () => {
    const template = made({ identity: IRSA, cluster: CLUSTERS['of this app, of aws-eks-v2'] }).synthesized();
    const [, json] = Object.entries(template.findResources('Custom::AWSCDKCfnJson'))[0] ?? [];
    expect(JSON.stringify(json)).toContain('system:serviceaccount:ecr-mirror:ecr-token-rotation');
  });
  it('is there with the agent in a cluster of this app, unless that is there already', () => {
    const cluster = CLUSTERS['of this app, of aws-eks-v2'];
    const addons = (options: Options) =>
      made({ cluster, ...options })
        .synthesized()
        .findResources('AWS::EKS::Addon');
    expect(Object.values(addons({})).map(({ Properties }) => Properties.AddonName)).toEqual(['eks-pod-identity-agent']);
    expect(addons({ podIdentityAgent: false })).toEqual({});
    expect(addons({ identity: IRSA })).toEqual({});
  });
});

describe('what is wrong', () => {
  const fargate = (stack: Stack) =>
    new eksV2.FargateCluster(stack, 'Cluster', {
      version: eksV2.KubernetesVersion.V1_33,
      kubectlProviderOptions: { kubectlLayer: layer(stack) },
    });

  it.each<[string, Options, string]>([
    ['no namespaces', { namespaces: [] }, 'namespaces: got none; one or more, whose pods pull, would do'],
    ['a namespace', { namespaces: ['apps', 'A/b'] }, 'namespaces[1]: got "A/b"; the name of a namespace would do'],
    ['a secret', { secretName: 'a_b' }, 'secretName: got "a_b"; the name of a secret would do'],
    ['a name', { name: 'Tokens' }, 'name: got "Tokens"; small letters, digits and hyphens would do'],
    ['a long name', { name: 'n'.repeat(53) }, '52 characters would do'],
    ['its namespace', { namespace: '-' }, 'namespace: got "-"; the name of a namespace would do'],
    ['a day', { every: Duration.days(1) }, 'every: got 1 day; 1, 2, 3, 4 or 6 hours would do'],
    ['a part of an hour', { every: Duration.minutes(90) }, 'every: got 1 hour 30 minutes; 1, 2, 3, 4 or 6 hours'],
    ['an image', { image: 'https://x' }, 'image: reference: got "https://x"'],
    ['nothing to pull', { repositories: [] }, 'repositories: got none; one or more, or a mirror, would do'],
    [
      'another registry',
      { repositories: ['quay.io/team/**'] },
      `repositories[0]: got "quay.io/team/**", which is not of one registry of Amazon ECR; ${HOST}/team/** would do`,
    ],
    [
      'any region',
      { repositories: [`${HOST}/a`, '123456789012.dkr.ecr.*.amazonaws.com/a'] },
      'repositories[1]: got "123456789012.dkr.ecr.*.amazonaws.com/a", which is not of one registry of Amazon ECR',
    ],
    [
      'another partition',
      { repositories: ['123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/a'] },
      'of the partition aws-cn, for which a role of aws gets no token; a stack in a region of it would do',
    ],
    [
      'Fargate',
      { cluster: fargate },
      'identity: got POD_IDENTITY for a cluster on AWS Fargate, where no agent runs; IRSA would do',
    ],
    [
      'an imported cluster without its provider',
      { identity: IRSA },
      'identity: got IRSA for an imported cluster without openIdConnectProvider; one with it, or POD_IDENTITY, would do',
    ],
  ])('%s is said in one line', (_, options, message) => {
    expect(() => made(options)).toThrow(message);
    expect(() => made(options)).toThrow(/^[^\n]+$/);
  });

  it('is warned of: images that may change, or that need what they renew', () => {
    const { rotation } = made({ image: `${HOST}/node:22`, awsImage: IMAGES.awsImage });
    const warnings = rotation.node.metadata.filter(({ type }) => type === 'aws:cdk:warning');
    expect(warnings.map(({ data }) => data)).toEqual([
      expect.stringContaining(`image: ${HOST}/node:22 is no image for good; one with its digest would do`),
      expect.stringContaining(`image: ${HOST}/node:22 needs a token that its own job renews`),
    ]);
  });
});
