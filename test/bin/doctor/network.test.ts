import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { CfnJobDefinition } from 'aws-cdk-lib/aws-batch';
import { InstanceType, IpAddresses, NatProvider, SubnetType, Vpc, type VpcProps } from 'aws-cdk-lib/aws-ec2';
import { CfnRole } from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { judgeNetwork, outsideOf, servicesOf } from '../../../bin/doctor/checks/network';
import { SERVICES, shapeOf } from '../../../bin/doctor/stack-shape';
import { EcrMirror, type EcrMirrorProps, RegistryCredentials } from '../../../lib/index';

const PLACE = { account: '111122223333', partition: 'aws' };

/** What a stack's template says of its workers; physical ids are the logical ones. */
function shapeWith(props: (stack: Stack) => EcrMirrorProps, changed: (stack: Stack) => void = () => undefined) {
  const app = new App({
    analyticsReporting: false,
    builtinCloudFormationValidation: false,
    context: { 'aws:cdk:bundling-stacks': [] },
  });
  const stack = new Stack(app, 'Proof', { env: { account: PLACE.account, region: 'eu-west-1' } });
  const mirror = new EcrMirror(stack, 'Mirror', props(stack));
  changed(stack);
  const document = Template.fromStack(stack).toJSON();
  const ids = new Map(Object.keys(document.Resources).map((id) => [id, id]));
  const controller: string = stack.resolve(mirror.controller.functionName).Ref;
  return shapeOf({ document, ids }, controller, PLACE);
}

function network(stack: Stack, subnetType: SubnetType, natGateways = 0, more: VpcProps = {}): Vpc {
  const subnetConfiguration = [
    { name: 'Workers', subnetType },
    ...(natGateways === 0 ? [] : [{ name: 'Public', subnetType: SubnetType.PUBLIC }]),
  ];
  return new Vpc(stack, 'Vpc', {
    ipAddresses: IpAddresses.cidr('10.0.0.0/16'),
    maxAzs: 1,
    natGateways,
    subnetConfiguration,
    ...more,
  });
}

const judged = (props: (stack: Stack) => EcrMirrorProps, outside: readonly string[] = ['docker.io']) =>
  judgeNetwork(shapeWith(props), outside).map(({ verdict, saw }) => [verdict, saw]);

describe('the network of workers, as a template tells it', () => {
  it('is well in subnets of the construct’s own, and behind a NAT gateway', () => {
    const out = ['ok', 'leads out by an internet gateway'];
    expect(judged(() => ({}))).toEqual([out, out]);
    expect(
      judged((stack) => ({
        vpc: network(stack, SubnetType.PRIVATE_WITH_EGRESS, 1),
        vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      })),
    ).toEqual([['ok', 'leads out by a NAT gateway']]);
  });

  it('is wrong without a way out, and mended by endpoints where all is in Amazon ECR', () => {
    const isolated = (vpcEndpoints: boolean) => (stack: Stack) => ({
      vpc: network(stack, SubnetType.PRIVATE_ISOLATED),
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      vpcEndpoints,
    });
    expect(judged(isolated(false), [])).toEqual([
      ['error', `has no way out, and no endpoints of ${SERVICES.join(', ')}`],
    ]);
    expect(judged(isolated(true), [])).toEqual([['ok', 'has no way out; endpoints lead to all that is needed']]);
    expect(judged(isolated(true), ['docker.io'])).toEqual([
      ['error', 'has no way out, so docker.io cannot be reached'],
    ]);
  });

  it('needs an endpoint more where credentials are secrets, which the construct makes then', () => {
    const isolated = (stack: Stack) => ({
      vpc: network(stack, SubnetType.PRIVATE_ISOLATED),
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      vpcEndpoints: true,
    });
    const secretArn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:ghcr';
    const services = servicesOf({ credentials: [{ for: 'ghcr.io', direction: 'both', secretArn }] });
    expect(judgeNetwork(shapeWith(isolated), [], services).map(({ saw }) => saw)).toEqual([
      'has no way out, and no endpoints of secretsmanager',
    ]);
    const secret = (stack: Stack) => RegistryCredentials.fromSecret('ghcr.io', new Secret(stack, 'Secret'));
    const shape = shapeWith((stack) => ({ ...isolated(stack), credentials: [secret(stack)] }));
    expect(judgeNetwork(shape, [], services).map(({ verdict }) => verdict)).toEqual(['ok']);
    const roles = [{ account: '444455556666', roleArn: 'arn:aws:iam::444455556666:role/mirror' }];
    expect(servicesOf({ credentials: [], roles, eventBus: 'default' })).toEqual([...SERVICES, 'sts', 'events']);
  });

  it('is not known behind an instance that translates addresses', () => {
    const natGatewayProvider = NatProvider.instanceV2({ instanceType: new InstanceType('t4g.nano') });
    expect(
      judged((stack) => ({
        vpc: network(stack, SubnetType.PRIVATE_WITH_EGRESS, 1, { natGatewayProvider }),
        vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      })),
    ).toEqual([['unknown', expect.stringContaining('leads to an instance or another network')]]);
  });

  it('needs a way out to Amazon ECR of another region, to which no endpoint leads', () => {
    const ecr = (region: string, account = '111122223333') => `${account}.dkr.ecr.${region}.amazonaws.com`;
    const registries = [ecr('eu-west-1'), ecr('eu-west-1', '444455556666'), ecr('us-east-1'), 'public.ecr.aws'];
    expect(outsideOf(registries, ecr('eu-west-1'))).toEqual([ecr('us-east-1'), 'public.ecr.aws']);
  });

  it('is not known of subnets of others', () => {
    const imported = (stack: Stack) => ({
      vpc: Vpc.fromVpcAttributes(stack, 'Vpc', {
        vpcId: 'vpc-0123456789abcdef0',
        availabilityZones: ['eu-west-1a'],
        privateSubnetIds: ['subnet-0123456789abcdef0'],
      }),
    });
    expect(judged(imported)).toEqual([['unknown', expect.stringContaining('it is not of this stack')]]);
    expect(shapeWith(imported).subnets).toEqual([{ id: 'subnet-0123456789abcdef0', way: 'elsewhere' }]);
  });

  it('names roles and the queue by what they are called there', () => {
    const shape = shapeWith(() => ({}));
    expect(shape.worker).toMatch(/^arn:aws:iam::111122223333:role\/Mirror.*JobRole/);
    expect(shape.controller).toMatch(/^arn:aws:iam::111122223333:role\/Mirror.*Role/);
    expect(shape.jobQueue).toMatch(/Queue/);
  });

  it('names roles with the path that they have, and those that are made elsewhere', () => {
    const pathed = shapeWith(
      () => ({}),
      (stack) => {
        for (const one of stack.node.findAll()) if (one instanceof CfnRole) one.path = '/teams/images/';
      },
    );
    expect(pathed.worker).toMatch(/^arn:aws:iam::111122223333:role\/teams\/images\/Mirror.*JobRole/);
    const precreated = shapeWith(
      () => ({}),
      (stack) => {
        const made = { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::111122223333:role/made/worker']] };
        for (const one of stack.node.findAll())
          if (one instanceof CfnJobDefinition) one.addPropertyOverride('ContainerProperties.JobRoleArn', made);
      },
    );
    expect(precreated.worker).toBe('arn:aws:iam::111122223333:role/made/worker');
  });

  it('is asked of a template that has a mirror', () => {
    expect(() => shapeOf({ document: { Resources: {} }, ids: new Map() }, 'f', PLACE)).toThrow(/EcrMirror would do/);
  });
});
