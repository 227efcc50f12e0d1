import { CfnParameter, Duration, Lazy, Size } from 'aws-cdk-lib';
import { SubnetType } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { type EcrMirrorProps, SignatureRequirement, TagSelection } from '../../lib/index';
import { synthesize } from './stack';

const image = (source: string, more: object = {}): EcrMirrorProps => ({ images: [{ source, ...more }] });

describe('fails at synthesis, saying what was got and what would do', () => {
  it.each<[string, EcrMirrorProps, string]>([
    ['an unknown cpu', { cpu: 300 }, 'cpu: got 300; 256, 512, 1024, 2048, 4096, 8192, 16384 would do'],
    [
      'a cpu known at deployment only',
      { cpu: Lazy.number({ produce: () => 512 }) },
      'cpu: got a value that is known at deployment only',
    ],
    [
      'memory that the cpu does not go with',
      { cpu: 1024, memory: Size.gibibytes(16) },
      'memory: got 16384 MiB with cpu 1024; 2048 to 8192 MiB in steps of 1024 would do',
    ],
    [
      'memory between two sizes',
      { cpu: 8192, memory: Size.gibibytes(17) },
      'memory: got 17408 MiB with cpu 8192; 16384 to 61440',
    ],
    [
      'too little memory',
      { cpu: 256, memory: Size.gibibytes(4) },
      'memory: got 4096 MiB with cpu 256; 512, 1024, 2048 MiB would do',
    ],
    ['a time of seconds', { timeout: Duration.seconds(30) }, 'timeout: got 30 seconds; 60 seconds to 14 days would do'],
    ['too little storage', { storage: Size.gibibytes(20) }, 'storage: got 20 GiB; 21 to 200 GiB would do'],
    [
      'storage of half a size',
      { storage: Size.mebibytes(30_000) },
      'storage: got 29.296875 GiB; 21 to 200 GiB would do',
    ],
    [
      'storage known at deployment only',
      { storage: Size.gibibytes(Lazy.number({ produce: () => 30 })) },
      'storage: got a value that is known at deployment only; 21 to 200 GiB would do',
    ],
    [
      'a wait known at deployment only',
      { waitForImages: Duration.seconds(Lazy.number({ produce: () => 300 })) },
      'waitForImages: got a time that is known at deployment only; a minute to an hour would do',
    ],
    ['no attempts', { attempts: 0 }, 'attempts: got 0; 1 to 10 would do'],
    ['subnets of no network', { vpcSubnets: { subnetType: SubnetType.PUBLIC } }, 'vpcSubnets: got it without vpc'],
    [
      'a schedule that is switched off',
      { scheduleEnabled: false, schedule: ScheduleExpression.rate(Duration.hours(2)) },
      'scheduleEnabled: got false with a schedule',
    ],
    ['a source that is none', image('Nginx Latest'), 'got "Nginx Latest"'],
    ['a source with a scheme', image('https://docker.io/nginx'), 'leave the scheme out'],
    ['tags beside a tag', image('nginx:1', { tags: TagSelection.all() }), 'images: got "nginx:1" with tags'],
    [
      'tags that contradict each other',
      image('nginx', { tags: TagSelection.all().latest(3).min(5) }),
      'images: docker.io/library/nginx: Tags.Min: got 5 beside a latest of 3',
    ],
    [
      'an image twice',
      { images: [{ source: 'nginx' }, { source: 'docker.io/library/nginx' }] },
      'got "docker.io/library/nginx" twice',
    ],
    [
      'two names for one repository',
      { images: [{ source: 'nginx:1' }, { source: 'nginx:2', repositoryName: 'other/nginx' }] },
      'got two repository names for "docker.io/library/nginx"',
    ],
    [
      'a repository name that ECR does not take',
      image('nginx', { repositoryName: 'Nginx' }),
      'repositoryName of "nginx": got "Nginx"',
    ],
    [
      'a source known at deployment without a name',
      image(Lazy.string({ produce: () => 'x' })),
      'got a source that is known at deployment only; with a repositoryName it would do',
    ],
    [
      'an image from where rows may not copy',
      { allowedSources: ['quay.io/**'], ...image('nginx') },
      'got the source "nginx"; allowed sources: quay.io/**',
    ],
    [
      'a pattern with a scheme',
      { allowedSources: ['https://ghcr.io/**'] },
      'allowedSources[0]: got "https://ghcr.io/**"',
    ],
    [
      'a pattern that is only a registry',
      { allowedDestinations: ['a.example.com/**', 'ghcr.io'] },
      'allowedDestinations[1]: got "ghcr.io"',
    ],
    ['a pattern without a registry', { allowedSources: ['library/*'] }, 'docker.io/library/* would do'],
    ['a bad pattern on the way out', { outward: [{ from: 'ghcr.io/a', to: '' }] }, 'outward[0].to: got ""'],
    ['an empty prefix', { prefix: '' }, 'prefix: got ""'],
    ['a prefix in upper case', { prefix: 'Mirror' }, 'prefix: got "Mirror"'],
    ['an alias that is no name', { registryAliases: { 'ghcr.io': 'GH' } }, 'registryAliases: got "GH" for ghcr.io'],
    [
      'an alias known at deployment only',
      { registryAliases: { 'ghcr.io': Lazy.string({ produce: () => 'gh' }) } },
      'registryAliases: got a value that is known at deployment only for ghcr.io',
    ],
    [
      'images beside places of which nobody knows how many they are',
      {
        ...image('nginx', { repositoryName: 'base/nginx' }),
        allowedDestinations: Lazy.list({ produce: () => ['ghcr.io/**'] }),
      },
      'allowedDestinations: got a list that is known at deployment only, beside images declared here',
    ],
    ['an alias for no registry', { registryAliases: { github: 'gh' } }, 'registryAliases: got the registry "github"'],
    ['a mapping for no registry', { registryMappings: { github: {} } }, 'registryMappings: got the registry "github"'],
    [
      'a mapping with a bad alias',
      { registryMappings: { 'ghcr.io': { alias: 'GH' } } },
      'registryMappings: got the alias "GH" for ghcr.io; lower-case letters and digits would do',
    ],
    ['a mapping with a bad prefix', { registryMappings: { 'ghcr.io': { prefix: '' } } }, 'prefix: got ""'],
    [
      'a mapping that drops no path',
      { registryMappings: { 'ghcr.io': { drop: 'A' } } },
      'registryMappings: got "A" to drop for ghcr.io',
    ],
    ['endpoints of no network', { vpcEndpoints: true }, 'vpcEndpoints: got it without vpc'],
    [
      'a role of no account',
      { accountRoles: [{ account: '1', roleArn: 'arn:aws:iam::1:role/x' }] },
      'accountRoles[0]: got the account "1"; twelve digits would do',
    ],
    [
      'a role of another account',
      { accountRoles: [{ account: '210987654321', roleArn: 'arn:aws:iam::310987654321:role/x' }] },
      'accountRoles[0]: got "arn:aws:iam::310987654321:role/x"; the ARN of a role in account 210987654321 would do',
    ],
    [
      'two roles of an account',
      {
        accountRoles: ['a', 'b'].map((name) => ({
          account: '210987654321',
          roleArn: `arn:aws:iam::210987654321:role/${name}`,
        })),
      },
      'accountRoles[1]: got the account 210987654321 twice',
    ],
    [
      'settings beyond what a parameter holds',
      { allowedSources: Array.from({ length: 400 }, (_, index) => `registry-${index}.example.com/**`) },
      'at most 8192 would do',
    ],
    [
      'a trusted root that is no JSON',
      { trustedRoot: 'root.json' },
      'trustedRoot: got "…"; sigstore’s trusted_root.json',
    ],
    [
      'a trusted root without authorities',
      { trustedRoot: '{"tlogs":[]}' },
      'trustedRoot: got a map (tlogs); sigstore’s',
    ],
  ])('%s', (_, props, message) => {
    expect(() => synthesize(props).template()).toThrow(message);
  });

  it.each<[string, () => unknown, string]>([
    [
      'no key',
      () => SignatureRequirement.key('cosign.pub'),
      'SignatureRequirement: key: got "…"; the public key in PEM',
    ],
    ['no keys', () => SignatureRequirement.anyKey(), 'SignatureRequirement: keys: got the number 0; 1 to 10 would do'],
    ['no issuer', () => SignatureRequirement.keyless('a@b.c', ''), 'SignatureRequirement: issuer: got ""; the https'],
    ['no expression', () => SignatureRequirement.keyless('/(/', 'https://a.b'), 'identity: got "/(/"; missing closing'],
  ])('a requirement of signatures with %s', (_, make, message) => {
    expect(make).toThrow(message);
  });

  it.each<[string, () => unknown, string]>([
    ['no range', () => TagSelection.semver('newest'), 'TagSelection.semver: got "newest"; a range such as'],
    ['no patterns', () => TagSelection.all().include(), 'got no patterns'],
    ['an empty glob', () => TagSelection.matching('1.*', ''), 'TagSelection: got ""'],
    [
      'a regular expression that looks ahead',
      () => TagSelection.all().include('/^1(?!-rc)/'),
      'TagSelection: got "/^1(?!-rc)/"; lookahead and lookbehind take time without bound',
    ],
    ['too many patterns', () => TagSelection.matching(...Array(101).fill('1.*')), 'got 101 patterns; at most 100'],
    ['the latest none', () => TagSelection.all().latest(0), 'TagSelection.latest: got the number 0'],
    ['half a tag', () => TagSelection.all().min(0.5), 'TagSelection.min: got the number 0.5'],
  ])('a tag selection of %s', (_, make, message) => {
    expect(make).toThrow(message);
  });
});

it('takes values that are known at deployment only', () => {
  const { template } = synthesize((stack) => ({
    memory: Size.mebibytes(new CfnParameter(stack, 'Memory', { type: 'Number' }).valueAsNumber),
    attempts: new CfnParameter(stack, 'Attempts', { type: 'Number' }).valueAsNumber,
    allowedSources: Lazy.list({ produce: () => ['quay.io/**'] }),
    images: [{ source: 'nginx' }],
  }));
  expect(() => template()).not.toThrow();
});

it('fails at synthesis for a role in the own account', () => {
  const accountRoles = [{ account: '123456789012', roleArn: 'arn:aws:iam::123456789012:role/x' }];
  const env = { env: { account: '123456789012', region: 'eu-west-1' } };
  expect(() => synthesize({ accountRoles }, env)).toThrow("accountRoles[0]: got the stack's own account 123456789012");
});

it('fails at synthesis for a key where the region is not known', () => {
  expect(() => synthesize((scope) => ({ encryptionKey: new Key(scope, 'Key') }))).toThrow(
    'encryptionKey: got it in a stack whose region is known at deployment only',
  );
});
