import { generateKeyPairSync } from 'node:crypto';
import { App, CfnParameter, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { OrganizationPrincipal, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  EcrMirror,
  type EcrMirrorProps,
  ImageComparison,
  RepositoryCreation,
  SignatureRequirement,
  TagSelection,
} from '../../lib/index';
import { parseRow } from '../../lib/model/mirror-row';
import { allowedTo, filled, only, resourcesOf, settingsOf, synthesize, WORKER_ROLE } from './stack';

const ROW = 'Custom::MirrorRow';
const OWN = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

/** The item that a declared row writes, with plain values. */
function itemOf(properties: Record<string, never>): Record<string, unknown> {
  const { action, parameters } = JSON.parse(filled(properties.Create));
  expect(action).toBe('PutItem');
  return plain({ M: parameters.Item }) as Record<string, unknown>;
}

function plain(value: Record<string, unknown>): unknown {
  const { S, N, L, M } = value as { S?: string; N?: string; L?: Record<string, unknown>[]; M?: Record<string, never> };
  if (L !== undefined) return L.map(plain);
  if (M !== undefined) return Object.fromEntries(Object.entries(M).map(([name, one]) => [name, plain(one)]));
  return N === undefined ? S : Number(N);
}

describe('a declared image', () => {
  const tags = TagSelection.semver('>=1.25').include('1.*').exclude('*-perl').latest(5).min(1);
  const template = synthesize({ images: [{ source: 'nginx', tags }] }).template();

  it('gets the repository that the runtime maps it to', () => {
    template.hasResource('AWS::ECR::Repository', {
      DeletionPolicy: 'Retain',
      Properties: {
        RepositoryName: 'mirror/docker-hub/library/nginx',
        ImageScanningConfiguration: { ScanOnPush: true },
        ImageTagMutability: 'MUTABLE',
        LifecyclePolicy: { LifecyclePolicyText: Match.stringLikeRegexp('"tagStatus":"untagged".*"countNumber":14') },
      },
    });
  });

  it('gets a row that the runtime understands', () => {
    const item = itemOf(only(template, ROW));
    const { mirror, problems } = parseRow(item, { mapping: { registry: OWN } });
    expect(problems).toEqual([]);
    expect(item.Source).toBe('docker.io/library/nginx');
    expect(mirror?.owner).toContain('Test/Mirror');
    expect(mirror?.select).toEqual({
      kind: 'tags',
      selection: expect.objectContaining({
        semver: '>=1.25',
        include: ['1.*'],
        exclude: ['*-perl'],
        latest: 5,
        min: 1,
      }),
    });
    expect(mirror?.destinations[0]?.repository).toEqual({ registry: OWN, name: 'mirror/docker-hub/library/nginx' });
  });

  it('asks for its platforms, and is refused at synthesis where they are none', () => {
    const own = synthesize({ images: [{ source: 'nginx', platforms: ['linux/arm64', 'linux/amd64'] }] }).template();
    const { mirror } = parseRow(itemOf(only(own, ROW)), { mapping: { registry: OWN } });
    expect(mirror?.platforms).toEqual(['amd64', 'arm64'].map((architecture) => ({ os: 'linux', architecture })));
    expect(() => synthesize({ images: [{ source: 'nginx', platforms: ['arm64'] }] })).toThrow(
      /images: docker\.io\/library\/nginx: Platforms: platform: got "arm64"; linux\/arm64 would do/,
    );
    expect(() => synthesize({ images: [{ source: 'nginx', platforms: [] }] })).toThrow(/Platforms: got an empty list/);
  });

  it('says what counts as the same', () => {
    const images = [{ source: 'nginx', compare: ImageComparison.CONFIG }];
    const own = synthesize({ images }).template();
    expect(parseRow(itemOf(only(own, ROW)), { mapping: { registry: OWN } }).mirror?.compare).toBe('config');
  });

  it('has its row removed by its own stack alone', () => {
    const { action, parameters } = JSON.parse(filled(only(template, ROW).Delete));
    expect(action).toBe('DeleteItem');
    expect(parameters.ConditionExpression).toBe('#owner = :owner');
    expect(parameters.ExpressionAttributeValues[':owner'].S).toBe(itemOf(only(template, ROW)).Owner);
  });

  it('has its repository before its row', () => {
    template.hasResource(ROW, { DependsOn: Match.arrayWith([Match.stringLikeRegexp('^MirrorRepositories')]) });
  });
});

describe('names of repositories', () => {
  const names = (props: Parameters<typeof synthesize>[0]) =>
    Object.values(synthesize(props).template().findResources('AWS::ECR::Repository')).map(
      ({ Properties }) => Properties.RepositoryName,
    );

  it('follow prefix, aliases and dropLibrary', () => {
    const images = [{ source: 'nginx' }, { source: 'registry.example.com/team/app:1' }, { source: 'quay.io/a/b' }];
    const registryAliases = { 'registry.example.com': 'example' };
    expect(names({ images, prefix: 'base/images', registryAliases, dropLibrary: true })).toEqual([
      'base/images/docker-hub/nginx',
      'base/images/example/team/app',
      'base/images/quay/a/b',
    ]);
  });

  it('may be otherwise for single registries, and are allowed there', () => {
    const images = [{ source: 'nginx' }, { source: 'quay.io/a/b' }];
    const registryMappings = { 'docker.io': { drop: 'library' }, 'quay.io': { prefix: 'red/hat', alias: '' } };
    expect(names({ images, registryMappings })).toEqual(['mirror/docker-hub/nginx', 'red/hat/a/b']);
    const template = synthesize({ images, registryMappings }).template();
    expect(settingsOf(template)).toMatchObject({
      permissions: { destinations: [`${OWN}/mirror/**`, `${OWN}/red/hat/**`] },
      mapping: { registries: registryMappings },
    });
    expect(resourcesOf(allowedTo(template, WORKER_ROLE), 'ecr:PutImage')).toEqual([
      'arn:aws:ecr:eu-west-1:123456789012:repository/mirror/*',
      'arn:aws:ecr:eu-west-1:123456789012:repository/red/hat/*',
    ]);
  });

  it('are one for several images of a repository', () => {
    expect(names({ images: [{ source: 'nginx:1.27' }, { source: 'docker.io/library/nginx:1.26' }] })).toEqual([
      'mirror/docker-hub/library/nginx',
    ]);
  });

  it('may begin with one letter, or have an alias of one', () => {
    const one = { prefix: 'm', registryAliases: { 'docker.io': 'd' }, registryMappings: { 'quay.io': { alias: '3' } } };
    expect(names({ ...one, images: [{ source: 'nginx' }, { source: 'quay.io/a/b' }] })).toEqual([
      'm/d/library/nginx',
      'm/3/a/b',
    ]);
  });

  it('cannot be those of other repositories in the stack', () => {
    const both = (props: EcrMirrorProps) => {
      const { stack, template } = synthesize({ images: [{ source: 'nginx' }] });
      new EcrMirror(stack, 'Second', { images: [{ source: 'nginx' }], ...props });
      return template();
    };
    expect(() => both({})).toThrow(
      /got "mirror\/docker-hub\/library\/nginx", which Test\/Second\/\S+ in this stack is called already/,
    );
    both({ prefix: 'second' }).resourceCountIs('AWS::ECR::Repository', 2);
  });

  it('may be one for several sources that are known at deployment only', () => {
    const { template } = synthesize((stack) => ({
      images: ['First', 'Second', 'Third'].map((id) => ({
        source: new CfnParameter(stack, id).valueAsString,
        repositoryName: 'mirror/ours',
      })),
    }));
    const rows = Object.values(template().findResources(ROW)).map(({ Properties }) => itemOf(Properties).Source);
    expect(rows.sort()).toEqual(['First', 'Second', 'Third']);
    template().resourceCountIs('AWS::ECR::Repository', 1);
  });

  it('may be chosen: the row says so, settings and policies allow it', () => {
    const template = synthesize({ images: [{ source: 'nginx:1', repositoryName: 'base/nginx' }] }).template();
    expect(itemOf(only(template, ROW)).Destination).toBe(`${OWN}/base/nginx`);
    expect(settingsOf(template).permissions).toMatchObject({ destinations: [`${OWN}/mirror/**`, `${OWN}/base/nginx`] });
    expect(resourcesOf(allowedTo(template, WORKER_ROLE), 'ecr:PutImage')).toContain(
      'arn:aws:ecr:eu-west-1:123456789012:repository/base/nginx',
    );
  });
});

it('are written by one policy, however many they are: those of a role have 10,240 characters in all', () => {
  const written = (sources: string[]) => {
    const template = synthesize({ images: sources.map((source) => ({ source })) }).template();
    const policies = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([, { Properties }]) =>
      /"AWS679f53fac002430cb0da5b7982bd2287ServiceRole/.test(JSON.stringify(Properties.Roles)),
    );
    expect(policies).toHaveLength(1);
    // Rows are written when it is there, and removed before it is.
    template.allResources(ROW, { DependsOn: Match.arrayWith([policies[0]?.[0]]) });
    const same = policies.map(([id, { Properties }]) => [id, Properties]);
    return { same, may: allowedTo(template, 'AWS679f53fac002430cb0da5b7982bd2287') };
  };
  const sources = Array.from({ length: 60 }, (_, index) => `ghcr.io/team/app-${index}`);
  const { same, may } = written(sources);
  expect(may).toEqual([
    {
      actions: ['dynamodb:DeleteItem', 'dynamodb:PutItem'],
      resources: [expect.stringMatching(/^MirrorTablesMirrors/)],
    },
  ]);
  // It is none of the first row's: another first one changes nothing.
  expect(written(sources.slice(1)).same).toEqual(same);
});

describe('repositoryFor', () => {
  it('finds the repository under any spelling, with and without tag', () => {
    const { mirror } = synthesize({ images: [{ source: 'nginx:1.27' }] });
    expect(mirror.repositoryFor('docker.io/library/nginx')).toBe(mirror.repositories[0]);
    expect(mirror.repositoryFor('index.docker.io/library/nginx:9')).toBe(mirror.repositories[0]);
  });

  it('says what was declared when it was not', () => {
    const { mirror } = synthesize({ images: [{ source: 'nginx' }] });
    expect(() => mirror.repositoryFor('redis')).toThrow('got "redis"; declared here: docker.io/library/nginx');
  });

  it('finds what was added later', () => {
    const { mirror } = synthesize();
    expect(mirror.addImage({ source: 'redis' })).toBe(mirror.repositoryFor('redis'));
  });
});

it('takes a source that is known at deployment only', () => {
  const { mirror, template, stack } = synthesize();
  const source = new CfnParameter(stack, 'Source').valueAsString;
  mirror.addImage({ source, repositoryName: 'mirror/given' });
  expect(itemOf(only(template(), ROW)).Source).toBe('Source');
  expect(mirror.repositoryFor(source)).toBe(mirror.repositories[0]);
});

describe('a mirror of any source in any places', () => {
  const destinations = [`${OWN}/mirror/tools/a`, `${OWN}/mirror/tools/b:{tag}-copy`];

  it('is a row that the runtime understands, and needs no repository of the stack', () => {
    const { mirror, template } = synthesize();
    mirror.addMirror('Tools', { source: 'quay.io/a/b', tags: TagSelection.all().latest(2), destinations });
    const made = template();
    made.resourceCountIs('AWS::ECR::Repository', 0);
    const row = parseRow(itemOf(only(made, ROW)), { mapping: {} });
    expect(row.problems).toEqual([]);
    expect(row.mirror?.destinations).toHaveLength(2);
    expect(row.mirror?.select).toMatchObject({ kind: 'tags', selection: { latest: 2 } });
  });

  it('says who must have signed, by key or by identity', () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const [identity, issuer] = ['dev@example.com', 'https://accounts.example.com'];
    const requirements: [SignatureRequirement, object][] = [
      [SignatureRequirement.key(pem), { keys: [pem] }],
      [SignatureRequirement.anyKey(pem, pem), { keys: [pem] }],
      [SignatureRequirement.keyless(identity, issuer), { identity, issuer }],
    ];
    for (const [requireSignature, meant] of requirements) {
      const { mirror, template } = synthesize({ images: [{ source: 'nginx:1', requireSignature }] });
      mirror.addMirror('Tools', { source: 'quay.io/a/b:1', destinations, requireSignature });
      for (const { Properties } of Object.values(template().findResources(ROW))) {
        const row = parseRow(itemOf(Properties), { mapping: { registry: OWN } });
        expect(row.problems).toEqual([]);
        expect(row.mirror?.requireSignature).toEqual(meant);
      }
    }
  });

  it('may be known at deployment only', () => {
    const { mirror, template, stack } = synthesize();
    const registry = `${stack.account}.dkr.ecr.${stack.region}.${stack.urlSuffix}`;
    mirror.addMirror('Own', { source: `${registry}/team/app:1`, destinations: [`${registry}/mirror/app`] });
    expect(itemOf(only(template(), ROW))).toMatchObject({
      Source: `${OWN}/team/app:1`,
      Destination: `${OWN}/mirror/app`,
    });
  });

  it.each<[string, () => unknown, string]>([
    [
      'no places',
      () => synthesize().mirror.addMirror('A', { source: 'nginx', destinations: [] }),
      'got no destinations',
    ],
    [
      'a place that is not allowed',
      () =>
        synthesize({ allowedDestinations: ['ghcr.io/ours/**'] }).mirror.addMirror('A', {
          source: 'nginx',
          destinations: ['ghcr.io/theirs/nginx'],
        }),
      'addMirror: destination ghcr.io/theirs/nginx is not allowed; allowed: ghcr.io/ours/**',
    ],
    [
      'a place that is none',
      () => synthesize().mirror.addMirror('A', { source: 'nginx', destinations: ['https://ghcr.io/x'] }),
      'images: nginx: Destination: ',
    ],
  ])('is refused with %s', (_, make, message) => {
    expect(make).toThrow(message);
  });
});

describe('grants', () => {
  it('let an organisation pull from every declared repository, also from later ones', () => {
    const { mirror, template } = synthesize({ images: [{ source: 'nginx' }] });
    mirror.grantPull(new OrganizationPrincipal('o-1234567890'));
    mirror.addImage({ source: 'redis' });
    template().allResourcesProperties('AWS::ECR::Repository', {
      RepositoryPolicyText: {
        Statement: [Match.objectLike({ Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1234567890' } } })],
      },
    });
  });

  it('let a role pull whatever lies under the prefix', () => {
    const { mirror, template, stack } = synthesize();
    mirror.grantPull(new Role(stack, 'Puller', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') }));
    const statements = allowedTo(template(), 'Puller');
    expect(resourcesOf(statements, 'ecr:BatchGetImage')).toEqual([
      'arn:aws:ecr:eu-west-1:123456789012:repository/mirror/*',
    ]);
    expect(resourcesOf(statements, 'ecr:GetAuthorizationToken')).toEqual(['*']);
    expect(resourcesOf(statements, 'ecr:PutImage')).toEqual([]);
  });

  it('let a role of another account pull by policies of the repositories, too, whoever creates them', () => {
    const { mirror, template } = synthesize(
      { images: [{ source: 'nginx' }], repositoryCreation: RepositoryCreation.ON_PUSH },
      { env: { account: '123456789012', region: 'eu-west-1' } },
    );
    const other = new Stack(App.of(mirror), 'Other', { env: { account: '210987654321', region: 'eu-west-1' } });
    const assumedBy = new ServicePrincipal('ec2.amazonaws.com');
    mirror.grantPull(new Role(other, 'Puller', { roleName: 'puller', assumedBy }));
    const policies = [
      only(template(), 'AWS::ECR::Repository').RepositoryPolicyText,
      JSON.parse(filled(only(template(), 'AWS::ECR::RepositoryCreationTemplate').RepositoryPolicy)),
    ];
    for (const { Statement } of policies as { Statement: unknown[] }[]) {
      expect(Statement).toEqual([
        expect.objectContaining({
          Principal: { AWS: expect.anything() },
          Action: expect.arrayContaining(['ecr:BatchGetImage']),
        }),
      ]);
      expect(JSON.stringify(Statement)).toContain('arn:aws:iam::210987654321:');
    }
    expect(resourcesOf(allowedTo(Template.fromStack(other), 'Puller'), 'ecr:BatchGetImage')).toContain(
      'arn:aws:ecr:eu-west-1:123456789012:repository/mirror/*',
    );
  });

  it('let people manage rows, read copies and start the controller, and not write copies', () => {
    const { mirror, template, stack } = synthesize();
    mirror.grantManage(new Role(stack, 'Manager', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') }));
    const statements = allowedTo(template(), 'Manager');
    expect(resourcesOf(statements, 'dynamodb:PutItem')).toEqual([expect.stringMatching(/^MirrorTablesMirrors/)]);
    expect(resourcesOf(statements, 'dynamodb:Query')).toContainEqual(expect.stringMatching(/^MirrorTablesCopies/));
    expect(resourcesOf(statements, 'lambda:InvokeFunction')).not.toEqual([]);
  });
});
