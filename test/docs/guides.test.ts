import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { RegistryCredentials } from '../../lib/index';
import { filled, synthesize } from '../lib/stack';
import { quoted, ROOT, read, section, tableRows } from './documents';

describe('the index of pages', () => {
  it('has every page, once', () => {
    const index = read('docs/README.md');
    const listed = [...index.matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, page]) => page);
    const pages = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md') && name !== 'README.md');
    expect(listed.sort()).toEqual(pages.sort());
  });
});

describe('the page on private networks', () => {
  const page = read('docs/private-networks.md');

  it('names each endpoint that vpcEndpoints makes', () => {
    const isolated = { subnetType: SubnetType.PRIVATE_ISOLATED };
    const { template } = synthesize((stack) => ({
      vpc: new Vpc(stack, 'Vpc', { natGateways: 0, subnetConfiguration: [{ name: 'Isolated', ...isolated }] }),
      vpcSubnets: isolated,
      vpcEndpoints: true,
      credentials: [RegistryCredentials.fromSecret('quay.io', Secret.fromSecretNameV2(stack, 'Secret', 'quay'))],
      accountRoles: [{ account: '222233334444', roleArn: 'arn:aws:iam::222233334444:role/mirror' }],
      eventBus: new EventBus(stack, 'EventBus'),
    }));
    const endpoints = Object.values(template().findResources('AWS::EC2::VPCEndpoint'));
    const of = (type: string) =>
      endpoints
        .filter(({ Properties }) => (Properties.VpcEndpointType ?? 'Gateway') === type)
        .map(({ Properties }) => filled(Properties.ServiceName).split('eu-west-1.').at(-1));
    const row = tableRows(page).find(([prop]) => prop === '`vpcEndpoints`') ?? [];
    const named = quoted(row[1] ?? '').filter((word) => /^[a-z.]+$/.test(word));
    expect(of('Interface').sort()).toEqual(named.sort());
    expect(of('Gateway').sort()).toEqual(['dynamodb', 's3']);
    expect(row[1]).toContain('gateways for Amazon S3 and DynamoDB');
  });
});

describe('the page on mirror, cache and replication', () => {
  it('names each source that a cache can have', () => {
    const [, , cache = ''] = tableRows(read('docs/choosing.md')).find(([what]) => what === 'from') ?? [];
    const names: Readonly<Record<string, string>> = {
      azure: 'Azure',
      chainguard: 'Chainguard',
      dockerHub: 'Docker Hub',
      ecr: 'Amazon ECR',
      ecrPublic: 'ECR Public',
      github: 'GitHub',
      gitlab: 'GitLab.com',
      kubernetes: 'Kubernetes',
      quay: 'Quay',
    };
    const made = [...read('lib/pull-through-upstream.ts').matchAll(/public static (\w+)/g)].map(
      ([, name = '']) => name,
    );
    expect(cache.split(', ').sort()).toEqual(made.map((name) => names[name] ?? `${name}, which is not there`).sort());
  });
});

describe('the README', () => {
  it('can be read in a few minutes', () => {
    expect(read('README.md').split('\n').length).toBeLessThan(160);
    expect(section(read('README.md'), '## In a CDK app')).toContain('new EcrMirror');
  });
});
