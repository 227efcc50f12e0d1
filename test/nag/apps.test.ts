import { readdirSync } from 'node:fs';
import * as explained from './explained';
import { type Explanation, explains, type Finding, findings } from './findings';

const { OF_A_MIRROR, OF_SDK_CALLS, OF_OWN_VPC, OF_GIVEN_VPC, OF_TOKENS, OF_PREFIXES } = explained;

const OF_ECR_PUBLIC: Explanation = {
  rule: /^AwsSolutions-IAM5\[Resource::arn:[^ ]*:ecr-public::[^ ]*:repository\/\*\]$/,
  path: /^OutwardMirror\/Mirror\/Worker\/JobRole\/DefaultPolicy\//,
  because: "the example lets what is released go to any repository of the account's own in Amazon ECR Public",
};
const OF_TOPIC: Explanation = {
  rule: /^AwsSolutions-SNS3$/,
  path: /^OutwardMirror\/Alarms\//,
  because: 'CloudWatch alone publishes to the topic, which stands for one that is there',
};
const OF_SERVICE: readonly Explanation[] = [
  {
    rule: /^AwsSolutions-ECS[47]$/,
    path: /^ServiceOnMirroredImages\/(?:Cluster|Task)\//,
    because: 'what the example shows is where its images come from: insights and logs are for the service to choose',
  },
];

const OF_ISOLATED_SERVICE: Explanation = {
  rule: /^AwsSolutions-ECS4$/,
  path: /^ServiceWithoutAWayOut\/Cluster\//,
  because: 'what the example shows is where its images come from: insights are for the service to choose',
};

/** Each app, and what is explained of it. */
const APPS: Readonly<Record<string, readonly Explanation[]>> = {
  'bin/app': [...OF_A_MIRROR, OF_SDK_CALLS, OF_OWN_VPC],
  'examples/accounts-and-regions/app': [...OF_A_MIRROR, OF_SDK_CALLS, OF_OWN_VPC, OF_TOKENS, OF_PREFIXES],
  'examples/ecs-service/app': [
    ...OF_A_MIRROR,
    OF_SDK_CALLS,
    OF_GIVEN_VPC,
    OF_TOKENS,
    ...explained.OF_WAITING,
    ...OF_SERVICE,
  ],
  'examples/existing-table/app': [...OF_A_MIRROR, OF_OWN_VPC],
  'examples/image-list/app': [...OF_A_MIRROR, OF_SDK_CALLS, OF_OWN_VPC],
  'examples/isolated-service/app': [
    ...OF_A_MIRROR,
    OF_SDK_CALLS,
    OF_GIVEN_VPC,
    OF_OWN_VPC,
    OF_TOKENS,
    ...explained.OF_WAITING,
    explained.OF_ENDPOINTS,
    OF_ISOLATED_SERVICE,
  ],
  'examples/outward/app': [...OF_A_MIRROR, OF_SDK_CALLS, OF_OWN_VPC, OF_ECR_PUBLIC, OF_TOPIC],
  'examples/private-subnets/app': [...OF_A_MIRROR, OF_SDK_CALLS, OF_GIVEN_VPC, explained.OF_ENDPOINTS],
  'examples/pull-through-cache/app': [...OF_A_MIRROR, OF_SDK_CALLS, OF_OWN_VPC, OF_TOKENS, OF_PREFIXES],
  'examples/token-rotation/app': [...OF_A_MIRROR, OF_SDK_CALLS, OF_OWN_VPC, OF_TOKENS, OF_PREFIXES],
};

it('the AWS Solutions checks look at the sample and at every example', () => {
  const examples = readdirSync('examples').map((example) => `examples/${example}/app`);
  expect(Object.keys(APPS)).toEqual(['bin/app', ...examples.sort()]);
});

describe.each(Object.entries(APPS))('the AWS Solutions checks of cdk-nag, over %s', (app, explanations) => {
  let found: readonly Finding[];

  beforeAll(async () => {
    found = await findings(() => import(`../../${app}`));
  }, 60_000);

  it('find nothing that is not explained', () => {
    const unexplained = found.filter((finding) => !explanations.some((one) => explains(one)(finding)));
    expect(unexplained.map(({ rule, path }) => `${path}: ${rule}`)).toEqual([]);
  });

  it('find everything that is explained', () => {
    const stale = explanations.filter((one) => !found.some(explains(one)));
    expect(stale.map(({ because }) => because)).toEqual([]);
  });
});
