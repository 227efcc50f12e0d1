import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ContainerImage, CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { type EcrMirrorProps, RegistryCredentials, RepositoryCreation } from '../../lib/index';
import { Env } from '../../lib/model/names';
import { emptyStack, only, synthesize } from '../lib/stack';

const credentials = () => [
  RegistryCredentials.fromSecret('docker.io', Secret.fromSecretNameV2(emptyStack(), 'Secret', 'hub')),
];

const PROPS: readonly (readonly [string, EcrMirrorProps])[] = [
  ['by default', {}],
  ['with an image of the user’s own', { workerImage: ContainerImage.fromRegistry('registry.example.com/worker:1') }],
  [
    'with all that it may do',
    { credentials: credentials(), repositoryCreation: RepositoryCreation.BY_WORKER, metrics: true },
  ],
  ['on another architecture', { architecture: CpuArchitecture.X86_64 }],
];

describe.each(PROPS)('the container of the worker %s', (_what, props) => {
  const template = synthesize(props).template();
  const definition: Record<string, unknown> = only(template, 'AWS::Batch::JobDefinition');
  const container = definition.ContainerProperties as Record<string, unknown>;

  it('runs as a user that is not root, by number', () => {
    expect(container.User).toMatch(/^[1-9]\d*(?::[1-9]\d*)?$/);
  });

  it('cannot write to its file system, and mounts no other', () => {
    expect(container.ReadonlyRootFilesystem).toBe(true);
    expect(container.Volumes ?? []).toEqual([]);
    expect(container.MountPoints ?? []).toEqual([]);
  });

  it('has no capability added, no device, no privilege and no shell to be entered by', () => {
    expect(container.Privileged ?? false).toBe(false);
    expect(container.LinuxParameters ?? {}).toEqual({});
    expect(JSON.stringify(container)).not.toMatch(/ExecuteCommand|EnableExecute/i);
  });

  it('is told names in its environment, and no secret', () => {
    const { Environment: told, Secrets: secrets } = container as {
      Environment: { Name: string }[];
      Secrets?: unknown[];
    };
    expect(told.map(({ Name }) => Name).sort()).toEqual([Env.COPIES_TABLE, Env.SETTINGS_PARAMETER].sort());
    expect(secrets ?? []).toEqual([]);
  });

  it('lets nobody in from the network', () => {
    const groups = Object.values(template.findResources('AWS::EC2::SecurityGroup'));
    expect(groups.length).toBeGreaterThan(0);
    for (const { Properties } of groups) expect(Properties.SecurityGroupIngress ?? []).toEqual([]);
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
  });
});

describe('the Dockerfile of the worker', () => {
  const text = readFileSync(join(__dirname, '..', '..', 'container', 'Dockerfile'), 'utf8');
  const steps = text
    .replace(/\\\n(?:\s*#.*\n)*/g, ' ')
    .split('\n')
    .filter((line) => /^[A-Z]+ /.test(line))
    .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)] as const);
  const of = (step: string) => steps.filter(([name]) => name === step).map(([, words]) => words);

  it('ends as a user that is not root, by number', () => {
    expect(of('USER').at(-1)).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    const after = steps.slice(steps.findLastIndex(([name]) => name === 'USER') + 1).map(([name]) => name);
    expect(after).toEqual(['ENTRYPOINT', 'CMD']);
  });

  it('runs and fetches nothing while it is built', () => {
    expect([...of('RUN'), ...of('ADD')]).toEqual([]);
  });

  it('brings one file, which belongs to root and which nobody may write', () => {
    expect(of('COPY')).toEqual([expect.stringMatching(/^--chown=0:0 --chmod=0444 worker\.js /)]);
  });

  it('takes no secret for an argument', () => {
    expect(of('ARG')).toEqual([]);
    expect(of('ENV').join(' ')).not.toMatch(/token|secret|password|key/i);
  });
});
