// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Fn::Sub is written so
import { type ResolverOptions, resolveTemplate } from '../../../local/template/resolver';
import type { Json, JsonMap } from '../../../local/template/value';

const PLACE = {
  account: '111122223333',
  region: 'eu-west-1',
  partition: 'aws',
  urlSuffix: 'amazonaws.com',
  stackName: 'Stack',
};

const TEMPLATE: JsonMap = {
  Parameters: { Version: { Default: '21' } },
  Mappings: { Sizes: { small: { cpu: '256' } } },
  Conditions: {
    Here: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'eu-west-1'] },
    There: { 'Fn::Not': [{ Condition: 'Here' }] },
  },
  Resources: {
    Table: { Type: 'AWS::DynamoDB::GlobalTable', Properties: {} },
    Named: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'mirrors' } },
    Handler: { Type: 'AWS::Lambda::Function', Properties: { Role: { 'Fn::GetAtt': ['Role', 'Arn'] } } },
    Role: { Type: 'AWS::IAM::Role' },
    Queue: { Type: 'AWS::Batch::JobQueue' },
    Job: { Type: 'AWS::Batch::JobDefinition' },
    Images: { Type: 'AWS::ECR::Repository', Properties: { RepositoryName: 'mirror/nginx' } },
    Vpc: { Type: 'AWS::EC2::VPC' },
    Told: {
      Type: 'AWS::SSM::Parameter',
      Properties: { Value: { 'Fn::Join': ['', ['{"a":"', { Ref: 'Named' }, '"}']] } },
    },
    Elsewhere: { Type: 'AWS::SQS::Queue', Condition: 'There' },
    One: { Type: 'X', Properties: { a: { 'Fn::GetAtt': ['Two', 'b'] } } },
    Two: { Type: 'X', Properties: { b: { Ref: 'One' } } },
  },
};

const resolve = (options: Partial<ResolverOptions> = {}) => resolveTemplate(TEMPLATE, { place: PLACE, ...options });

describe('an intrinsic', () => {
  it.each<[string, Json, Json]>([
    ['Ref of a pseudo parameter', { Ref: 'AWS::AccountId' }, '111122223333'],
    ['Ref of a parameter', { Ref: 'Version' }, '21'],
    ['Ref of a named resource', { Ref: 'Named' }, 'mirrors'],
    ['Ref of one without a name', { Ref: 'Table' }, 'Stack-Table'],
    ['Ref of a job queue', { Ref: 'Queue' }, 'arn:aws:batch:eu-west-1:111122223333:job-queue/Stack-Queue'],
    ['Ref of a job definition', { Ref: 'Job' }, 'arn:aws:batch:eu-west-1:111122223333:job-definition/Stack-Job:1'],
    [
      'Fn::GetAtt as a list',
      { 'Fn::GetAtt': ['Named', 'Arn'] },
      'arn:aws:dynamodb:eu-west-1:111122223333:table/mirrors',
    ],
    ['Fn::GetAtt as text', { 'Fn::GetAtt': 'Role.Arn' }, 'arn:aws:iam::111122223333:role/Stack-Role'],
    [
      'Fn::GetAtt of something that is not run',
      { 'Fn::GetAtt': ['Vpc', 'DefaultSecurityGroup'] },
      'Stack-Vpc-DefaultSecurityGroup',
    ],
    ['Fn::Join', { 'Fn::Join': ['-', ['a', { Ref: 'AWS::Region' }]] }, 'a-eu-west-1'],
    [
      'Fn::Sub',
      { 'Fn::Sub': '${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/${Images}:${!x}' },
      '111122223333.dkr.ecr.eu-west-1.amazonaws.com/mirror/nginx:${x}',
    ],
    [
      'Fn::Sub with an attribute',
      { 'Fn::Sub': '${Images.RepositoryUri}' },
      '111122223333.dkr.ecr.eu-west-1.amazonaws.com/mirror/nginx',
    ],
    ['Fn::Sub with its own names', { 'Fn::Sub': ['${a}/${Named}', { a: { Ref: 'Version' } }] }, '21/mirrors'],
    ['Fn::Select', { 'Fn::Select': [1, { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
    ['Fn::FindInMap', { 'Fn::FindInMap': ['Sizes', 'small', 'cpu'] }, '256'],
    ['Fn::If', { 'Fn::If': ['Here', 'yes', 'no'] }, 'yes'],
    ['Fn::If that leaves a property out', { a: { 'Fn::If': ['There', 'x', { Ref: 'AWS::NoValue' }] }, b: 1 }, { b: 1 }],
    ['Fn::Base64', { 'Fn::Base64': 'x' }, 'eA=='],
    ['what is none', { Condition: { StringEquals: { 'a:b': 'c' } } }, { Condition: { StringEquals: { 'a:b': 'c' } } }],
  ])('%s', (_name, value, expected) => {
    expect(resolve().value(value)).toEqual(expected);
  });

  it('takes what other stacks export', () => {
    expect(resolve({ exports: { Vpc: 'vpc-1' } }).value({ 'Fn::ImportValue': 'Vpc' })).toBe('vpc-1');
  });

  it.each<[string, Json, RegExp]>([
    ['an unknown resource', { Ref: 'Nobody' }, /Ref: got "Nobody"/],
    [
      'an attribute that a resource does not have',
      { 'Fn::GetAtt': ['Named', 'Colour'] },
      /Fn::GetAtt: .*no value here/,
    ],
    ['an import that nobody exports', { 'Fn::ImportValue': 'Nobody' }, /Fn::ImportValue/],
    ['one that is not known', { 'Fn::Transform': {} }, /"Fn::Transform", which the local stack does not resolve/],
    ['a circle', { Ref: 'One' }, /refers to itself/],
  ])('is refused for %s', (_name, value, message) => {
    expect(() => resolve().value(value)).toThrow(message);
  });
});

describe('resources', () => {
  it('have their properties resolved', () => {
    const [handler] = resolve().ofType('AWS::Lambda::Function');
    expect(handler).toMatchObject({
      ref: 'Stack-Handler',
      properties: { Role: 'arn:aws:iam::111122223333:role/Stack-Role' },
    });
  });

  it('are found by several types, and by a pattern', () => {
    const types = resolve().ofType('AWS::DynamoDB::Table', /GlobalTable$/);
    expect(types.map(({ ref }) => ref)).toEqual(['Stack-Table', 'mirrors']);
  });

  it('are left out when their condition does not hold', () => {
    expect(resolve().ofType('AWS::SQS::Queue')).toEqual([]);
  });

  it('give a parameter its value', () => {
    expect(resolve().resource('Told').attributes.Value).toBe('{"a":"mirrors"}');
  });
});
