import { Duration, Size } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { ContainerImage, CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { EcrMirror, type EcrMirrorProps, RegistryCredentials } from '../../lib/index';
import { WORKER_COMMAND } from '../../lib/model/names';
import { emptyStack, filled, only, synthesize } from './stack';

const DEFINITION = 'AWS::Batch::JobDefinition';
const ISOLATED = SubnetType.PRIVATE_ISOLATED;

describe('worker', () => {
  const template = synthesize().template();

  it('runs the worker on half a vCPU of ARM with 1 GiB, as nobody, unable to write to its disk', () => {
    template.hasResourceProperties(DEFINITION, {
      PlatformCapabilities: ['FARGATE'],
      ContainerProperties: {
        Command: WORKER_COMMAND,
        ResourceRequirements: Match.arrayWith([
          { Type: 'MEMORY', Value: '1024' },
          { Type: 'VCPU', Value: '0.5' },
        ]),
        RuntimePlatform: { CpuArchitecture: 'ARM64' },
        ReadonlyRootFilesystem: true,
        User: '65532',
      },
    });
  });

  it('says of each parameter that it is not given, so that no Ref:: is taken for a value', () => {
    template.hasResourceProperties(DEFINITION, { Parameters: { plan: '-', source: '-', dest: '-' } });
  });

  it('tries again after an interruption, a failed pull and exit 75, but not after bad input', () => {
    template.hasResourceProperties(DEFINITION, {
      RetryStrategy: {
        Attempts: 3,
        EvaluateOnExit: [
          { Action: 'RETRY', OnStatusReason: 'Your Spot Task was interrupted*' },
          { Action: 'RETRY', OnReason: 'CannotPullContainerError:*' },
          { Action: 'RETRY', OnExitCode: '75' },
          { Action: 'EXIT', OnExitCode: '64' },
          { Action: 'EXIT', OnExitCode: '77' },
        ],
      },
    });
  });

  it('takes its size, time, attempts, architecture and image from the user', () => {
    synthesize({
      cpu: 4096,
      memory: Size.gibibytes(8),
      timeout: Duration.hours(1),
      attempts: 5,
      storage: Size.gibibytes(30),
      architecture: CpuArchitecture.X86_64,
      workerImage: ContainerImage.fromRegistry('registry.example.com/worker:1'),
    })
      .template()
      .hasResourceProperties(DEFINITION, {
        Timeout: { AttemptDurationSeconds: 3600 },
        RetryStrategy: { Attempts: 5 },
        ContainerProperties: {
          Image: 'registry.example.com/worker:1',
          EphemeralStorage: { SizeInGiB: 30 },
          RuntimePlatform: { CpuArchitecture: 'X86_64' },
          ResourceRequirements: Match.arrayWith([
            { Type: 'MEMORY', Value: '8192' },
            { Type: 'VCPU', Value: '4' },
          ]),
        },
      });
  });

  it('prefers Spot and has On-Demand after it', () => {
    const { ComputeEnvironmentOrder } = only(template, 'AWS::Batch::JobQueue') as never;
    expect(ComputeEnvironmentOrder).toEqual([
      { Order: 1, ComputeEnvironment: { 'Fn::GetAtt': [expect.stringMatching(/Spot/), 'ComputeEnvironmentArn'] } },
      { Order: 2, ComputeEnvironment: { 'Fn::GetAtt': [expect.stringMatching(/OnDemand/), 'ComputeEnvironmentArn'] } },
    ]);
    template.hasResourceProperties('AWS::Batch::ComputeEnvironment', { ComputeResources: { Type: 'FARGATE_SPOT' } });
    template.hasResourceProperties('AWS::Batch::ComputeEnvironment', { ComputeResources: { Type: 'FARGATE' } });
  });

  it('runs On-Demand alone where Spot is not wanted, within the limit', () => {
    const onDemand = synthesize({ spot: false, maxvCpus: 6 }).template();
    onDemand.resourceCountIs('AWS::Batch::ComputeEnvironment', 1);
    onDemand.hasResourceProperties('AWS::Batch::ComputeEnvironment', {
      ComputeResources: { Type: 'FARGATE', MaxvCpus: 6 },
    });
  });
});

describe("the worker's network", () => {
  it('is its own by default: public addresses, nothing that costs while idle', () => {
    const template = synthesize().template();
    template.resourceCountIs('AWS::EC2::NatGateway', 0);
    template.resourceCountIs('AWS::EC2::VPCEndpoint', 0);
    template.hasResourceProperties(DEFINITION, {
      ContainerProperties: { NetworkConfiguration: { AssignPublicIp: 'ENABLED' } },
    });
  });

  it('is the private part of the given one', () => {
    const { template } = synthesize((stack) => ({ vpc: new Vpc(stack, 'Vpc', { natGateways: 1 }) }));
    template().resourceCountIs('AWS::EC2::VPC', 1);
    template().hasResourceProperties(DEFINITION, {
      ContainerProperties: { NetworkConfiguration: { AssignPublicIp: 'DISABLED' } },
    });
  });

  it('has public addresses in the public subnets of the given one', () => {
    const { template } = synthesize((stack) => ({
      vpc: new Vpc(stack, 'Vpc'),
      vpcSubnets: { subnetType: SubnetType.PUBLIC },
    }));
    template().hasResourceProperties(DEFINITION, {
      ContainerProperties: { NetworkConfiguration: { AssignPublicIp: 'ENABLED' } },
    });
  });

  it('gets endpoints where that is asked for: gateways, and interfaces for what is used', () => {
    const services = (props: Partial<EcrMirrorProps>) => {
      const { template } = synthesize((stack) => ({
        vpc: new Vpc(stack, 'Vpc', { natGateways: 0, subnetConfiguration: [{ name: 'In', subnetType: ISOLATED }] }),
        vpcSubnets: { subnetType: ISOLATED },
        vpcEndpoints: true,
        ...props,
      }));
      const endpoints = Object.values(template().findResources('AWS::EC2::VPCEndpoint'));
      return endpoints.map(({ Properties }) => filled(Properties.ServiceName).split('eu-west-1.').at(-1)).sort();
    };
    const always = ['dynamodb', 'ecr.api', 'ecr.dkr', 'logs', 's3', 'ssm'];
    expect(services({})).toEqual(always);
    const secret = Secret.fromSecretNameV2(emptyStack(), 'Secret', 'hub');
    const accountRoles = [{ account: '210987654321', roleArn: 'arn:aws:iam::210987654321:role/mirror' }];
    expect(services({ credentials: [RegistryCredentials.fromSecret('docker.io', secret)], accountRoles })).toEqual(
      [...always, 'secretsmanager', 'sts'].sort(),
    );
  });

  it('uses the given security groups', () => {
    const stack = emptyStack();
    const vpc = new Vpc(stack, 'Vpc');
    const securityGroup = new SecurityGroup(stack, 'Group', { vpc });
    new EcrMirror(stack, 'Mirror', { vpc, securityGroups: [securityGroup] });
    Template.fromStack(stack).allResourcesProperties('AWS::Batch::ComputeEnvironment', {
      ComputeResources: { SecurityGroupIds: [stack.resolve(securityGroup.securityGroupId)] },
    });
  });
});
