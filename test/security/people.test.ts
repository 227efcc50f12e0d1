import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { allowedTo, CONTROLLER_ROLE, synthesize, WORKER_ROLE } from '../lib/stack';

const person = new ServicePrincipal('ec2.amazonaws.com');
const { mirror, stack, template: made } = synthesize();
mirror.grantManage(new Role(stack, 'Manager', { assumedBy: person }));
mirror.grantPull(new Role(stack, 'Puller', { assumedBy: person }));
const template = made();

/** `action on kind of resource`, for everything that a role may do. */
const may = (role: string) =>
  allowedTo(template, role).flatMap(({ actions, resources }) =>
    actions.flatMap((action) =>
      resources.map((resource) => `${action} on ${resource.replace(/^(\w+?)[0-9A-F]{8}.*$/, '$1')}`),
    ),
  );
const service = (actions: readonly string[]) => [...new Set(actions.map((one) => one.split(':')[0]))].sort();

describe('who may manage rows', () => {
  const actions = may('Manager');

  it('edits rows, reads copies, settings and outputs, starts the controller, and nothing else', () => {
    expect(service(actions)).toEqual(['cloudformation', 'dynamodb', 'lambda', 'ssm']);
    expect(actions.filter((one) => /^(?:cloudformation|ssm):/.test(one))).toEqual([
      expect.stringMatching(/^ssm:GetParameter on arn:\S+:parameter\/MirrorSettings/),
      expect.stringMatching(/^cloudformation:DescribeStacks on arn:\S+:stack\/Test\/\*$/),
    ]);
    const writes = actions.filter((one) => /Put|Update|Delete|Write/.test(one));
    expect(writes.length).toBeGreaterThan(0);
    expect(writes.filter((one) => !one.endsWith(' on MirrorTablesMirrors'))).toEqual([]);
    expect(
      actions.filter((one) => one.startsWith('lambda:') && !/^lambda:InvokeFunction on MirrorController/.test(one)),
    ).toEqual([]);
  });
});

describe('who may pull', () => {
  it('pulls what lies under the prefix, and nothing else', () => {
    const actions = may('Puller').filter((one) => one !== 'ecr:GetAuthorizationToken on *');
    expect(service(actions)).toEqual(['ecr']);
    expect(actions.filter((one) => !/:(?:Get|Batch(?:Get|Check))\w+ on /.test(one))).toEqual([]);
    expect(actions.filter((one) => !one.endsWith('repository/mirror/*'))).toEqual([]);
  });
});

describe('who may submit jobs', () => {
  it('is the controller alone: whoever else may is as good as the worker, whose command and environment a job may override', () => {
    const policies = Object.entries(template.findResources('AWS::IAM::Policy'));
    const submitting = policies.filter(([, policy]) => JSON.stringify(policy).includes('batch:SubmitJob'));
    expect(submitting.map(([id]) => id)).toEqual([expect.stringMatching(new RegExp(`^${CONTROLLER_ROLE}`))]);
  });

  it('may thereby do no more than the worker: no rows, no roles, no repositories of others, no other secret', () => {
    const actions = may(WORKER_ROLE);
    expect(service(actions)).toEqual(['dynamodb', 'ecr', 'ecr-public', 'ssm', 'sts']);
    expect(actions.filter((one) => /MirrorTablesMirrors|iam:|AssumeRole|secretsmanager:/.test(one))).toEqual([]);
    const written = actions.filter((one) => /^ecr:(?:Put|Initiate|Upload|Complete)/.test(one));
    expect(written.length).toBeGreaterThan(0);
    expect(written.filter((one) => !one.endsWith('repository/mirror/*'))).toEqual([]);
  });
});
